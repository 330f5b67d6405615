"""What a killed run has left at a storage: folders and files whose names are the testbed's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from harness import names
from harness.clients.workstations import Workstations
from harness.kinds import Leftover
from harness.model import Infrastructure, Service
from harness.services.issuer.tokens import Token
from harness.services.issuer.user import User
from harness.services.storage.answers import parse_listing
from harness.services.storage.client import FULL_SCOPE, WebDav
from harness.services.storage.kind import WEBDAV

_DEEPEST = 10
"""Levels of folders that scenarios make, and more."""


def leftovers(
    service: Service, *, user: User, home: Infrastructure, workstations: Workstations
) -> Iterator[Leftover]:
    """Return what stands at a WebDAV endpoint under a name of the testbed.

    Raises
    ------
    AssertionError
        where the storage does not list its folder.
    """
    if service.type != WEBDAV:
        return
    webdav = WebDav(service, workstations.http(home.name))
    token = user.token(service.audience, FULL_SCOPE)
    for name in _listed(webdav, "", token):
        if name.startswith(names.OURS):
            yield Leftover(name, partial(_remove, webdav, name, token))


def _listed(webdav: WebDav, folder: str, token: Token) -> list[str]:
    """Return what a folder holds; the folder itself, which a listing names too, is left out."""
    answer = webdav.propfind(f"{folder}/" if folder else "", token=token, depth=1).expect_ok()
    own = folder.rpartition("/")[2]
    return [name for name in parse_listing(answer.body) if name not in ("", own)]


def _remove(webdav: WebDav, path: str, token: Token, depth: int = 0) -> None:
    """Remove a file, or a folder with all that is in it: not every storage does that by itself."""
    if webdav.delete(path, token=token).ok:
        return
    assert depth < _DEEPEST, f"{path}: is nested more deeply than anything of ours"
    for name in _listed(webdav, path, token):
        _remove(webdav, f"{path}/{name}", token, depth + 1)
    webdav.delete(f"{path}/", token=token).expect_ok()

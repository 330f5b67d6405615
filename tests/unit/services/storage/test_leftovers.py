"""What a killed run has left at a storage is found by its name, and removed with all that is in it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from harness.answer import Answer
from harness.services.storage.leftovers import leftovers
from tests.unit.services.storage.test_client import SERVICE, TOKEN

OURS = "interop-testbed-0123456789ab"


class Disk:
    """A WebDAV endpoint whose folders must be empty before they go; as a client of HTTP."""

    def __init__(self, *paths: str, keeps: str = "") -> None:
        self.paths = set(paths)
        self._keeps = keeps

    def request(self, method: str, url: str, **_: Any) -> Answer:
        path = urlsplit(url).path.removeprefix("/vo").strip("/")
        inside = {p for p in self.paths if p.startswith(f"{path}/" if path else "")} - {path}
        status, body = 404, ""
        if method == "PROPFIND":
            near = {p for p in inside if "/" not in p.removeprefix(f"{path}/" if path else "")}
            listed = "".join(
                f"<d:response><d:href>/vo/{one}/</d:href></d:response>"
                for one in (path, *sorted(near))
            )
            status, body = 207, f'<d:multistatus xmlns:d="DAV:">{listed}</d:multistatus>'
        elif method == "DELETE" and path in self.paths:
            status = 409 if inside or path == self._keeps else 204
            self.paths -= {path} if status == 204 else set()
        return Answer(
            what=f"{method} {url}",
            status=status,
            ok=status < 300,
            denied=False,
            body=body.encode(),
        )


class Here:
    """A workstation, and a user of it."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def http(self, _: str) -> Disk:
        return self._disk

    def token(self, audience: str | None, scope: str) -> object:
        return TOKEN


class Home:
    name = "a"


def found(disk: Disk) -> dict[str, Any]:
    here: Any = Here(disk)
    home: Any = Home()
    listed = leftovers(SERVICE, user=here, home=home, workstations=here)
    return {one.what: one.remove for one in listed}


def test_what_bears_our_name_goes_with_all_that_is_in_it() -> None:
    mine = {OURS, f"{OURS}/a", f"{OURS}/b", f"{OURS}/b/c", "interop-testbed-file"}
    others = {"data", "data/x", "my-interop-testbed-notes"}
    disk = Disk(*mine, *others)
    listed = found(disk)
    assert set(listed) == {OURS, "interop-testbed-file"}
    assert disk.paths == mine | others
    for remove in listed.values():
        remove()
    assert disk.paths == others


def test_what_does_not_go_is_told() -> None:
    disk = Disk(OURS, f"{OURS}/a", keeps=f"{OURS}/a")
    with pytest.raises(AssertionError, match="409"):
        found(disk)[OURS]()


def test_a_service_of_another_protocol_is_not_listed() -> None:
    here: Any = Here(Disk(OURS))
    door = SERVICE.model_copy(update={"type": "XRootD"})
    assert list(leftovers(door, user=here, home=here, workstations=here)) == []

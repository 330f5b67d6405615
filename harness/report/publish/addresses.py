"""Which target an address means."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from harness.errors import BadInput
from harness.report.publish.folder import Folder
from harness.report.publish.ssh import Ssh
from harness.report.publish.target import Target

FORMS = "a folder, ssh://[user@]host[:port]/path, s3://bucket[/prefix], swift://container[/prefix]"


def target_of(to: str, *, tree: Path) -> Target:
    """Return the target that an address means.

    Raises
    ------
    BadInput
        where it means none.
    PreconditionError
        where its credentials are not at hand.
    """
    if "://" not in to:
        if not to.strip():
            raise BadInput(f"there is no target to publish to. Name one: {FORMS}.")
        return Folder(Path(to), tree=tree)
    url = _split(to)
    match url.scheme:
        case "ssh":
            if not url.path.strip("/"):
                raise BadInput(f"{to}: names no folder. Write ssh://[user@]host[:port]/path.")
            return Ssh(url)
        case "s3":
            from harness.report.publish.s3 import S3

            return S3.open(url.netloc, url.path.strip("/"))
        case "swift":
            from harness.report.publish.swift import Swift

            return Swift.open(url.netloc, url.path.strip("/"))
        case scheme:
            raise BadInput(f"{to}: nothing is published to {scheme}://. Name {FORMS}.")


def _split(to: str) -> SplitResult:
    """Take an address apart."""
    try:
        url = urlsplit(to)
        _ = url.port
    except ValueError as error:
        raise BadInput(f"{to}: {error}. Name {FORMS}.") from error
    if url.password is not None:
        raise BadInput(
            f"{url.scheme}://...@{url.hostname}: an address must not contain a password: others "
            "could read it in logs and lists of processes. Use an ssh key, or the credentials "
            "that the tools look up."
        )
    if not url.hostname:
        raise BadInput(f"{to}: does not name a target. Name {FORMS}.")
    if url.query or url.fragment:
        raise BadInput(f"{to}: a part after ? or # is not supported. Name {FORMS}.")
    return url

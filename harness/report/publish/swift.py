"""A container of Swift: `--to swift://container/prefix`; the cloud is that of OS_* or clouds.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import openstack
from keystoneauth1 import exceptions as auth
from openstack import exceptions
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from harness.errors import BadInput, PreconditionError, PublishError
from harness.report.publish.target import Sent, Stored, side_by_side
from harness.report.publish.tree import File

_TIMEOUT = 120
"""Seconds that an answer may take."""

_LONGEST_WAIT = 8
"""Seconds between two attempts, at most."""


class Swift:
    """The objects of a container below a prefix.

    Objects go in one piece each, so that each is there at once or not at all, and its entity tag is its
    MD5; Swift takes five gigabytes so.
    """

    def __init__(self, container: str, prefix: str, store: Any) -> None:
        self._container, self._store = container, store
        self._prefix = f"{prefix}/" if prefix else ""
        self._shown = f"swift://{container}/{prefix}"

    @classmethod
    def open(cls, container: str, prefix: str) -> Swift:
        """Log in, and see that the container is there."""
        target = cls(container, prefix, None)
        with target._told():
            target._store = openstack.connect().object_store
            answer = target._ask("HEAD", f"/{quote(container)}")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise BadInput(
                f"{target._shown}: there is no container {container!r}. Create it first: "
                f"`openstack container create {container}`."
            )
        target._expect(answer)
        return target

    def look(self, names: Sequence[str]) -> Mapping[str, Stored]:
        """Return those of the files that are there."""
        found: dict[str, Stored] = {}

        def ask(name: str) -> None:
            answer = self._ask("HEAD", self._path(name))
            if answer.status_code != HTTPStatus.NOT_FOUND:
                self._expect(answer)
                size = int(answer.headers["Content-Length"])
                found[name] = Stored(size, answer.headers.get("Etag", "").strip('"') or None)

        with self._told():
            side_by_side(ask, names, lambda _: None)
        return found

    def below(self, folder: str) -> Mapping[str, Stored]:
        """Return all files below a folder."""
        found: dict[str, Stored] = {}
        query = {"format": "json", "prefix": f"{self._prefix}{folder}/"}
        with self._told():
            while page := self._page(query):
                for item in page:
                    name = item["name"].removeprefix(self._prefix)
                    found[name] = Stored(item["bytes"], item["hash"])
                query["marker"] = page[-1]["name"]
        return found

    def read(self, name: str) -> bytes:
        """Return a file that is there."""
        with self._told():
            answer = self._ask("GET", self._path(name))
        self._expect(answer)
        content: bytes = answer.content
        return content

    def put(self, files: Sequence[File], sent: Sent) -> None:
        """Put several objects at the same time."""

        def store(file: File) -> None:
            headers = {"Content-Type": file.content_type, "ETag": file.md5}
            self._expect(self._ask("PUT", self._path(file.name), file=file, headers=headers))

        with self._told():
            side_by_side(store, files, sent)

    def close(self) -> None:
        """Close the connections."""
        if self._store is not None:
            self._store.session.session.close()

    def _path(self, name: str) -> str:
        return f"/{quote(self._container)}/{quote(self._prefix + name)}"

    def _page(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        answer = self._ask("GET", f"/{quote(self._container)}", params=query)
        self._expect(answer)
        page: list[dict[str, Any]] = answer.json() if answer.content else []
        return page

    def _ask(self, method: str, path: str, *, file: File | None = None, **words: Any) -> Any:
        """Ask, and again where no answer comes or the server is in trouble."""
        answer = None
        for attempt in Retrying(
            retry=retry_if_exception_type((auth.ConnectFailure, _Trouble)),
            wait=wait_exponential(max=_LONGEST_WAIT),
            stop=stop_after_attempt(4),
            reraise=True,
        ):
            with attempt:
                content = file.path.read_bytes() if file else None
                answer = self._store.request(
                    path, method, data=content, timeout=_TIMEOUT, raise_exc=False, **words
                )
                if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise _Trouble(_said(answer))
        return answer

    def _expect(self, answer: Any) -> None:
        """Refuse an answer that is no success."""
        if answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise PreconditionError(
                f"{self._shown}: access is denied ({_said(answer)}). The user of OS_* or clouds.yaml "
                "must be allowed to list, read and write there."
            )
        if answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise PublishError(self._shown, f"the target is full ({_said(answer)})")
        if not answer.ok:
            raise PublishError(self._shown, _said(answer))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say what went wrong."""
        try:
            yield
        except _Trouble as error:
            raise PublishError(self._shown, str(error)) from error
        except (auth.Unauthorized, auth.Forbidden) as error:
            raise PreconditionError(
                f"{self._shown}: Keystone refused the log-in ({error}). {_CREDENTIALS}"
            ) from error
        except (auth.AuthPluginException, exceptions.ConfigException) as error:
            raise PreconditionError(f"{self._shown}: {error}. {_CREDENTIALS}") from error
        except (auth.ClientException, exceptions.SDKException) as error:
            raise PublishError(self._shown, str(error)) from error


_CREDENTIALS = (
    "The cloud is that of the variables OS_AUTH_URL, OS_USERNAME ..., or the one of clouds.yaml that "
    "OS_CLOUD names; `openstack token issue` tells whether they are right."
)


class _Trouble(Exception):
    """The server is in trouble; it may have passed in a moment."""


def _said(answer: Any) -> str:
    return f"{answer.request.method} {answer.url}: HTTP {answer.status_code} {answer.reason}"

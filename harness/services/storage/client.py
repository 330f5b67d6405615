"""WebDAV with third-party copy, and the commands that users type for storage.

One class serves every make of endpoint: what differs between makes is theirs to answer for.
"""

from __future__ import annotations

import base64
import datetime as dt
import random
import re
import secrets
import shlex
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Literal
from urllib.parse import quote, unquote, urlsplit
from xml.etree import ElementTree

from harness.answer import Answer
from harness.clients.http import Http
from harness.clients.workstations import Workstation
from harness.model import Service
from harness.services.issuer.client import Token
from harness.services.storage.kind import StorageSettings

KIB, MIB = 2**10, 2**20
_BLOCK = MIB

FULL_SCOPE = "storage.read:/ storage.create:/ storage.modify:/"
"""All that a user may do with data (WLCG Token Profile 1.3, section 2.2.1)."""

_COPY_TIMEOUT = 180
"""Seconds without a byte of the answer after which a third-party copy is given up."""


@dataclass(frozen=True)
class RandomData:
    """Random bytes that are made again from their seed, so that large ones need no memory."""

    size: int
    seed: int = field(default_factory=lambda: secrets.randbits(63))

    def __iter__(self) -> Iterator[bytes]:
        return self.blocks()

    def blocks(self) -> Iterator[bytes]:
        """Yield the bytes; every block begins with its number, so that none can stand for another."""
        base = random.Random(self.seed).randbytes(min(_BLOCK, self.size))  # noqa: S311, no secret
        for start in range(0, self.size, _BLOCK):
            block = (start.to_bytes(8, "big") + base[8:])[: self.size - start]
            yield block

    @cached_property
    def content(self) -> bytes:
        """All bytes at once; for small data."""
        return b"".join(self.blocks())

    @cached_property
    def adler32(self) -> str:
        """Our own sum of the bytes: eight hexadecimal digits."""
        sum_ = 1
        for block in self.blocks():
            sum_ = zlib.adler32(block, sum_)
        return f"{sum_:08x}"


def parse_size(text: str) -> int:
    """Return the bytes of `0 B`, `4 KiB`, `256 MiB`.

    Raises
    ------
    ValueError
        where it is not such a size.
    """
    units = {"B": 1, "KiB": KIB, "MiB": MIB}
    match text.split():
        case [number, unit] if number.isdecimal() and unit in units:
            return int(number) * units[unit]
    raise ValueError(f"{text!r} is no size; write `0 B`, `4 KiB` or `256 MiB`")


def parse_digest(header: str) -> dict[str, str]:
    """Return algorithm -> sum in hexadecimal of a `Digest` header (RFC 3230, section 4.3.2).

    Sums of fixed-size checksums are hexadecimal already; those of MD5 and SHA are base64.
    """
    sums = {}
    for part in filter(None, (p.strip() for p in header.split(","))):
        algorithm, _, value = part.partition("=")
        name = algorithm.strip().lower()
        if name in ("md5", "sha", "sha-256", "sha-512"):
            sums[name] = base64.b64decode(value).hex()
        else:
            sums[name] = value.strip().lower().rjust(8, "0")
    return sums


@dataclass(frozen=True)
class Entry:
    """What a listing tells of a file; None where it does not tell it."""

    size: int | None
    modified: dt.datetime | None


def parse_listing(body: str) -> dict[str, Entry]:
    """Return name -> what an answer to PROPFIND tells of it (RFC 4918, section 14.16).

    Raises
    ------
    AssertionError
        where it is no such answer.
    """
    try:
        root = ElementTree.fromstring(body)  # noqa: S314, from a site that is put to the test
    except ElementTree.ParseError as error:
        raise AssertionError(f"the listing is no XML ({error}): {body[:200]!r}") from error
    return {
        unquote(response.findtext("{DAV:}href", "")).rstrip("/").rpartition("/")[2]: _entry(
            response
        )
        for response in root.iter("{DAV:}response")
    }


def _entry(response: ElementTree.Element) -> Entry:
    size = response.findtext(".//{DAV:}getcontentlength", "")
    modified = response.findtext(".//{DAV:}getlastmodified", "")
    return Entry(
        size=int(size) if size.isdecimal() else None,
        modified=parsedate_to_datetime(modified) if modified else None,
    )


@dataclass(frozen=True)
class Marker:
    """One report of progress of a third-party copy (HTTP-TPC, progress)."""

    timestamp: int
    """Seconds since the epoch."""
    fields: Mapping[str, str]

    @property
    def transferred(self) -> int | None:
        """Bytes so far of the stripe; None where they are not told."""
        value = self.fields.get("Stripe Bytes Transferred", "")
        return int(value) if value.isdecimal() else None


def parse_markers(body: str) -> list[Marker]:
    """Return the complete performance markers of an answer to COPY; unknown fields are kept."""
    markers = []
    for block in re.findall(r"^Perf Marker[ \t]*\n(.*?)^End[ \t]*$", body, re.M | re.S):
        fields = {
            name.strip(): value.strip()
            for name, colon, value in (line.partition(":") for line in block.splitlines())
            if colon
        }
        stamp = fields.get("Timestamp", "")
        if stamp.isdecimal():
            markers.append(Marker(timestamp=int(stamp), fields=fields))
    return markers


def parse_result(body: str) -> tuple[bool, str]:
    """Return whether a third-party copy succeeded, and the line that says so.

    The result line decides, whatever the status of the answer was: that is sent before the copy
    begins (HTTP-TPC, result). Text after it is ignored; a body without one is no success.
    """
    for line in body.splitlines():
        words = line.strip()
        if re.match(r"(?i)success\b", words):
            return True, words
        if re.match(r"(?i)(failure|failed|aborted)\b", words):
            return False, words
    return False, ""


def _judge_copy(answer: Answer) -> Answer:
    """Return the answer to a COPY, judged by its result line."""
    success, line = parse_result(answer.text)
    refused_remotely = re.search(r"\b(401|403)\b|(?i:permission denied|forbidden)", line)
    return replace(
        answer,
        ok=answer.ok and success,
        denied=answer.denied or (not success and bool(refused_remotely)),
    )


def _for_the_remote(headers: Mapping[str, str], remote: Token | None) -> dict[str, str]:
    """Return the headers of a copy with the credential for the other end.

    The client's own token goes to the endpoint asked; the other end's travels along with it.
    """
    authorization = (
        {"TransferHeaderAuthorization": f"Bearer {remote.value}"} if remote is not None else {}
    )
    return {**headers, "Credential": "none", **authorization}


class WebDav:
    """A WebDAV endpoint as a user's tool reaches it; paths are below the endpoint."""

    def __init__(self, service: Service, http: Http) -> None:
        self.service = service
        self._http = http

    def url(self, path: str) -> str:
        """Return the URL of a path, its blanks and other odd letters escaped (RFC 3986, section 2.1)."""
        return f"{self.service.endpoint.rstrip('/')}/{quote(path.lstrip('/'))}"

    def scope_path(self, path: str) -> str:
        """Return the path as a scope names it: that of the URL, from the issuer's prefix on.

        WLCG Token Profile 1.3, section 2.2.3.
        """
        whole = self.url(path).removeprefix(self.service.origin)
        return whole.removeprefix(StorageSettings.of(self.service).scope_prefix) or "/"

    def put(self, path: str, data: RandomData, *, token: Token | None) -> Answer:
        """Upload; with `Expect` where there is content, so that a refusal comes before it.

        RFC 9110, section 10.1.1.
        """
        large = data.size > _BLOCK
        expect = {"Expect": "100-continue"} if data.size else {}
        return self._send(
            "PUT",
            path,
            token,
            headers={**expect, "Content-Length": str(data.size)},
            content=data if large else data.content,
            timeout=_COPY_TIMEOUT,
        )

    def get(self, path: str, *, token: Token | None, byte_range: str = "") -> Answer:
        """Download a file, or a range of its bytes: `0-99` (RFC 9110, section 14.1.2)."""
        headers = {"Range": f"bytes={byte_range}"} if byte_range else {}
        return self._send("GET", path, token, headers=headers)

    def head(self, path: str, *, token: Token | None, want_digest: str = "") -> Answer:
        """Ask for the properties of a file, and a checksum where one is wanted (RFC 3230)."""
        return self._send(
            "HEAD", path, token, headers={"Want-Digest": want_digest} if want_digest else {}
        )

    def delete(self, path: str, *, token: Token | None) -> Answer:
        """Delete a file or an empty collection."""
        return self._send("DELETE", path, token)

    def mkcol(self, path: str, *, token: Token | None) -> Answer:
        """Make a collection."""
        return self._send("MKCOL", path, token)

    def move(self, path: str, to: str, *, token: Token | None, overwrite: bool = True) -> Answer:
        """Rename (RFC 4918, section 9.9)."""
        headers = {"Destination": self.url(to), "Overwrite": "T" if overwrite else "F"}
        return self._send("MOVE", path, token, headers=headers)

    def duplicate(
        self, path: str, to: str, *, token: Token | None, overwrite: bool = True
    ) -> Answer:
        """Copy within this endpoint (RFC 4918, section 9.8)."""
        headers = {"Destination": self.url(to), "Overwrite": "T" if overwrite else "F"}
        return self._send("COPY", path, token, headers=headers)

    def propfind(self, path: str, *, token: Token | None, depth: int = 0) -> Answer:
        """List properties (RFC 4918, section 9.1)."""
        return self._send("PROPFIND", path, token, headers={"Depth": str(depth)})

    def pull(
        self,
        path: str,
        source: str,
        *,
        token: Token | None,
        source_token: Token | None,
        overwrite: bool = True,
        destination: str | None = None,
        passed_on: Mapping[str, str] | None = None,
    ) -> Answer:
        """Let this endpoint fetch the URL `source`; judged by the result line.

        No client may name a `destination` too (HTTP-TPC, request): only to see it refused. `passed_on`
        are headers for the source, beside the token for it.
        """
        headers = {"Source": source, "Overwrite": "T" if overwrite else "F"}
        if destination is not None:
            headers["Destination"] = destination
        return self._copy(path, headers, token, source_token, passed_on)

    def abandon_pull(
        self,
        path: str,
        source: str,
        *,
        token: Token | None,
        source_token: Token | None,
        after: float,
    ) -> None:
        """Let this endpoint fetch the URL `source`, and hang up after so many seconds of silence."""
        url = self.url(path)
        self._http.hang_up(
            "COPY",
            url,
            token=token.value if token else None,
            headers=_for_the_remote({"Source": source, "Overwrite": "T"}, source_token),
            after=after,
            extensions={"target": urlsplit(url).path.encode()},
        )

    def push(
        self,
        path: str,
        destination: str,
        *,
        token: Token | None,
        destination_token: Token | None,
        overwrite: bool = True,
        passed_on: Mapping[str, str] | None = None,
    ) -> Answer:
        """Let this endpoint send a file to the URL `destination`; judged by the result line.

        `passed_on` are headers for the destination, beside the token for it.
        """
        headers = {"Destination": destination, "Overwrite": "T" if overwrite else "F"}
        return self._copy(path, headers, token, destination_token, passed_on)

    def _copy(
        self,
        path: str,
        headers: dict[str, str],
        token: Token | None,
        remote: Token | None,
        passed_on: Mapping[str, str] | None,
    ) -> Answer:
        headers |= {f"TransferHeader{name}": value for name, value in (passed_on or {}).items()}
        sent = _for_the_remote(headers, remote)
        return _judge_copy(self._send("COPY", path, token, headers=sent, timeout=_COPY_TIMEOUT))

    def _send(
        self,
        method: str,
        path: str,
        token: Token | None,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | RandomData | None = None,
        timeout: float = 60,
    ) -> Answer:
        url = self.url(path)
        return self._http.request(
            method,
            url,
            token=token.value if token else None,
            headers=headers,
            content=content,
            timeout=timeout,
            # To the letter: no library shall tidy up a path with dots before the storage sees it.
            extensions={"target": urlsplit(url).path.encode()},
        )


Client = Literal["curl", "davix", "rclone"]
"""A client of WebDAV at the user's workstation, beside gfal2."""


class StorageCommands:
    """The commands for storage at the user's workstation; they find the token in the environment."""

    def __init__(self, workstation: Workstation) -> None:
        self._workstation = workstation
        self._folder = f"/tmp/storage-{secrets.token_hex(6)}"  # noqa: S108, of the workstation
        self._made = False

    def gfal_copy(
        self,
        source: str,
        destination: str,
        *,
        token: Token | None,
        mode: str = "pull",
        expecting: str = "",
    ) -> Answer:
        """Copy between two URLs; the command compares the adler32 of both ends.

        `mode` says which end works where both are WebDAV: `pull` (the destination), `push` (the
        source), or `streamed` (this command). A file of the workstation is `file:///path`. Where the
        user knows the adler32 to expect, what arrived is compared with that.
        """
        sums = (
            ["-K", f"ADLER32:{expecting}", "--checksum-mode", "target"]
            if expecting
            else ["-K", "ADLER32", "--checksum-mode", "both"]
        )
        return self._run(["gfal-copy", "--copy-mode", mode, *sums, source, destination], token)

    def store(self, client: Client, here: str, url: str, *, token: Token | None) -> Answer:
        """Store a file of the workstation at a WebDAV URL by one of the clients that users have."""
        match client:
            case "curl":
                return self._curl(["--upload-file", here, url], token)
            case "davix":
                return self._run(f"davix-put {_DAVIX_HEADER} {here} {url}", token)
            case "rclone":
                folder, _, name = url.rpartition("/")
                return self._rclone(folder, here, f":webdav:{name}", token)

    def fetch(self, client: Client, url: str, here: str, *, token: Token | None) -> Answer:
        """Fetch a file of a WebDAV URL to the workstation by one of the clients that users have."""
        match client:
            case "curl":
                return self._curl(["--output", here, url], token)
            case "davix":
                return self._run(f"davix-get {_DAVIX_HEADER} {url} {here}", token)
            case "rclone":
                folder, _, name = url.rpartition("/")
                return self._rclone(folder, f":webdav:{name}", here, token)

    def xrdcp(self, source: str, destination: str, *, token: Token | None) -> Answer:
        """Copy between the workstation and an xroot URL; the token goes by the protocol `ztn`."""
        return self._run(["xrdcp", "--silent", "--force", source, destination], token)

    def write_at(self, offset: int, text: str, url: str, *, token: Token | None) -> Answer:
        """Write a text into a new file at an offset, by gfal2; what is before it is a hole."""
        return self._run(["python3", "-c", _WRITE_AT, url, str(offset), text], token)

    def path(self) -> str:
        """Return a path of the workstation where no file is yet."""
        if not self._made:
            self._run(["mkdir", "-m", "0700", self._folder], None).expect_ok()
            self._made = True
        return f"{self._folder}/{secrets.token_hex(4)}"

    def make_file(self, size: int) -> str:
        """Make a file of random bytes at the workstation and return its path."""
        path = self.path()
        self._run(f"head -c {size} /dev/urandom > {path}", None).expect_ok()
        return path

    def adler32(self, path: str) -> str:
        """Return the sum of a file of the workstation."""
        return self._run(["xrdadler32", path], None).expect_ok().text.split()[0]

    def close(self) -> None:
        """Remove what was brought to the workstation."""
        if self._made:
            self._run(["rm", "-rf", self._folder], None)

    def _curl(self, words: list[str], token: Token | None) -> Answer:
        header = f"Authorization: Bearer {token.value}" if token else ""
        line = f'curl --silent --show-error --fail -H @"${_HEADER}" {shlex.join(words)}'
        return self._run(line, None, private={_HEADER: header})

    def _rclone(self, folder: str, source: str, destination: str, token: Token | None) -> Answer:
        env = {"RCLONE_WEBDAV_URL": folder, "RCLONE_WEBDAV_VENDOR": "other"}
        if token:
            env["RCLONE_WEBDAV_BEARER_TOKEN"] = token.value
        return self._run(["rclone", "copyto", "--retries", "1", source, destination], None, env=env)

    def _run(
        self,
        command: list[str] | str,
        token: Token | None,
        *,
        env: Mapping[str, str] | None = None,
        private: Mapping[str, str] | None = None,
    ) -> Answer:
        env = {**(env or {}), **({"BEARER_TOKEN": token.value} if token else {})}
        done = self._workstation.run(command, env=env, private=private)
        output = done.stdout + done.stderr
        return Answer(
            what=command if isinstance(command, str) else " ".join(command),
            status=done.code,
            ok=done.code == 0,
            denied=done.code != 0 and bool(_REFUSED.search(output)),
            body=output.encode(),
            duration=done.duration,
        )


_WRITE_AT = """
import gfal2, os, sys
url, offset, text = sys.argv[1:]
file = gfal2.creat_context().open(url, "w")
file.lseek(int(offset), os.SEEK_SET)
file.write(text)
"""

_HEADER = "HEADER"
"""Variable that names the file with the header of a request of curl."""

_DAVIX_HEADER = '${BEARER_TOKEN:+-H "Authorization: Bearer $BEARER_TOKEN"}'
"""davix looks for no token of its own accord, and takes headers as words only: the user's to see."""

_REFUSED = re.compile(
    r"(?i)\b(401|403)\b|permission denied|unauthori[sz]ed|forbidden|not authorized|auth failed"
)
"""How the commands say that they were refused."""

"""The commands that users type for storage, at their workstation."""

from __future__ import annotations

import json
import re
import secrets
import shlex
from collections.abc import Mapping
from importlib.resources import files
from typing import Literal

from harness import names
from harness.answer import Answer
from harness.clients.outages import outages
from harness.clients.silence import raise_if_silent
from harness.clients.workstations import Workstation
from harness.errors import Unusable
from harness.services.issuer.tokens import Token
from harness.services.storage.refusals import is_refusal

Client = Literal["curl", "davix", "rclone"]
"""A client of WebDAV at the user's workstation, beside gfal2."""
Redirected = Literal["curl", "davix", "gfal"]
"""A client of WebDAV that follows redirects, which rclone does not."""


class StorageCommands:
    """The storage commands at the user's workstation. They read the token from the environment.

    Each raises `Unreachable` where no service answered it.
    """

    def __init__(self, workstation: Workstation) -> None:
        self._workstation = workstation
        self._folder = f"/tmp/{names.fresh()}"  # noqa: S108, of the workstation
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
        """Copy between two URLs. The command compares the Adler-32 checksums of both ends.

        `mode` says which end works where both are WebDAV: `pull` (the destination), `push` (the
        source), or `streamed` (this command). A file of the workstation is `file:///path`. Where the
        user knows the adler32 to expect, what arrived is compared with that.
        """
        sums = (
            ["-K", f"ADLER32:{expecting}", "--checksum-mode", "target"]
            if expecting
            else ["-K", "ADLER32", "--checksum-mode", "both"]
        )
        line = ["gfal-copy", "--copy-mode", mode, *sums, source, destination]
        return self._run(line, token, writes=_is_remote(destination))

    def gfal_copy_folder(self, source: str, here: str, *, token: Token | None) -> Answer:
        """Copy a folder of a WebDAV URL, and all that is in it, to a path of the workstation."""
        return self._run(["gfal-copy", "--recursive", source, f"file://{here}"], token)

    def sums_in(self, here: str) -> frozenset[str]:
        """Return the adler32 of each file in a folder of the workstation, and in the folders within it.

        A folder that is not there has none.
        """
        found = self._run(["find", here, "-type", "f", "-exec", "xrdadler32", "{}", ";"], None)
        sums = re.findall(r"(?m)^([0-9A-Fa-f]{1,8})\s", found.text)
        return frozenset(one.lower().rjust(8, "0") for one in sums)

    def store(self, client: Client, here: str, url: str, *, token: Token | None) -> Answer:
        """Upload a file of the workstation to a WebDAV URL, with one of the clients that users
        have.
        """
        match client:
            case "curl":
                return self._curl(["--upload-file", here, url], token, writes=True)
            case "davix":
                return self._run(f"davix-put {_DAVIX_HEADER} {here} {url}", token, writes=True)
            case "rclone":
                folder, _, name = url.rpartition("/")
                return self._rclone(folder, here, f":webdav:{name}", token, writes=True)

    def fetch(self, client: Client, url: str, here: str, *, token: Token | None) -> Answer:
        """Download a WebDAV URL to the workstation, with one of the clients that users have."""
        match client:
            case "curl":
                return self._curl(["--output", here, url], token)
            case "davix":
                return self._run(f"davix-get {_DAVIX_HEADER} {url} {here}", token)
            case "rclone":
                folder, _, name = url.rpartition("/")
                return self._rclone(folder, f":webdav:{name}", here, token)

    def token_at(self, scheme: Literal["https", "http"], client: Redirected) -> frozenset[str]:
        """Download from a storage that redirects to another origin, and return which of the two
        received the token.

        They are called `storage` and `elsewhere`; the latter is of that scheme. Both listen at the
        workstation itself, and the token is worth nothing: no service is asked, and none is harmed.

        Raises
        ------
        Unusable
            where the command did not reach the storage, so that nothing is known.
        """
        program = files(__package__).joinpath("programs/redirecting_storage.py")
        words = ["python3", "-c", program.read_text(encoding="utf-8"), scheme, _FETCHES[client]]
        token = Token(f"worth-nothing-{secrets.token_hex(16)}")
        done = self._workstation.run(
            words, env={"BEARER_TOKEN": token.value}, note=f"{client} is redirected to {scheme}"
        )
        try:
            requests = json.loads(done.stdout)["requests"]
            seen = frozenset(str(one["origin"]) for one in requests if one["token"])
        except (ValueError, KeyError, TypeError) as error:
            raise Unusable(f"the test of {client} ended with {done.code}: {done.stderr}") from error
        if "storage" not in seen:
            raise Unusable(f"{client} did not send the token to the storage: {done.stdout}")
        return seen

    def xrdcp(self, source: str, destination: str, *, token: Token | None) -> Answer:
        """Copy between the workstation and an xroot URL. The token is sent by the protocol
        `ztn`.
        """
        line = ["xrdcp", "--silent", "--force", source, destination]
        return self._run(line, token, writes=_is_remote(destination))

    def write_at(self, offset: int, text: str, url: str, *, token: Token | None) -> Answer:
        """Write a text into a new file at an offset, with gfal2. The part before the offset is a
        hole.
        """
        program = files(__package__).joinpath("programs/write_at.py").read_text(encoding="utf-8")
        return self._run(["python3", "-c", program, url, str(offset), text], token, writes=True)

    def path(self) -> str:
        """Return the path of a new file at the workstation."""
        if not self._made:
            self._run(["mkdir", "-m", "0700", self._folder], None).expect_ok()
            self._made = True
        return f"{self._folder}/{secrets.token_hex(4)}"

    def make_file(self, size: int) -> str:
        """Make a file of random bytes at the workstation, and return its path."""
        path = self.path()
        self._run(f"head -c {size} /dev/urandom > {path}", None).expect_ok()
        return path

    def adler32(self, path: str) -> str:
        """Return the checksum of a file at the workstation.

        Raises
        ------
        Unusable
            where the command of the workstation tells none.
        """
        answer = self._run(["xrdadler32", path], None).expect_ok()
        found = re.match(r"\s*([0-9A-Fa-f]{1,8})\s", f"{answer.text} ")
        if not found:
            raise Unusable(f"xrdadler32 printed no readable checksum: {answer}")
        return found[1].lower().rjust(8, "0")

    def close(self) -> None:
        """Remove the files from the workstation."""
        if self._made:
            self._run(["rm", "-rf", self._folder], None)

    def _curl(self, words: list[str], token: Token | None, *, writes: bool = False) -> Answer:
        header = f"Authorization: Bearer {token.value}" if token else ""
        line = f'curl --silent --show-error --fail -H @"${_HEADER}" {shlex.join(words)}'
        return self._run(line, None, private={_HEADER: header}, writes=writes)

    def _rclone(
        self,
        folder: str,
        source: str,
        destination: str,
        token: Token | None,
        *,
        writes: bool = False,
    ) -> Answer:
        env = {"RCLONE_WEBDAV_URL": folder, "RCLONE_WEBDAV_VENDOR": "other"}
        if token:
            env["RCLONE_WEBDAV_BEARER_TOKEN"] = token.value
        line = ["rclone", "copyto", "--retries", "1", source, destination]
        return self._run(line, None, env=env, writes=writes)

    def _run(
        self,
        command: list[str] | str,
        token: Token | None,
        *,
        env: Mapping[str, str] | None = None,
        private: Mapping[str, str] | None = None,
        writes: bool = False,
    ) -> Answer:
        env = {**(env or {}), **({"BEARER_TOKEN": token.value} if token else {})}
        what = command if isinstance(command, str) else " ".join(command)
        tool = _tool(what)
        with outages.asking(_origin(what, env) if tool else "", via=self._workstation.host.name):
            done = self._workstation.run(command, env=env, private=private, writes=writes)
            if tool:
                raise_if_silent(done, tool=tool, host=_host(what, env))
        return Answer(
            what=what,
            status=done.code,
            ok=done.code == 0,
            denied=done.code != 0 and is_refusal(what, done.stderr),
            body=(done.stdout + done.stderr).encode(),
            duration=done.duration,
        )


def _is_remote(place: str) -> bool:
    """Tell whether a copy goes to a storage, and not to a file of the workstation."""
    return "://" in place and not place.startswith("file://")


def _tool(line: str) -> str:
    """Return the client that a command line runs; empty where it asks no service."""
    if _GFAL_PROGRAM in line:
        return "gfal"
    name = line.partition(" ")[0].partition("-")[0]
    return name if name in ("curl", "davix", "gfal", "rclone", "xrdcp") else ""


def _host(line: str, env: Mapping[str, str]) -> str:
    """Return the first host that a command asks."""
    found = _URL.search(" ".join((line, *env.values())))
    return found[3] if found else "the storage"


def _origin(line: str, env: Mapping[str, str]) -> str:
    """Return scheme, host and port of the one service that a command asks; empty where it asks several."""
    found = {f"{one[1]}://{one[2]}" for one in _URL.finditer(" ".join((line, *env.values())))}
    return found.pop() if len(found) == 1 else ""


_URL = re.compile(
    r"\b(https?|davs?|xroots?|roots?)://(?:[^/@\s]+@)?((\[[^]]+\]|[^/:\s']+)(?::\d+)?)"
)
_GFAL_PROGRAM = "gfal2."
"""Stands in every program that uses the library itself."""

_BEARER = '-H "Authorization: Bearer $BEARER_TOKEN"'
_FETCHES: Mapping[Redirected, str] = {
    "curl": f"curl -sSf --insecure --location {_BEARER} -o {{file}} {{url}}",
    "davix": f"davix-get --insecure {_BEARER} {{url}} {{file}}",
    "gfal": 'gfal-copy -D "HTTP PLUGIN:INSECURE=true" {url} file://{file}',
}
"""How each fetches `{url}` to `{file}`, whatever the storage's certificate."""

_HEADER = "HEADER"
"""Variable that names the file with the header of a request of curl."""

_DAVIX_HEADER = '${BEARER_TOKEN:+-H "Authorization: Bearer $BEARER_TOKEN"}'
"""davix looks for no token of its own accord, and takes headers as words only: the user's to see."""

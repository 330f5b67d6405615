"""A folder of another machine, by its ssh and a POSIX shell there: `--to ssh://host/path`.

Files travel as a tar stream into a hidden folder beside their places, and are renamed when the stream has
ended; so nothing is needed there but sh and tar, and a lost connection leaves no part of a file.
"""

from __future__ import annotations

import io
import re
import secrets
import shlex
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO
from urllib.parse import SplitResult, unquote

from harness.errors import BadInput, PreconditionError, PublishError
from harness.report.publish.folder import PART
from harness.report.publish.target import Sent, Stored
from harness.report.publish.tree import File

# Never asks, for nobody may be there to answer; host keys are checked as ssh is configured to.
_OPTIONS = (
    "-T",
    "-o", "BatchMode=yes",
    "-o", "ConnectTimeout=20",
    "-o", "ServerAliveInterval=15",
    "-o", "ServerAliveCountMax=4",
)  # fmt: skip
_LOST = 255
"""Exit code of ssh itself (ssh(1)); others are those of the command there."""

_BATCH_BYTES = 32 * 2**20
_BATCH_FILES = 1000
"""What goes in one stream: as much as must be sent again where the connection is lost."""

# In each script, $1 is the folder. They stay in one line: a login shell that is no POSIX shell must carry
# them to sh.
_LOOK = (
    'cd "$1" 2>/dev/null || exit 0; '
    'while IFS= read -r f; do [ -f "$f" ] || continue; '
    's=$(wc -c <"$f"); d=$( (md5sum <"$f" || md5 <"$f") 2>/dev/null ); '
    'printf "%s %s %s\\n" $s "${d%% *}" "$f"; done'
)
_BELOW = (
    'cd "$1" 2>/dev/null || exit 0; [ -d "$2" ] || exit 0; find "./$2" -type f -exec wc -c {} +'
)
_READ = 'cd "$1" && cat "./$2"'
_PUT = (
    'set -e; umask 022; mkdir -p "$1"; cd "$1"; '
    f'find . ! -name . -prune -name "{PART}*" -mtime +1 -exec rm -rf {{}} + 2>/dev/null || :; '
    'trap "exit 1" HUP INT TERM PIPE; trap "rm -rf \\"$PWD/$2\\"" EXIT; mkdir "$2"; '
    '(cd "$2" && tar -xof -); '
    'cd "$2"; find . -type d -exec sh -c "for d; do mkdir -p \\"../\\$d\\" || exit 1; done" sh {} +; '
    'find . -type f -exec sh -c "for f; do mv -f \\"\\$f\\" \\"../\\$f\\" || exit 1; done" sh {} +; '
    "cd .."
)


class Ssh:
    """A folder of another machine; it is made with the first file."""

    def __init__(self, url: SplitResult) -> None:
        user = ["-l", unquote(url.username)] if url.username else []
        port = ["-p", str(url.port)] if url.port else []
        self._shown = url.geturl()
        self._host = url.hostname or ""
        if self._host.startswith("-"):
            raise BadInput(f"{self._shown}: unknown host name")
        path = unquote(url.path)
        self._folder = path.removeprefix("/~/") if path.startswith("/~/") else path
        self._words = ["ssh", *_OPTIONS, *user, *port, "--", self._host]
        self._trial = shlex.join(["ssh", "-o", "BatchMode=yes", *user, *port, self._host, "true"])

    def look(self, names: Sequence[str]) -> Mapping[str, Stored]:
        """Return those of the files that are there, with their MD5 where a tool there tells it."""
        if not names:
            return {}
        said = self._ask(_LOOK, given="".join(f"{name}\n" for name in names))
        found = {}
        for line in said.decode(errors="replace").splitlines():
            size, md5, name = line.split(" ", 2)
            found[name] = Stored(int(size), md5 if re.fullmatch("[0-9a-f]{32}", md5) else None)
        return found

    def below(self, folder: str) -> Mapping[str, Stored]:
        """Return all files below a folder; they are whole, for they got their names at the end."""
        said = self._ask(_BELOW, folder).decode(errors="replace")
        # wc tells totals too; these have no path.
        lines = re.finditer(r"^\s*(\d+) \./(.+)$", said, re.M)
        return {line[2]: Stored(int(line[1])) for line in lines}

    def read(self, name: str) -> bytes:
        """Return a file that is there."""
        return self._ask(_READ, name)

    def put(self, files: Sequence[File], sent: Sent) -> None:
        """Send files in streams that are not too long."""
        for batch in _batches(files):
            with (
                self._begun(_PUT, f"{PART}{secrets.token_hex(8)}") as process,
                tarfile.open(fileobj=process.given, mode="w|", format=tarfile.PAX_FORMAT) as stream,
            ):
                for file in batch:
                    content = file.path.read_bytes()
                    entry = tarfile.TarInfo(file.name)
                    entry.size, entry.mode = len(content), 0o644
                    entry.mtime = int(file.path.stat().st_mtime)
                    stream.addfile(entry, io.BytesIO(content))
                    sent(file)

    def close(self) -> None:
        """Nothing is held: each command is a connection of its own."""

    def _ask(self, script: str, *words: str, given: str = "") -> bytes:
        """Run a script there; return what it wrote."""
        with self._begun(script, *words) as process:
            process.given.write(given.encode())
        return process.said

    @contextmanager
    def _begun(self, script: str, *words: str) -> Iterator[_Process]:
        """Run a script there, which is given what is written meanwhile."""
        command = shlex.join(["sh", "-c", script, "sh", self._folder, *words])
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            try:
                started = subprocess.Popen(
                    [*self._words, command], stdin=subprocess.PIPE, stdout=out, stderr=errors
                )
            except FileNotFoundError as error:
                raise PreconditionError(
                    f"{error.filename} is not installed. Debian, Ubuntu: apt-get install openssh-client."
                ) from error
            assert started.stdin  # noqa: S101 - as asked for
            process = _Process(started.stdin)
            try:
                with suppress(BrokenPipeError):  # it ended early, and has said why
                    yield process
                with suppress(BrokenPipeError):
                    started.stdin.close()
                code = started.wait()
            finally:
                started.kill()
                started.wait()
                with suppress(BrokenPipeError):
                    started.stdin.close()
            errors.seek(0)
            if code:
                self._fail(code, errors.read().decode(errors="replace").strip())
            out.seek(0)
            process.said = out.read()

    def _fail(self, code: int, said: str) -> None:
        """Say what went wrong; `said` is what ssh or the shell there wrote."""
        lines = "\n".join(f"    {line}" for line in said.splitlines()[-6:]) or "    (nothing)"
        if code != _LOST:
            raise PublishError(self._shown, f"{self._host} refused it (exit code {code}):\n{lines}")
        if re.search("Permission denied|Host key verification failed|Too many auth", said):
            raise PreconditionError(
                f"{self._shown}: ssh was refused:\n{lines}\n"
                f"  There is no prompt for a password or a host key. Make sure that "
                f"`{self._trial}` succeeds, by a key and by known_hosts."
            )
        raise PublishError(self._shown, f"the connection failed:\n{lines}")


@dataclass
class _Process:
    """A script that runs there."""

    given: IO[bytes]
    said: bytes = b""


def _batches(files: Sequence[File]) -> Iterator[list[File]]:
    """Cut the files into streams."""
    batch: list[File] = []
    size = 0
    for file in files:
        if batch and (size + file.size > _BATCH_BYTES or len(batch) == _BATCH_FILES):
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += file.size
    if batch:
        yield batch

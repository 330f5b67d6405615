"""Shells on hosts that stay open and take one script after another.

To reach a host costs far more than most commands there: a tenth of a second of processor time for
`docker exec`, several round trips for SSH. So a process reaches each host once.
"""

from __future__ import annotations

import atexit
import os
import secrets
import selectors
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from select import PIPE_BUF

_CHUNK = 1 << 16
MOST = 16 * 2**20
"""Bytes of each output of a script that are kept; of more, the beginning and the end."""
_CUT = b"\n[cut: this output is too long]\n"


@dataclass(frozen=True)
class Ended:
    """What a script left: its exit code and its output."""

    code: int
    stdout: str
    stderr: str
    lost: bool = False
    """Whether the shell ended beneath it; the code is then that of the command that led there."""


class OpenShell:
    """A POSIX shell behind a command that carries standard input and output to it.

    Each script is read by a shell of its own from standard input: nothing of it shows in a list of
    processes, and nothing that it does changes what comes after.

    Parameters
    ----------
    words
        the command that leads to a shell: `docker exec -i host sh`, or just `sh`.

    Raises
    ------
    FileNotFoundError
        where there is no such command.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            words,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # Ctrl-C is for the harness, which then cleans up on the hosts.
            start_new_session=True,
        )
        pipes = (self._process.stdin, self._process.stdout, self._process.stderr)
        self._in, self._out, self._err = (pipe for pipe in pipes if pipe is not None)

    @property
    def alive(self) -> bool:
        """Whether the shell is there to take a script."""
        return self._process.poll() is None

    def run(self, script: str, *, timeout: float) -> Ended:
        """Run a script and return what it left.

        Raises
        ------
        TimeoutError
            where it takes longer than `timeout` seconds; the shell is gone then.
        """
        mark = secrets.token_hex(16)
        order = (
            f"sh -s <<'{mark}'\n{script}\n{mark}\n"
            f"code=$?; printf '\\n{mark}%d\\n' $code; printf '\\n{mark}\\n' >&2\n"
        )
        try:
            return self._converse(order.encode(), f"\n{mark}".encode(), time.monotonic() + timeout)
        except BaseException:
            self.close()  # nobody knows where it stands
            raise

    def _converse(self, order: bytes, mark: bytes, deadline: float) -> Ended:
        """Send an order, and listen until both outputs have come to the mark, or to their end."""
        said = {self._out: bytearray(), self._err: bytearray()}
        with selectors.DefaultSelector() as selector:
            selector.register(self._in, selectors.EVENT_WRITE)
            for pipe in said:
                selector.register(pipe, selectors.EVENT_READ, data=pipe)
            while selector.get_map():
                ready = selector.select(max(0, deadline - time.monotonic()))
                if not ready:
                    raise TimeoutError
                for key, _ in ready:
                    if key.data is None:
                        order = self._send(order)
                        over = not order
                    else:
                        chunk = os.read(key.fd, _CHUNK)
                        said[key.data] += chunk
                        # The mark may have begun in what came before.
                        news = said[key.data][-len(chunk) - len(mark) - 8 :]
                        over = not chunk or b"\n" in news.partition(mark)[2]
                        _cut_middle(said[key.data])
                    if over:
                        selector.unregister(key.fileobj)
        out, told, code = bytes(said[self._out]).rpartition(mark)
        complaint = bytes(said[self._err])
        if not told:
            return Ended(self._process.wait(), _text(code), _text(complaint), lost=True)
        return Ended(int(code), _text(out), _text(complaint.rpartition(mark)[0]))

    def _send(self, order: bytes) -> bytes:
        """Send as much as goes without waiting; return the rest."""
        try:
            return order[os.write(self._in.fileno(), order[:PIPE_BUF]) :]
        except BrokenPipeError:
            return b""  # its last words come from the other pipes

    def close(self) -> None:
        """End the shell, and what leads there."""
        self._process.kill()
        self.let_go()
        self._process.wait()

    def let_go(self) -> None:
        """Close this process's ends of the pipes."""
        for pipe in (self._in, self._out, self._err):
            with suppress(BrokenPipeError):
                pipe.close()


_idle: dict[tuple[str, ...], list[OpenShell]] = {}
"""What is open and waits, by the words that lead there."""


def run(words: Sequence[str], script: str, *, timeout: float) -> Ended:
    """Run a script in a shell that is open, or in one that then stays so.

    Raises
    ------
    TimeoutError, FileNotFoundError
        as `OpenShell` does.
    """
    waiting = _idle.setdefault(tuple(words), [])
    shell = _take(waiting) or OpenShell(words)
    ended = shell.run(script, timeout=timeout)
    if ended.lost:
        shell.close()
    else:
        waiting.append(shell)
    return ended


def _take(waiting: list[OpenShell]) -> OpenShell | None:
    """Return a shell that is still there."""
    while waiting:
        shell = waiting.pop()
        if shell.alive:
            return shell
        shell.close()
    return None


@atexit.register
def close_all() -> None:
    """End all shells of this process."""
    for waiting in _idle.values():
        while waiting:
            waiting.pop().close()


def _leave_to_parent() -> None:
    """Forget the shells of the process of which this one is a fork: both would talk at once."""
    for waiting in _idle.values():
        while waiting:
            waiting.pop().let_go()


os.register_at_fork(after_in_child=_leave_to_parent)


def _cut_middle(said: bytearray) -> None:
    """Keep the beginning and the end of what has become too long."""
    if len(said) > MOST:
        said[MOST // 2 : len(said) - MOST // 4] = _CUT


def _text(output: bytes) -> str:
    return output.decode(errors="replace")

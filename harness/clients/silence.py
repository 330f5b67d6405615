"""How commands say that nobody answered: that is no assertion about a service, so it is told apart.

By the tool's own exit code where it has one for it, else by its own words (of curl, of OpenSSL's and
Python's libraries, of neon in davix and gfal2, of XRootD, of Go in rclone). A failure of TLS is none of
them: somebody answered.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping

from harness.errors import Unreachable
from harness.shell import Completed

_CURL = frozenset({5, 6, 7, 28, 52, 55, 56})
"""No proxy, no name, no connection, no time, no answer, a connection lost (curl(1), "EXIT CODES")."""

_GFAL = frozenset(
    {
        errno.ECONNREFUSED,
        errno.ECONNRESET,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
        errno.EPIPE,
    }
)
"""Commands of gfal2 end with the number of the system's error."""

_NEON = (
    r"[Cc]ould(?:n't| not) connect to server|[Cc]ouldn't resolve host|Domain name resolution failed"
    r"|Could not read (?:status line|response|headers)|Server returned nothing"
    r"|[Cc]onnection (?:refused|reset by peer|timed out)|No route to host|Network is unreachable"
    r"|Connection terminated prematurely"
)

_CODES: Mapping[str, frozenset[int]] = {"curl": _CURL, "gfal": _GFAL}
_WORDS: Mapping[str, re.Pattern[str]] = {
    tool: re.compile(words)
    for tool, words in {
        "gfal": _NEON,
        "davix": _NEON,
        "xrdcp": r"\[(?:FATAL|ERROR)\] (?:Connection error|Socket (?:error|timeout|disconnected)"
        r"|Stream (?:error|timeout|disconnect\w*)|Invalid address|Operation expired)",
        "rclone": r"dial tcp \S*:? ?.*(?:refused|unreachable|no route|no such host|timeout)"
        r"|: read: connection reset by peer|: EOF\s*$",
        "openstack": r"Unable to establish connection to |Failed to establish a new connection"
        r"|Connection aborted\.|Failed to resolve ",
        "oidc-agent": r"Could(?:n't| not) (?:connect|resolve)|Failed to connect to "
        r"|Empty reply from server|Connection (?:refused|reset)|Recv failure",
    }.items()
}


def raise_if_silent(done: Completed, *, tool: str, host: str) -> None:
    """Tell of a command that failed because nobody answered it.

    Parameters
    ----------
    tool
        `curl`, `gfal`, `davix`, `xrdcp`, `rclone`, `openstack` or `oidc-agent`.
    host
        what it asked.

    Raises
    ------
    Unreachable
        with the line in which the command says so.
    """
    if not done.code:
        return
    said = f"{done.stderr}\n{done.stdout}"
    words = _WORDS.get(tool)
    found = words.search(said) if words else None
    if found:
        line = said[said.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0]
    elif done.code in _CODES.get(tool, ()):
        line = done.stderr.strip().rpartition("\n")[2] or f"exit code {done.code}"
    else:
        return
    raise Unreachable(f"{tool} got no answer from {host}: {' '.join(line.split())[-300:]}", host)

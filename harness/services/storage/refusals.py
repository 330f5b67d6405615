"""How the clients and the ends of a third-party copy tell that a storage refused for want of a right.

What counts is the status of HTTP or the error number of xroot, where the program itself puts it: a name of
a file or a host, a size or a page that a storage sent may hold the same number or word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_STATUS = "(?:401|403)"
"""RFC 9110, sections 15.5.2 and 15.5.4."""

_REMOTE = re.compile(
    rf"(?i:(?:failure|failed|aborted):?) (?:"
    # XRootD and EOS, which name the address of the other end between brackets
    rf"Remote side(?: \[[^\]\s]*\])? failed with status code {_STATUS}(?!\d)"
    # dCache: `rejected PUT: 401 Unauthorized`, `remote server rejected GET: 403 Forbidden`
    rf"|(?:General problem: )?(?:remote server )?rejected [A-Z]+: {_STATUS} "
    # StoRM, in the words of Apache HttpClient
    rf"|(?:[\w :]*: )?status code: {_STATUS}, reason phrase: "
    rf"|(?:HTTP(?:/\d(?:\.\d)?)? )?{_STATUS}(?: (?:Unauthorized|Forbidden))?\s*(?:\Z|[,;:]))"
)

_DAVIX = rf"(?:Result )?HTTP {_STATUS} : (?:Authentication Error|Permission refused)(?!\w)"
"""davix, `httpcodeToDavixError`."""

_REFUSED: Mapping[str, re.Pattern[str]] = {
    "curl": re.compile(rf"^curl: \(22\) The requested URL returned error: {_STATUS}(?!\d)", re.M),
    "davix": re.compile(rf"^\(Davix::\w+\) Error: {_DAVIX}", re.M),
    # Its error numbers tell other things too: 13 is also said of TLS, 1 also of a method not allowed.
    "gfal": re.compile(
        rf"^gfal-[a-z]+ error: \d+ \([^)]*\) - [\w ():.]*?(?<!\w)"
        rf"(?:{_DAVIX}|Transfer failure: {_REMOTE.pattern})",
        re.M,
    ),
    # After all that a storage said, which may be a page of many lines, comes the status.
    "rclone": re.compile(rf"(?:: |\A){_STATUS} [A-Za-z -]+\s*\Z"),
    # kXR_NotAuthorized and kXR_AuthFailed (XRootD protocol 5.2, section 2.3)
    "xrdcp": re.compile(
        r"^(?:Run: )?\[(?:ERROR|FATAL)\] "
        r"(?:Auth failed(?!\w)|Server responded with an error: \[(?:3010|3030)\])",
        re.M,
    ),
}


def is_refusal(line: str, said: str) -> bool:
    """Tell whether a command that failed says that the storage refused what it asked for.

    Parameters
    ----------
    line
        the command; its first word tells which client it is.
    said
        what it wrote to standard error.
    """
    client = re.match(r"[a-z]+", line)
    pattern = _REFUSED.get(client[0]) if client else None
    return pattern is not None and pattern.search(said) is not None


def is_remote_refusal(line: str) -> bool:
    """Tell whether the result line of a third-party copy says that the other end refused (HTTP-TPC)."""
    return _REMOTE.match(line) is not None

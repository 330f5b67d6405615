"""What a command finds around it, made fit before it begins: the encoding of texts, a place for Ansible."""

from __future__ import annotations

import locale
import os
import sys
import tempfile
from contextlib import suppress

_UTF8 = "PYTHONUTF8"
_ANSIBLE_TEMP = "ANSIBLE_LOCAL_TEMP"


def make_fit() -> None:
    """Do it; where the locale's encoding is not UTF-8, the command begins anew with UTF-8 (PEP 540).

    Names of files, the inventory and what services say are UTF-8, whatever the locale. Ansible, which
    inherits it, reads nothing else.
    """
    with suppress(LookupError):
        if locale.getpreferredencoding(False).lower() not in ("utf-8", "utf8") and (
            os.environ.get(_UTF8) != "1"
        ):
            os.environ[_UTF8] = "1"
            os.execv(sys.executable, sys.orig_argv)  # noqa: S606, the same command
    for stream in (sys.stdout, sys.stderr):
        # What a terminal cannot show must not end a command: half of a surrogate pair, for one.
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    # Ansible makes a folder in the user's home as soon as it is imported; there may be none.
    with suppress(OSError):
        os.environ.setdefault(_ANSIBLE_TEMP, tempfile.gettempdir())

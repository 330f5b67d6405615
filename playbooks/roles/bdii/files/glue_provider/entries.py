"""Entries of a directory as LDIF (RFC 2849)."""

from __future__ import annotations

import base64
import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

_PLAIN = re.compile(r"[^\0\r\n :<\x80-\uffff][^\0\r\n\x80-\uffff]*")
"""Values that LDIF takes as they are (RFC 2849, `SAFE-STRING`)."""

Settings = Mapping[str, Any]


def entry(dn: str, classes: Iterable[str], **attributes: object) -> str:
    """Return an entry; what has no value is left out, and a list has several."""
    lines = [_line("dn", dn), *(f"objectClass: {name}" for name in classes)]
    for name, value in attributes.items():
        values = value if isinstance(value, list | tuple) else [value]
        lines += [_line(f"GLUE2{name}", str(one)) for one in values if one not in (None, "")]
    return "\n".join(lines) + "\n"


def life(settings: Settings) -> dict[str, object]:
    """Return when an entry was made, and how many seconds it is valid."""
    now = dt.datetime.now(dt.UTC)
    return {
        "EntityCreationTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "EntityValidity": settings["validity"],
    }


def _line(name: str, value: str) -> str:
    if _PLAIN.fullmatch(value) and not value.endswith(" "):
        return f"{name}: {value}"
    return f"{name}:: {base64.b64encode(value.encode()).decode()}"

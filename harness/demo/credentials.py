"""Credentials as those who look on see them: what a token says, and never the token."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Iterable, Mapping
from typing import Any

from harness.demo.events import Credential
from harness.narration import Translate
from harness.redaction import redactor
from harness.services.issuer.tokens import Token, scopes, seconds

_TOKEN = re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*")
"""A JSON Web Token (RFC 7515, section 3.1); an unsigned one ends in its dot."""
_ACCESS = re.compile(r'"access_token"\s*:\s*"([^"]+)"')
_SUBJECT = 8
"""Characters of a subject that are shown: users of real sites are persons."""
_LIMIT = 200


def carried(texts: Iterable[str], tr: Translate) -> Credential | None:
    """Return what the first token says that goes along with a request or a command."""
    found = next((match for text in texts for match in _TOKEN.finditer(text)), None)
    return _shown(found.group(), tr) if found else None


def received(answer: str, tr: Translate) -> Credential | None:
    """Return what the access token says that an issuer's answer holds, or a tool has printed."""
    found = _ACCESS.search(answer)
    value = found[1] if found else None
    if value is None and (printed := _TOKEN.search(answer)):
        value = printed.group()
    return _shown(value, tr) if value else None


def _shown(value: str, tr: Translate) -> Credential:
    token = Token(value)
    if token.is_opaque:
        return Credential(
            title=tr("An opaque token: only its issuer can read it."), rows=(), good=True
        )
    claims = dict(token.claims)
    rows = [
        (tr("issued by"), _text(claims.get("iss"))),
        (tr("for the user"), _subject(claims.get("sub"))),
        (tr("to be used at"), _text(claims.get("aud"))),
        (tr("permits"), scopes(claims.get("scope") or claims.get("scp")) or ""),
        (tr("valid from"), _time(claims.get("nbf", claims.get("iat")))),
        (tr("valid until"), _time(claims.get("exp"))),
    ]
    good = _is_current(claims)
    title = tr("A token that is valid now") if good else tr("A token that is not valid now")
    shown = tuple((name, redactor.redact(text)[:_LIMIT]) for name, text in rows if text)
    return Credential(title=title, rows=shown, good=good)


def _is_current(claims: Mapping[str, Any]) -> bool:
    now = time.time()
    begin, end = seconds(claims.get("nbf")), seconds(claims.get("exp"))
    return (begin is None or begin <= now + 1) and (end is None or now < end)


def _subject(value: object) -> str:
    text = _text(value)
    return text if len(text) <= _SUBJECT else f"{text[:_SUBJECT]}…"


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return "" if value is None else str(value)


def _time(value: object) -> str:
    told = seconds(value)
    if told is None:
        return ""
    try:
        return dt.datetime.fromtimestamp(told, dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, OSError, ValueError):
        return f"{told:g}"

"""Addresses as machines compare them: the host in any letter case, the default port written or not."""

from __future__ import annotations

from urllib.parse import urlsplit

_DEFAULT_PORTS = {"https": 443, "http": 80}


def origin(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port of a URL (RFC 6454, section 4).

    Raises
    ------
    ValueError
        where host or port cannot be told.
    """
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or _DEFAULT_PORTS.get(scheme)


def comparable(address: str) -> str:
    """Return an address in the one form that all its spellings share (RFC 3986, section 6.2.2).

    Scheme and host in small letters, no default port, no slash where the path is empty. What is no URL is
    returned as it is.
    """
    try:
        scheme, host, port = origin(address)
        parts = urlsplit(address)
    except ValueError:
        return address
    if not (scheme and host):
        return address
    shown = f"[{host}]" if ":" in host else host
    named = "" if port is None or port == _DEFAULT_PORTS.get(scheme) else f":{port}"
    path = "" if parts.path == "/" else parts.path
    query = f"?{parts.query}" if parts.query else ""
    return f"{scheme}://{shown}{named}{path}{query}"

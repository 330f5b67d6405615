"""As much of LDAP (RFC 4511) as a relay needs: whole messages, and the entries that a search returns.

Lengths are definite, as the protocol demands (RFC 4511, section 5.1).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

_INTEGER, _OCTETS, _ENUMERATED, _SEQUENCE, _SET = 0x02, 0x04, 0x0A, 0x30, 0x31
_BIND, _BIND_ANSWER = 0x60, 0x61
_SEARCH, _ENTRY, _SEARCH_DONE = 0x63, 0x64, 0x65
_ANSWERS = {_BIND: _BIND_ANSWER, _SEARCH: _SEARCH_DONE}

_INSUFFICIENT_ACCESS_RIGHTS = 50
_LARGEST = 2**24
"""Bytes of a message; an index of a grid sends none that is near it."""


@dataclass
class Entry:
    """An entry that a search returned: its name, and the values of its attributes."""

    name: str
    attributes: dict[str, list[str]]


async def message(stream: asyncio.StreamReader) -> bytes | None:
    """Return the next whole message; None where the other side has ended.

    Raises
    ------
    ValueError
        where what comes is no message.
    """
    try:
        head = await stream.readexactly(2)
        if head[0] != _SEQUENCE:
            raise ValueError(f"a message begins with {head[0]:#x}")
        extra = await stream.readexactly(head[1] & 0x7F) if head[1] & 0x80 else b""
        length = int.from_bytes(extra) if extra else head[1]
        if length > _LARGEST:
            raise ValueError(f"a message has {length} bytes")
        return head + extra + await stream.readexactly(length)
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise ValueError("a message is cut off") from error
        return None


def entry_of(whole: bytes) -> Entry | None:
    """Return the entry that a message brings; None where it brings none."""
    _, tag, body = _split(whole)
    if tag != _ENTRY:
        return None
    (_, name), (_, listed) = _parts(body)
    attributes: dict[str, list[str]] = {}
    for _, attribute in _parts(listed):
        (_, kind), (_, values) = _parts(attribute)
        attributes[kind.decode()] = [value.decode() for _, value in _parts(values)]
    return Entry(name.decode(), attributes)


def with_entry(whole: bytes, entry: Entry) -> bytes:
    """Return a message with another entry in the place of its own."""
    number, _, _ = _split(whole)
    listed = b"".join(
        _wrapped(_SEQUENCE, _octets(kind) + _wrapped(_SET, b"".join(map(_octets, values))))
        for kind, values in entry.attributes.items()
    )
    body = _octets(entry.name) + _wrapped(_SEQUENCE, listed)
    return _wrapped(_SEQUENCE, number + _wrapped(_ENTRY, body))


def refusal(whole: bytes) -> bytes | None:
    """Return the answer to a request that denies it for want of rights; None where it wants no answer."""
    number, tag, _ = _split(whole)
    if tag not in _ANSWERS:
        return None
    result = _wrapped(_ENUMERATED, bytes([_INSUFFICIENT_ACCESS_RIGHTS])) + _octets("")
    return _wrapped(_SEQUENCE, number + _wrapped(_ANSWERS[tag], result + _octets("closed")))


def _split(whole: bytes) -> tuple[bytes, int, bytes]:
    """Return a message's number, as it stands there, and the tag and the content of its operation."""
    ((_, content),) = _parts(whole)
    (_, number), (tag, body), *_ = _parts(content)
    return _wrapped(_INTEGER, number), tag, body


def _parts(content: bytes) -> list[tuple[int, bytes]]:
    """Return the elements that follow each other in some bytes: tag and content of each."""
    found, at = [], 0
    while at < len(content):
        tag, length, at = content[at], content[at + 1], at + 2
        if length & 0x80:
            more = length & 0x7F
            length, at = int.from_bytes(content[at : at + more]), at + more
        if at + length > len(content):
            raise ValueError("an element is longer than what holds it")
        found.append((tag, content[at : at + length]))
        at += length
    return found


def _wrapped(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + content


def _octets(text: str) -> bytes:
    return _wrapped(_OCTETS, text.encode())

"""Bodies of answers, read only so far: a site may send without end, slowly, or much in little."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

import httpx

MOST = 64 * 2**20
"""Bytes of an answer's body, decoded or not; what users fetch in scenarios has 16 MiB at most."""
PATIENCE = 600.0
"""Seconds until an answer must be there as a whole: longer than the longest copy takes, and less than a
scenario has (`harness.engine.session.DEADLINE`)."""

_MOST_CODINGS = 4
_PORTION = 2**16

Clock = Callable[[], float]


class Client(httpx.Client):
    """An HTTP client that reads no more of an answer than `most` bytes, for `patience` seconds.

    `clock` tells the time in seconds.
    """

    def __init__(
        self,
        *,
        most: int = MOST,
        patience: float = PATIENCE,
        clock: Clock = time.monotonic,
        **rest: Any,
    ) -> None:
        super().__init__(**rest)
        self._most, self._patience, self._clock = most, patience, clock

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send a request, and read the answer.

        Raises
        ------
        AssertionError
            where the body has no end within `most` bytes.
        httpx.ReadTimeout
            where it has none within `patience` seconds.
        httpx.DecodingError
            where it is not encoded as its header says.
        """
        deadline = self._clock() + self._patience
        answer = super().send(request, stream=True, **options)
        coding = answer.headers.pop("content-encoding", None)
        answer.stream = _Bounded(answer, coding or "", self._most, deadline, self._clock)
        try:
            answer.read()
        finally:
            answer.close()
        if coding is not None:
            answer.headers["content-encoding"] = coding
        return answer


class _Bounded(httpx.SyncByteStream):
    """The decoded bytes of an answer."""

    def __init__(
        self, answer: httpx.Response, coding: str, most: int, deadline: float, clock: Clock
    ) -> None:
        self._inner = cast(httpx.SyncByteStream, answer.stream)
        self._request, self._coding = answer.request, coding
        self._most, self._deadline, self._clock = most, deadline, clock

    def __iter__(self) -> Iterator[bytes]:
        content: Iterable[bytes] = self._counted(self._timely(self._inner))
        for coding in self._codings():
            content = self._counted(_decoded(content, coding, self._request))
        return iter(content)

    def close(self) -> None:
        """Close the connection, or give it back where the answer was read to its end."""
        self._inner.close()

    def _codings(self) -> list[str]:
        """Return how the body is encoded, the last coding first (RFC 9110, section 8.4).

        What no request asks for is left as it is.
        """
        codings = [word.strip().lower() for word in self._coding.split(",")]
        if len(codings) > _MOST_CODINGS:
            raise httpx.DecodingError(
                f"it has {len(codings)} nested encodings", request=self._request
            )
        return [one for one in reversed(codings) if one in ("gzip", "x-gzip", "deflate")]

    def _timely(self, content: Iterable[bytes]) -> Iterator[bytes]:
        for part in content:
            if self._clock() > self._deadline:
                raise httpx.ReadTimeout("the answer has no end in time", request=self._request)
            yield part

    def _counted(self, content: Iterable[bytes]) -> Iterator[bytes]:
        count = 0
        for part in content:
            count += len(part)
            if count > self._most:
                raise AssertionError(
                    f"{self._request.method} {self._request.url}: the answer's body is longer than "
                    f"{self._most} bytes; the rest was not read"
                )
            yield part


def _decoded(content: Iterable[bytes], coding: str, request: httpx.Request) -> Iterator[bytes]:
    """Undo one coding, a portion at a time (RFC 9110, section 8.4.1)."""
    decoder, rest = None, b""
    try:
        for part in content:
            rest += part
            if decoder is None and len(rest) > 1:
                decoder = zlib.decompressobj(_window(coding, rest))
            while decoder and rest and not decoder.eof:
                yield decoder.decompress(rest, _PORTION)
                rest = decoder.unconsumed_tail
        if decoder:
            yield decoder.flush()
    except zlib.error as error:
        raise httpx.DecodingError(str(error), request=request) from error


def _window(coding: str, beginning: bytes) -> int:
    """Return zlib's window bits: `deflate` is also sent without the header that it ought to have.

    The first two bytes of that header are a multiple of 31 (RFC 1950, section 2.2).
    """
    if coding != "deflate":
        return zlib.MAX_WBITS | 16
    has_header = beginning[0] & 0x0F == 8 and int.from_bytes(beginning[:2]) % 31 == 0
    return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS

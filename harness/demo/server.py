"""Serves the page of a demonstration to browsers, with the events as they come (server-sent events).

It listens at the loopback address unless told otherwise. The speaker's address has a secret word in it, by
which the page may ask for the next step; the address of those who look on has none.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from aiohttp import web

from harness.demo.feed import Feed
from harness.errors import BadInput

LISTEN = "127.0.0.1:8765"

_GLANCE = 0.1
_BEAT = 15.0
"""Seconds after which a silent connection gets a comment, so that nobody between closes it."""
_LAST = 3.0
"""Seconds that followers get to hear the end."""


@dataclass(frozen=True)
class Address:
    """Where the server listens."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Return the address of a word such as `127.0.0.1:8765`; port 0 is a free one.

        Raises
        ------
        BadInput
            where it is none.
        """
        host, _, port = text.rpartition(":")
        with contextlib.suppress(ValueError):
            if port.isdecimal() and int(port) < 2**16:
                return cls(str(ip_address(host.strip("[]"))), int(port))
        raise BadInput(f"--listen {text}: write an address and a port, such as {LISTEN}.")

    @property
    def url(self) -> str:
        """What a browser opens."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/"


class Server:
    """The server; it runs in a thread of its own.

    Parameters
    ----------
    html
        the page.
    go
        called where the speaker asks for the next step.
    """

    def __init__(self, address: Address, *, html: str, feed: Feed, go: Callable[[], None]) -> None:
        self._address, self._html, self._feed, self._go = address, html, feed, go
        self._speaker = secrets.token_urlsafe(16)
        self._loop = asyncio.new_event_loop()
        self._over = threading.Event()
        self._followers = 0

    @contextlib.contextmanager
    def running(self) -> Iterator[Server]:
        """Serve until the end of the block, and until those who follow have heard the end.

        Raises
        ------
        BadInput
            where the address cannot be used.
        """
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1)
        thread = threading.Thread(target=self._loop.run_forever, name="page", daemon=True)
        thread.start()
        try:
            self._do(runner.setup())
            self._do(self._listen(runner))
            yield self
            self._over.set()
            self._do(self._heard())
        finally:
            self._over.set()
            self._do(runner.cleanup())
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    @property
    def url(self) -> str:
        """The page for those who look on."""
        return self._address.url

    @property
    def speaker_url(self) -> str:
        """The page for who speaks; its secret word is good for this demonstration alone."""
        return f"{self.url}?speaker={self._speaker}"

    def _do(self, work: object) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()  # type: ignore[arg-type]

    async def _listen(self, runner: web.AppRunner) -> None:
        site = web.TCPSite(runner, self._address.host, self._address.port)
        try:
            await site.start()
        except OSError as error:
            raise BadInput(
                f"--listen {self._address.host}:{self._address.port}: {error.strerror or error}. Name "
                "another port, or 0 for any that is free; or leave the page out by --no-page."
            ) from error
        host, port, *_ = runner.addresses[0]
        self._address = Address(host, port)

    async def _heard(self) -> None:
        end = self._loop.time() + _LAST
        while self._followers and self._loop.time() < end:
            await asyncio.sleep(_GLANCE)

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._known_by_address])
        application.add_routes(
            [
                web.get("/", self._page),
                web.get("/events", self._events),
                web.post("/next", self._next),
            ]
        )
        return application

    @web.middleware
    async def _known_by_address(
        self, request: web.Request, handler: Callable[[web.Request], object]
    ) -> web.StreamResponse:
        """Refuse a request that was sent to a name, which others may have given us (DNS rebinding)."""
        host = request.url.host or ""
        try:
            ip_address(host)
        except ValueError:
            if host != "localhost":
                raise web.HTTPForbidden(text=f"open {self.url}") from None
        return await handler(request)  # type: ignore[misc, no-any-return]

    async def _page(self, _request: web.Request) -> web.Response:
        headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        return web.Response(text=self._html, content_type="text/html", headers=headers)

    async def _next(self, request: web.Request) -> web.Response:
        word = request.headers.get("X-Speaker", "")
        if not hmac.compare_digest(word.encode(), self._speaker.encode()):
            raise web.HTTPForbidden(text="only who speaks may go on")
        self._go()
        return web.Response(status=204)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Send the events from the beginning, or from where the browser left off."""
        answer = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await answer.prepare(request)
        last = request.headers.get("Last-Event-ID", "")
        number = int(last) if last.isdecimal() else 0
        self._followers += 1
        try:
            await self._follow(answer, number)
        finally:
            self._followers -= 1
        return answer

    async def _follow(self, answer: web.StreamResponse, number: int) -> None:
        silent_since = self._loop.time()
        with contextlib.suppress(ConnectionError):
            while True:
                over = self._over.is_set()
                for one in self._feed.since(number):
                    text = f"id: {one.number}\ndata: {one.model_dump_json()}\n\n"
                    await answer.write(text.encode())
                    number, silent_since = one.number, self._loop.time()
                if over:
                    return
                if self._loop.time() - silent_since > _BEAT:
                    await answer.write(b": still there\n\n")
                    silent_since = self._loop.time()
                await asyncio.sleep(_GLANCE)

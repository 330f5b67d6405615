"""A TCP relay of limited rate, which the fixture `slow_port` runs at the host of a service.

It needs Python's own library alone. `slow_relay.py PORT RATE` says at which port it listens, and for
each line of its input how many connections are open and how many bytes have come through; it ends with
its input.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import suppress

_BUFFER = 2**16
"""Bytes that may wait at either side: more would hide how slow the relay is."""


class Relay:
    """Passes on what a service at this host sends, at so many bytes a second; requests at once."""

    def __init__(self, port: int, rate: int) -> None:
        self._port, self._rate = port, rate
        self.connections = self.passed = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relay one connection, until either side ends it."""
        self.connections += 1
        try:
            answers, requests = await asyncio.open_connection("localhost", self._port)
            _keep_small(requests, socket.SO_RCVBUF)
            _keep_small(writer, socket.SO_SNDBUF)
            pumps = [
                asyncio.ensure_future(self._pump(reader, requests, rate=0)),
                asyncio.ensure_future(self._pump(answers, writer, rate=self._rate)),
            ]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
            requests.close()
        finally:
            writer.close()
            self.connections -= 1

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, rate: int
    ) -> None:
        with suppress(ConnectionError):
            while part := await reader.read(_BUFFER):
                writer.write(part)
                await writer.drain()
                if rate:
                    self.passed += len(part)
                    await asyncio.sleep(len(part) / rate)


def _keep_small(writer: asyncio.StreamWriter, option: int) -> None:
    writer.transport.set_write_buffer_limits(high=0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, option, _BUFFER)


async def main(port: int, rate: int) -> None:
    """Relay until standard input ends."""
    relay = Relay(port, rate)
    server = await asyncio.start_server(relay.serve, port=0, family=socket.AF_INET)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(relay.connections, relay.passed, flush=True)


if __name__ == "__main__":
    asyncio.run(main(*(int(word) for word in sys.argv[1:])))

"""Directories (LDAP) that have a fault, each at an address of its own: their protocol names no host."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

from gateway import ldap
from gateway.faults.entries import ENTRY_FAULTS, EntryFault
from gateway.settings import Directory

log = logging.getLogger(__name__)

CLOSED = "closed"
"""The fault that refuses everything."""


@asynccontextmanager
async def serving(directories: Iterable[Directory]) -> AsyncIterator[None]:
    """Listen at the address of every broken directory while the context lasts."""
    servers = [
        await asyncio.start_server(Relay(one).serve, host=one.address, port=one.port)
        for one in directories
    ]
    try:
        yield
    finally:
        for server in servers:
            server.close()


class Relay:
    """Stands before a real directory, and gives its entries one fault.

    Raises
    ------
    KeyError
        where no fault has that name.
    """

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._alter: EntryFault | None = (
            None if directory.fault == CLOSED else ENTRY_FAULTS[directory.fault]
        )

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection.

        Where something else than the fault goes wrong, the connection breaks.
        """
        try:
            if self._alter is None:
                await self._refuse(reader, writer)
            else:
                await self._relay(reader, writer, self._alter)
        except (OSError, ValueError):
            log.exception("%s.%s", self._directory.fault, self._directory.host)
        finally:
            writer.close()

    async def _refuse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (asked := await ldap.message(reader)) is not None:
            answer = ldap.refusal(asked)
            if answer is None:
                return
            writer.write(answer)
            await writer.drain()

    async def _relay(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, alter: EntryFault
    ) -> None:
        theirs, ours = await asyncio.open_connection(self._directory.host, self._directory.port)
        asking = asyncio.create_task(_pump(reader, ours))
        try:
            while (told := await ldap.message(theirs)) is not None:
                entry = ldap.entry_of(told)
                if entry is not None:
                    alter(entry)
                    told = ldap.with_entry(told, entry)
                writer.write(told)
                await writer.drain()
        finally:
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking
            ours.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send on what comes, until the other side has ended."""
    with suppress(OSError):
        while part := await reader.read(2**16):
            writer.write(part)
            await writer.drain()
        writer.write_eof()

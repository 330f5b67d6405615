"""`python3 -m gateway settings.json`: listen at every port of the services behind."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from gateway import directories, proxy
from gateway.settings import Settings


async def main(settings: Settings) -> None:
    """Serve until a signal says to end."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with proxy.serving(settings), directories.serving(settings.directories):
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(main(Settings.read(Path(sys.argv[1]))))

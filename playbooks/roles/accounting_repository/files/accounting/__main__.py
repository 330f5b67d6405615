"""`python3 -m accounting settings.json`: serve until a signal says to end."""

import signal
import sys
import threading
from pathlib import Path

from accounting.service import Service
from accounting.settings import Settings


def main(path: Path) -> None:
    """Serve what the settings say."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with Service(Settings.read(path)):
        ended.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

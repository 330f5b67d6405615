"""`python3 -m publisher settings.json`: publish once what is new, to every repository."""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path

from publisher import htcondor, swift
from publisher.sending import Outbox, send

SOURCES = {"htcondor": htcondor.messages, "swift": swift.messages}
"""Name of a source -> what reads it: yields the topic, a text, and the names of the records in it."""


def main(path: Path) -> int:
    """Publish; return 1 where a repository did not take a message, which is sent again at the next turn."""
    settings = json.loads(path.read_text(encoding="utf-8"))
    failures = 0
    for repository in settings["repositories"]:
        outbox = Outbox(Path(settings["state"]), repository)
        for source in settings["sources"]:
            for topic, text, names in SOURCES[source](settings, outbox.sent):
                try:
                    send(text, topic=topic, repository=repository, settings=settings)
                except Exception:  # noqa: BLE001
                    # Whatever a repository does, the next one gets its messages.
                    traceback.print_exc()
                    failures += 1
                else:
                    outbox.note(names)
                    print(f"{len(names)} records of {source} sent to {repository}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

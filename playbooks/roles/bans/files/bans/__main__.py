"""One round: `bans`, or `bans --always` to apply what was taken before as well."""

from __future__ import annotations

import fcntl
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from bans.means import Means
from bans.means.arc import Arc
from bans.means.htcondor import HTCondor
from bans.means.keystone import Keystone
from bans.means.webdav import Apache
from bans.rounds import Publisher, Site

SETTINGS = Path("/etc/bans/bans.json")
STATUS = Path("/var/lib/bans/status.json")

MEANS: Mapping[str, Callable[..., Means]] = {
    "arc": Arc,
    "htcondor": HTCondor,
    "keystone": Keystone,
    "webdav": Apache,
}
"""Role of a service -> what makes it refuse users."""


def main(words: list[str]) -> int:
    """Do one round, unless another is under way; return the exit code."""
    settings = json.loads(SETTINGS.read_text(encoding="utf-8"))
    publishers = [
        Publisher(name, one["url"], Path(one["key"]))
        for name, one in settings["publishers"].items()
    ]
    means = {name: MEANS[name](**keys) for name, keys in settings["means"].items()}
    with STATUS.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = Site(STATUS, publishers, means).round(always="--always" in words)
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python3 -m publisher.containers FOLDER`: print each container of Swift as a JSON object.

It is run as Swift's own user: the library that reads a container's database also writes what is pending
into it, and leaves a lock file beside it, which Swift must be able to open.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_OF_PROJECTS = "AUTH_"


def containers(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the containers of all projects that are not deleted."""
    # Only a host with Swift has this library.
    from swift.common.exceptions import LockTimeout  # noqa: PLC0415
    from swift.common.storage_policy import POLICIES  # noqa: F401, PLC0415, the backend cannot be imported before it
    from swift.container.backend import ContainerBroker  # noqa: PLC0415

    for path in sorted(folder.glob("*/*/*/*.db")):
        broker = ContainerBroker(str(path))
        try:
            if broker.is_deleted():
                continue
            found = broker.get_info()
        except LockTimeout:
            # Somebody writes to it; the next turn reads it.
            continue
        account, name = found["account"], found["container"]
        used, count = int(found["bytes_used"]), int(found["object_count"])
        if account.startswith(_OF_PROJECTS):
            yield {
                "project": account.removeprefix(_OF_PROJECTS),
                "container": name,
                "bytes": used,
                "objects": count,
                "since": float(found["created_at"]),
                "state": f"{account}/{name}:{found['put_timestamp']}:{used}:{count}",
            }


if __name__ == "__main__":
    for _one in containers(Path(sys.argv[1])):
        print(json.dumps(_one))

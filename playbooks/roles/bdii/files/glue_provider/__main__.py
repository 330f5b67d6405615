"""Prints what one provider publishes, as LDIF: `python3 -m glue_provider NAME SETTINGS`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from glue_provider import htcondor, site, top

_PROVIDERS = {"htcondor": htcondor.publish, "site": site.publish, "top": top.publish}


def main() -> None:
    """Run the provider that the command names."""
    name, path = sys.argv[1:]
    for entry in _PROVIDERS[name](json.loads(Path(path).read_text(encoding="utf-8"))):
        print(entry)


if __name__ == "__main__":
    main()

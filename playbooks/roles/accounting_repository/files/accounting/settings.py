"""What the repository is told; the role writes it as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Where it listens, whom it trusts, and who may publish for which site."""

    certificate: str
    key: str
    authorities: str
    """Folder with the certificates of the authorities that it trusts, under their hashes."""
    database: str
    reader_key: str
    """Who shows it in `x-api-key` may read records, and hand in messages."""
    publishers: Mapping[str, str]
    """Name of a host, as its certificate says it -> the site for which it publishes (as in the GOCDB)."""
    port: int = 443
    token_port: int = 8443
    """Where a host gets a token for its certificate."""

    @classmethod
    def read(cls, path: Path) -> Settings:
        """Read the file that the role wrote."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

"""WLCG Bearer Token Discovery: where tools of the grid look for a user's token."""

from __future__ import annotations

import os
from collections.abc import Hashable, Mapping
from pathlib import Path

from harness.services.issuer.sources import base, token_file, validity
from harness.services.issuer.sources.base import Fixed

TEMPORARY = Path("/tmp")  # noqa: S108, the specification names it
_VARIABLE = "BEARER_TOKEN"


class Settings(base.Settings):
    """The process has one environment."""

    @property
    def holder(self) -> Hashable:
        """What is found there is one user's."""
        return "the environment"


class BearerTokenDiscovery(Fixed):
    """Looks where the specification says (version 1.0), in its order."""

    name = "bearer-token-discovery"
    keys = Settings

    def read(self) -> str:
        """Return the token that is found first; what is found and is no token ends the search."""
        if not (word := os.environ.get(_VARIABLE)):
            return token_file.read(found(os.environ))
        try:
            return validity.written(word)
        except ValueError as error:
            raise ValueError(f"{error} ({_VARIABLE})") from None


def found(environment: Mapping[str, str]) -> Path:
    """Return the file in which the token is, or in which it is missed."""
    if named := environment.get("BEARER_TOKEN_FILE"):
        return Path(named)
    name = f"bt_u{os.geteuid()}"
    runtime = environment.get("XDG_RUNTIME_DIR")
    if runtime and (Path(runtime) / name).exists():
        return Path(runtime) / name
    return TEMPORARY / name


SOURCE = BearerTokenDiscovery

"""All sites: what each site's own index publishes, side by side."""

from __future__ import annotations

from collections.abc import Iterator

from glue_provider.directory import below
from glue_provider.entries import Settings

_GRID = "GLUE2GroupID=grid,o=glue"


def publish(settings: Settings) -> Iterator[str]:
    """Yield the trees of all sites, each under its name."""
    for site, server in settings["indexes"].items():
        base = f"GLUE2DomainID={site},o=glue"
        yield from below(server, base, under=_GRID, instead_of=("o=glue",))

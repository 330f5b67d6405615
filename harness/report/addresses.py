"""Where in a night's folder the page of a cell stands; every link is made here."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from harness.errors import BadInput
from harness.names import unique

ADDRESS = "TESTBED_ADDRESS"
"""Variable that names where readers find the published pages: `https://www.example.org/interop`."""


def published() -> str:
    """Return where readers find the published pages, without a slash at its end; empty where nobody said.

    Raises
    ------
    BadInput
        where the variable holds no address of the web.
    """
    said = os.environ.get(ADDRESS, "").strip()
    try:
        parts = urlsplit(said)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if said and (not good or parts.query or parts.fragment or any(map(str.isspace, said))):
        raise BadInput(
            f"{ADDRESS}: {said!r} is no address of the web. Write where the pages are read, such as "
            "https://www.example.org/interop, or unset it."
        )
    return said.rstrip("/")


def cell_page(requirement: str, route: str) -> str:
    """Return the page of a requirement over a route; a site's name may have a dash, so a dot parts both."""
    return f"cells/{requirement}/{route.replace(':', '.')}.html"


def former_cell_page(requirement: str, home: str, resource: str) -> str:
    """Return the page that nights of former versions had, whose routes led to an infrastructure."""
    return f"cells/{requirement}/{home}-{resource}.html"


def scenario_page(scenario: str, route: str) -> str:
    """Return the page of a scenario over a route, which no other has: `a#b` and `a+b` differ."""
    return f"seen/{unique(scenario, route)}.html"


def route_page(route: str) -> str:
    """Return the page of all requirements over a route."""
    return f"routes/{route.replace(':', '.')}.html"


def pair_page(home: str, resource: str) -> str:
    """Return the page of all routes from an infrastructure to another one's sites."""
    return f"pairs/{home}.{resource}.html"

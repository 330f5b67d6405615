"""Where in a night's folder the page of a cell stands; every link is made here."""

from __future__ import annotations

import re


def slug(*words: str) -> str:
    """Return a name for a file or folder, of letters that need no escape in a URL."""
    text = ".".join(words).replace(".py::", ".")
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")


def cell_page(requirement: str, route: str) -> str:
    """Return the page of a requirement over a route; a site's name may have a dash, so a dot parts both."""
    return f"cells/{requirement}/{route.replace(':', '.')}.html"


def former_cell_page(requirement: str, home: str, resource: str) -> str:
    """Return the page that nights of former versions had, whose routes led to an infrastructure."""
    return f"cells/{requirement}/{home}-{resource}.html"


def scenario_page(scenario: str, route: str) -> str:
    """Return the page of a scenario over a route."""
    return f"seen/{slug(scenario, route)}.html"

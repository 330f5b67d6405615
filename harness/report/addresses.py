"""Where in a night's folder the page of a cell stands; every link is made here."""

from __future__ import annotations

from harness.names import unique


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

"""The names of routes: an infrastructure's users and a site, `egi:CSTCLOUD-TWIN`.

Who chooses routes may write `*` for any home or any site, and an infrastructure in the place of its sites:
`egi:cstcloud` means the users of EGI at all sites of CSTCloud.
"""

from __future__ import annotations

from typing import Literal, Protocol

ANY = "*"

Side = Literal["home", "resource"]
"""Whose service: that of the user's home, or that of the site to which the route leads."""
SIDES: tuple[Side, ...] = ("home", "resource")


class Ends(Protocol):
    """What a route runs from and to."""

    @property
    def home(self) -> str:
        """Infrastructure of the user."""
        ...

    @property
    def resource(self) -> str:
        """Infrastructure of the site."""
        ...

    @property
    def site(self) -> str:
        """Site of the resource."""
        ...


def name(home: str, site: str) -> str:
    """Return the name of a route."""
    return f"{home}:{site}"


def matches(pattern: str, *, home: str, resource: str, site: str) -> bool:
    """Tell whether a pattern means the route from `home` to a site of the infrastructure `resource`."""
    wanted_home, colon, wanted = pattern.partition(":")
    return bool(colon) and wanted_home in (ANY, home) and wanted in (ANY, site, resource)


def means(pattern: str, ends: Ends) -> bool:
    """Tell whether a pattern means the route of a cell, or of a run."""
    return matches(pattern, home=ends.home, resource=ends.resource, site=ends.site)

"""The names of routes: an infrastructure's users and a site, `egi:CSTCLOUD-TWIN`.

Who chooses routes may write `*` for any home or any site, and an infrastructure in the place of its sites:
`egi:cstcloud` means the users of EGI at all sites of CSTCloud.
"""

from __future__ import annotations

ANY = "*"


def name(home: str, site: str) -> str:
    """Return the name of a route."""
    return f"{home}:{site}"


def matches(pattern: str, *, home: str, resource: str, site: str) -> bool:
    """Tell whether a pattern means the route from `home` to a site of the infrastructure `resource`."""
    wanted_home, colon, wanted = pattern.partition(":")
    return bool(colon) and wanted_home in (ANY, home) and wanted in (ANY, site, resource)

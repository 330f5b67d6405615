"""Routes of made-up runs: three infrastructures, one of which has two sites."""

from __future__ import annotations

OWNERS = {
    "EGI-TWIN": "egi",
    "CSTCLOUD-TWIN": "cstcloud",
    "EGI-SECOND": "egi",
    "SKA-TWIN": "ska",
}
"""Site -> its infrastructure; the first of each is the home of the infrastructure's users."""

HOMES = {owner: site for site, owner in reversed(OWNERS.items())}

CROSS, BACK = "egi:CSTCLOUD-TWIN", "cstcloud:EGI-TWIN"
HOME, RESOURCE = "egi:EGI-TWIN", "cstcloud:CSTCLOUD-TWIN"
"""Of the first route, the control at the user's home, and that of the site's own users."""

TWIN = (CROSS, BACK, HOME, RESOURCE)


def ends(route: str) -> dict[str, str]:
    """Return what a cell says of its route."""
    home, site = route.split(":")
    return {"home": home, "resource": OWNERS[site], "site": site}

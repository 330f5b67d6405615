"""How the testbed's own client names itself: sites see whose requests these are, and whom to ask."""

from __future__ import annotations

from contextlib import suppress
from importlib import metadata

PRODUCT = "interop-testbed"


def version() -> str:
    """Return the testbed's version."""
    with suppress(metadata.PackageNotFoundError):
        return metadata.version(PRODUCT)
    return "unknown"


def user_agent(contact: str = "") -> str:
    """Return the field `User-Agent` of a request (RFC 9110, section 10.1.5).

    Parameters
    ----------
    contact
        the address of mail or the page where an administrator asks about the requests.
    """
    return f"{PRODUCT}/{version()}" + (f" (+{contact})" if contact else "")

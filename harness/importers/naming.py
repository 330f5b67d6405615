"""Names of others, and the names that an inventory may have in their place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Iterator
from itertools import chain, count

from harness import names
from harness.importers import yaml_files

_OF_ANSIBLE = frozenset({"all", "ungrouped", "infrastructures", "router", "mutants", "localhost"})
_FILES = frozenset({"hosts", "mutants", "agreement", "downtimes", "known-deviations"})
"""Names of files of an inventory that have a meaning."""


def site(said: str, taken: Iterable[str], *, reserved: Container[str]) -> str | None:
    """Return what a site is called in the inventory; None where its name has no letter or digit.

    It is the site's own name where that is one (`harness.names.SITE`) and no other site has it.

    Parameters
    ----------
    taken
        names of other sites.
    reserved
        names of infrastructures: a site may not be called so.
    """
    known = {name.lower() for name in taken}
    try:
        name = names.SITE.checked(said)
    except ValueError:
        name = _plain(said, names.SITE.others)[: names.SITE.longest].rstrip("._-")
    if not name:
        return None
    if name in reserved:
        name = f"{name}-site"
    return next(one for one in _variants(name, "-") if one.lower() not in known)


def host(said: str) -> str | None:
    """Return what a host is called in the inventory: in small letters, without a port.

    None where it is no name of one.
    """
    plain = re.sub(r":\d+$", "", said.strip().lower().rstrip("."))
    try:
        return names.HOST.checked(plain)
    except ValueError:
        return None


def group(site_name: str, taken: Container[str]) -> str:
    """Return the name of the group of a site's hosts, and with `-` for `_` of its file."""
    words = "_".join(re.findall(r"[a-z0-9]+", site_name.lower()))
    name = words if words[:1].isalpha() else f"site_{words}"
    if name in _OF_ANSIBLE or yaml_files.means_else(name) or name.replace("_", "-") in _FILES:
        name = f"site_{name}"
    return next(one for one in _variants(name, "_") if one not in taken)


def _plain(text: str, others: str) -> str:
    """Return a text in letters, digits and a few signs; letters lose their accents."""
    ascii_ = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(rf"[^A-Za-z0-9{re.escape(others)}]+", "-", ascii_)
    return re.sub(r"^[^A-Za-z0-9]+", "", words).rstrip("-")


def _variants(name: str, sign: str) -> Iterator[str]:
    return chain([name], (f"{name}{sign}{number}" for number in count(2)))

"""A new infrastructure whose issuer runs already: its terms, its group, its first site."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from harness.errors import BadInput
from harness.inventory import Inventory
from harness.new.draft import Draft, File, appended, rendered
from harness.new.site import connection_of, folder_of, group_of, loaded

TERMS = Path("group_vars") / "all.yml"
"""The file of an inventory that describes all infrastructures."""

ALGORITHMS = ("RS256", "ES256")
MEMBERS = ("member", "second", "outsider", "suspended", "robot")
"""Kinds of users that scenarios need at every infrastructure."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Infrastructure:
    """What an administrator wants."""

    name: str
    title: str
    domain: str
    issuer: str
    jwks_uri: str
    signing_alg: str
    subject_scope: str
    vo: str
    site: str
    """Name of its first site, which has the issuer."""
    implementation: str
    """Software of the issuer."""

    @property
    def authority(self) -> str:
        """What stands behind the `#` of an entitlement (AARC-G002)."""
        return urlsplit(self.issuer).hostname or ""

    def entitlement(self, vo: str, role: str) -> str:
        """Return the entitlement of a role in a virtual organisation (AARC-G002)."""
        return f"urn:mace:{self.subject_scope}:group:{vo}:role={role}#{self.authority}"


def draft(wanted: Infrastructure, current: Inventory) -> Draft:
    """Return the files of the infrastructure; they have been loaded together with the inventory.

    Raises
    ------
    BadInput
        naming what cannot be used, with the file.
    """
    path = folder_of(current)
    testbed = current.testbed
    if not _NAME.fullmatch(wanted.name):
        raise BadInput(
            f"`{wanted.name}` cannot name an infrastructure: write small letters, digits and _, as in "
            "egi."
        )
    if wanted.name in (one.name for one in testbed.infrastructures):
        raise BadInput(f"{path / TERMS}: the infrastructure `{wanted.name}` exists already.")
    for site in testbed.sites:
        if site.name == wanted.site:
            raise BadInput(
                f"{path}: the site `{wanted.site}` exists already, at {site.infrastructure}; choose "
                "another name."
            )
    for what, address in (("issuer", wanted.issuer), ("jwks_uri", wanted.jwks_uri)):
        if urlsplit(address).scheme != "https" or not urlsplit(address).hostname:
            raise BadInput(
                f"{what}: `{address}` is no URL of https, as in https://aai.example.org."
            )
    if wanted.signing_alg not in ALGORITHMS:
        raise BadInput(
            f"signing_alg: `{wanted.signing_alg}` is unknown; choose from {', '.join(ALGORITHMS)}."
        )
    terms = appended(
        path / TERMS,
        "infrastructures",
        rendered("infrastructure.yml.j2", wanted=wanted, members=MEMBERS),
    )
    variables = File(
        path / "group_vars" / f"{wanted.name}.yml",
        rendered("group.yml.j2", wanted=wanted),
    )
    hosts = File(
        path / f"{wanted.name}.yml",
        rendered(
            "hosts.yml.j2",
            wanted=wanted,
            group=_group(wanted),
            connection=connection_of(current),
        ),
    )
    files = (terms, variables, hosts)
    now = loaded(current, files).testbed
    if wanted.name not in (one.name for one in now.infrastructures):
        raise BadInput(f"{terms.path}: the infrastructure does not come out as `{wanted.name}`.")
    return Draft(
        files=files,
        steps=(
            f"Correct the members and entitlements, which are the usual ones: {terms.path}",
            f"Declare what its issuer can do (`capabilities`): {hosts.path}",
            f"Add its other services: testbed new site --inventory {path} --infrastructure {wanted.name}",
            f"See its routes: testbed list --inventory {path}",
        ),
    )


def _group(wanted: Infrastructure) -> str:
    """Return the name of the group of the first site, which is not the infrastructure's own."""
    name = group_of(wanted.site)
    return f"{name}_site" if name == wanted.name else name

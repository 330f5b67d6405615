"""A site has an entry in the registry of its infrastructure."""

from __future__ import annotations

import pytest

from harness.engine.refusal import Refused
from harness.model import Route
from harness.services.information.fixtures import Registries
from harness.services.issuer.user import User


@pytest.mark.requirement("INFO-015")
@pytest.mark.killed_by("lists-no-security-contact", "lists-sites-without-region")
def test_a_site_has_a_security_contact_of_its_own(
    route: Route, site_registry: Registries, member: User
) -> None:
    """A site's entry has the mandatory fields, and a security contact that is not a public address."""
    registry = site_registry.at(route.resource)
    site = registry.site(route.resource.name, by=member)
    assert not site.missing, f"the entry of {site.name} lacks {', '.join(site.missing)}"
    assert site.security_contact not in site.public_contacts
    assert registry.security_officers(route.resource.name, by=member)


@pytest.mark.requirement("INFO-015")
@pytest.mark.killed_by("open")
def test_contacts_are_not_told_to_strangers(
    route: Route, site_registry: Registries, member: User, refused: Refused
) -> None:
    """A member can read the contacts of a site; a request without a token cannot."""
    registry = site_registry.at(route.resource)
    token = member.token(registry.service.audience, "openid entitlements")
    refused(
        lambda bearer: registry.ask("get_site_contacts", by=bearer),
        good=token,
        bad=None,
    )


@pytest.mark.requirement("INFO-015")
@pytest.mark.killed_by("open")
def test_contacts_are_not_told_to_outsiders(
    route: Route, site_registry: Registries, member: User, outsider: User, refused: Refused
) -> None:
    """A member of the VO can read the contacts of a site; a user of another VO cannot."""
    registry = site_registry.at(route.resource)
    refused(
        lambda user: registry.ask("get_site_contacts", by=user),
        good=member,
        bad=outsider,
    )

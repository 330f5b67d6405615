"""What the testbed knows of clouds: Keystone, and the object store behind it."""

from __future__ import annotations

from pydantic import Field

from harness.kinds import WEB, Kind, Reach, Settings
from harness.model import Record

KEYSTONE = "org.openstack.keystone"
SWIFT = "org.openstack.swift"


class Login(Record):
    """How users of another infrastructure log in at a Keystone; sites differ in all of it."""

    protocol: str
    """Name of the federation protocol there: `openid`, `oidc`."""
    project: str
    """Name or id of the virtual organisation's project there."""
    project_domain: str | None = None
    """Id or name of the domain that has it, where several domains have a project of that name."""
    region: str | None = None
    """The region that is put to the test, where the Keystone serves several."""
    identity_providers: dict[str, str] = Field(default_factory=dict)
    """Infrastructure -> name of its issuer there, where it is not the infrastructure's own name."""
    dashboard: str | None = None
    """Address that the site trusts with the tokens of users who log in with a browser."""


class KeystoneSettings(Settings):
    """The inventory keys of a Keystone."""

    login: Login


KIND = Kind(
    name="cloud",
    title="Cloud",
    service_types=(KEYSTONE, SWIFT),
    capabilities={
        "browser": "Logs users in with a browser, as its dashboard sends them (WebSSO).",
    },
    settings={KEYSTONE: KeystoneSettings},
    schemes={KEYSTONE: WEB, SWIFT: WEB},
    fixtures={"cloud": Reach((KEYSTONE,), also=(SWIFT,))},
    controls={"traced_logins": ("resource",)},
    entrances="harness.services.cloud.entrance:entrances",
    leftovers="harness.services.cloud.leftovers:leftovers",
    vocabulary=(
        "harness.services.cloud.fixtures:Clouds",
        "harness.services.cloud.fixtures:Cloud",
        "harness.services.cloud.fixtures:SignOn",
        "harness.services.cloud.fixtures:Container",
        "harness.services.cloud.fixtures:StoredObject",
        "harness.services.cloud.client:Keystone",
        "harness.services.cloud.client:KeystoneToken",
    ),
    plugins=("harness.services.cloud.fixtures", "harness.services.cloud.traces"),
)

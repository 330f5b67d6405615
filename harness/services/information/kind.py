"""What the testbed knows of information indexes and registries."""

from harness.kinds import WEB, Kind, Reach

SITE_INDEX = "Site-BDII"
TOP_INDEX = "Top-BDII"
REGISTRY = "egi.GOCDB"
LDAP = {"ldap": "ldap"}

KIND = Kind(
    name="information",
    title="Information",
    service_types=(SITE_INDEX, TOP_INDEX, REGISTRY),
    capabilities={},
    schemes={SITE_INDEX: LDAP, TOP_INDEX: LDAP, REGISTRY: WEB},
    fixtures={
        "information": Reach((SITE_INDEX,)),
        "discovery": Reach((TOP_INDEX,)),
        "site_registry": Reach((REGISTRY,), scope="openid entitlements"),
    },
    controls={"batch_system": ("resource",), "declare_downtime": ("resource",)},
    vocabulary=(
        "harness.services.information.fixtures:Indexes",
        "harness.services.information.fixtures:Registries",
        "harness.services.information.index:Index",
        "harness.services.information.tree:Tree",
        "harness.services.information.tree:Entry",
        "harness.services.information.rules:Violation",
        "harness.services.information.registry:Registry",
        "harness.services.information.registry:Registered",
        "harness.services.information.registry:Outage",
    ),
    plugins=(
        "harness.services.information.fixtures",
        "harness.services.information.operation",
    ),
)

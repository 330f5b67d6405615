"""What the testbed knows of accounting repositories."""

from harness.kinds import WEB, Kind, Reach

REPOSITORY = "egi.APELRepository"

KEY = "accounting_repository_key"
"""The secret of an infrastructure that opens its repository to readers."""

KIND = Kind(
    name="accounting",
    title="Accounting",
    service_types=(REPOSITORY,),
    capabilities={
        "jobs": "Has the records of the site's jobs soon after they end.",
        "storage": "Has the records of the site's object store.",
        "hand-in": "Accepts messages of the testbed, signed with a key of the site.",
    },
    writing=frozenset({"hand-in"}),
    schemes={REPOSITORY: WEB},
    fixtures={"accounting": Reach((REPOSITORY,))},
    controls={"sender": ("resource",)},
    story="harness.services.accounting.narration:tell",
    kept="harness.services.accounting.usage:keep",
    vocabulary=(
        "harness.services.accounting.fixtures:Repositories",
        "harness.services.accounting.fixtures:Sender",
        "harness.services.accounting.client:Repository",
        "harness.services.accounting.records:Record",
        "harness.services.accounting.records:JobRecord",
        "harness.services.accounting.records:StorageRecord",
        "harness.services.accounting.records:SummaryRecord",
        "harness.services.accounting.messages:Message",
    ),
    plugins=("harness.services.accounting.fixtures",),
)

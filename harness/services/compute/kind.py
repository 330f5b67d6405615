"""What the testbed knows of computing elements: ARC CE and HTCondor."""

from harness.kinds import WEB, Kind, Reach

ARC = "org.nordugrid.arex"
HTCONDOR = "org.opensciencegrid.htcondorce"

FULL_SCOPE = "openid entitlements compute.read compute.create compute.cancel compute.modify"
"""Everything that one may do with jobs (WLCG Token Profile 1.3, section 2.2.1), and who one is."""

KIND = Kind(
    name="compute",
    title="Computing",
    service_types=(ARC, HTCONDOR),
    capabilities={
        "submit": "Accepts jobs.",
        "cancel": "Cancels jobs on request.",
        "output": "Returns the output of jobs.",
        "groups": "Lets members in by their groups if a token has no capability (WLCG, section 2.2.3).",
    },
    writing=frozenset({"submit", "cancel", "output"}),
    schemes={ARC: WEB, HTCONDOR: {"condor": "condor"}},
    fixtures={
        "compute": Reach((ARC, HTCONDOR), capabilities=("submit",), scope=FULL_SCOPE),
        "arc_commands": Reach((ARC,), capabilities=("submit",), scope=FULL_SCOPE),
    },
    controls={"restart_element": ("resource",), "traced_job": ("resource",)},
    entrances="harness.services.compute.entrance:entrances",
    leftovers="harness.services.compute.leftovers:leftovers",
    story="harness.services.compute.narration:tell",
    vocabulary=(
        "harness.services.compute.fixtures:ComputingElements",
        "harness.services.compute.client:ComputingElement",
        "harness.services.compute.client:JobDescription",
        "harness.services.compute.client:Job",
        "harness.services.compute.client:JobStatus",
        "harness.services.compute.client:JobState",
        "harness.services.compute.arc_commands:ArcCommands",
    ),
    plugins=(
        "harness.services.compute.fixtures",
        "harness.services.compute.restart",
        "harness.services.compute.traces",
    ),
)

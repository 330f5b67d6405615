"""What the testbed knows of computing elements: ARC CE and HTCondor."""

from harness.kinds import WEB, Kind, Reach

ARC = "org.nordugrid.arex"
HTCONDOR = "org.opensciencegrid.htcondorce"

KIND = Kind(
    name="compute",
    title="Computing",
    service_types=(ARC, HTCONDOR),
    capabilities={
        "submit": "Accepts jobs.",
        "cancel": "Ends jobs when it is asked to.",
        "output": "Gives back what jobs have written.",
    },
    writing=frozenset({"submit", "cancel", "output"}),
    schemes={ARC: WEB, HTCONDOR: {"condor": "condor"}},
    fixtures={"compute": Reach((ARC, HTCONDOR)), "arc_commands": Reach((ARC,))},
    entrances="harness.services.compute.entrance:entrances",
    leftovers="harness.services.compute.leftovers:leftovers",
    vocabulary=(
        "harness.services.compute.fixtures:ComputingElements",
        "harness.services.compute.client:ComputingElement",
        "harness.services.compute.client:JobDescription",
        "harness.services.compute.client:Job",
        "harness.services.compute.client:JobStatus",
        "harness.services.compute.client:JobState",
        "harness.services.compute.arc_commands:ArcCommands",
    ),
    plugins=("harness.services.compute.fixtures", "harness.services.compute.restart"),
)

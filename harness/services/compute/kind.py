"""What the testbed knows of computing elements: ARC CE and HTCondor."""

from harness.kinds import Kind, Reach

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
    fixtures={"compute": Reach((ARC, HTCONDOR)), "arc_commands": Reach((ARC,))},
    entrances="harness.services.compute.entrance:entrances",
    plugins=("harness.services.compute.fixtures", "harness.services.compute.restart"),
)

"""What the testbed knows of central suspension: who publishes a list of banned users."""

from harness.kinds import WEB, Kind, Reach

BAN_LIST = "eu.egi.ban-list"
"""Our own name: the GOCDB has one for Argus (`emi.ARGUS`), and none for a list of another form."""

KIND = Kind(
    name="suspension",
    title="Suspension",
    service_types=(BAN_LIST,),
    side="home",
    capabilities={},
    schemes={BAN_LIST: WEB},
    fixtures={"ban_list": Reach((BAN_LIST,)), "suspect": Reach((BAN_LIST,))},
    controls={"ban_list": ("home", "resource")},
    vocabulary=("harness.services.suspension.ban_list:BanList",),
    plugins=("harness.services.suspension.fixtures",),
)

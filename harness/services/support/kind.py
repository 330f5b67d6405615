"""What the testbed knows of helpdesks."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from harness.kinds import Kind, Reach, Settings

HELPDESK = "egi.GGUS"
"""The GOCDB's type for a helpdesk; EGI's own is named after its former software."""

REQUEST_TRACKER, ROUNDUP = "request-tracker", "roundup"
"""Implementations whose programming interface agents use here."""


class HelpdeskSettings(Settings):
    """The inventory keys of a helpdesk."""

    working_hour: Annotated[int, Field(gt=0, le=3600)] = 3600
    """Seconds that a working hour lasts by its clock; fewer than 3600 where a testbed's is accelerated."""


KIND = Kind(
    name="support",
    title="Support",
    service_types=(HELPDESK,),
    capabilities={
        "tickets": "Takes tickets by mail at `support@<host>`, and exchanges them with other helpdesks.",
        "levels": "Has support units of the levels Base, Medium and Advanced, and keeps their time.",
        "escalation": "Warns a support unit before its time is over, and calls the operations after it.",
    },
    writing=frozenset({"tickets", "levels", "escalation"}),
    settings={HELPDESK: HelpdeskSettings},
    schemes={HELPDESK: {"smtp": "smtp"}},
    fixtures={"helpdesks": Reach((HELPDESK,), capabilities=("tickets",))},
    controls={"helpdesks": ("home", "resource"), "stopped_mail": ("resource",)},
    vocabulary=(
        "harness.services.support.fixtures:Helpdesks",
        "harness.services.support.fixtures:Correspondent",
        "harness.services.support.helpdesk:Helpdesk",
        "harness.services.support.helpdesk:Ticket",
        "harness.services.support.helpdesk:Message",
        "harness.services.support.mail:Mail",
        "harness.services.support.mail:Attachment",
    ),
    plugins=("harness.services.support.fixtures", "harness.services.support.outage"),
)

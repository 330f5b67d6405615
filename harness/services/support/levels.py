"""The levels of EGI's support units, and how long each may let a ticket wait.

The levels are those of the EGI helpdesk (docs.egi.eu, Helpdesk, quality of support levels). A working day
has eight working hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Level = Literal["base", "medium", "advanced"]
Urgency = Literal["less urgent", "urgent", "very urgent", "top priority"]

DAY = 8
"""Working hours."""
WARNING = 0.75
"""Share of the time to answer after which a support unit is warned."""

HOURS: Mapping[Level, Mapping[Urgency, int]] = {
    "base": {
        "less urgent": 5 * DAY,
        "urgent": 5 * DAY,
        "very urgent": 5 * DAY,
        "top priority": 5 * DAY,
    },
    "medium": {
        "less urgent": 5 * DAY,
        "urgent": 5 * DAY,
        "very urgent": DAY,
        "top priority": DAY,
    },
    "advanced": {
        "less urgent": 5 * DAY,
        "urgent": DAY,
        "very urgent": DAY,
        "top priority": 4,
    },
}
"""Level -> urgency -> working hours in which a ticket must be answered."""

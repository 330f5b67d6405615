"""The files that stand beside an inventory's hosts and are ours to read.

Names alone, so that an inventory is loaded without the modules that read them.
"""

from __future__ import annotations

AGREEMENT = "agreement.yaml"
DEVIATIONS = "known-deviations.yaml"
DOWNTIMES = "downtimes.yaml"

FILES = (AGREEMENT, DEVIATIONS, DOWNTIMES)

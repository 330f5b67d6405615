"""Why a verdict is what it is, in a sentence."""

from __future__ import annotations

from harness.conformance.verdicts import Verdict
from harness.report.site.night import Night
from harness.report.site.templating import brief

_SENTENCE = 240
"""Characters of a reason where it stands for the whole; the cell's table has all of it."""


def why(night: Night, requirement: str, route: str) -> str:
    """Say why a requirement has its verdict over a route: by the worst of its scenarios."""
    shown = night.shown_by(requirement, route)
    if not shown:
        return "No scenario is known any more."
    worst, many = shown[0], len(shown)
    if worst.verdict is Verdict.CONFORMANT:
        return "Its scenario passed." if many == 1 else f"All {many} scenarios passed."
    of = "" if many == 1 else f"The worst of {many} scenarios: "
    if not worst.reason:
        return f"{of}{worst.title}."
    return f"{of}{worst.title}: {brief(worst.reason, most=_SENTENCE)}"

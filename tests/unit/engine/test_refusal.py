"""A refusal counts beside its control alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.unit.suites import Ran

SCENARIOS = '''
import pytest

from harness.answer import Answer

shows = pytest.mark.requirement("AUTH-017")
pytestmark = pytest.mark.killed_by("closed")
GOOD = Answer(what="GET f", status=200, ok=True, denied=False)
MISSING = Answer(what="GET f", status=404, ok=False, denied=False)
DENIED = Answer(what="GET f", status=403, ok=False, denied=True)


@shows
@pytest.mark.parametrize("good", [GOOD, DENIED], ids=["good", "denied"])
@pytest.mark.parametrize("bad", [GOOD, MISSING, DENIED], ids=["accepts", "misses", "denies"])
@pytest.mark.parametrize("kind", ["refused", "rejected"])
def test_it(route, request, kind, good, bad):
    """It is so."""
    found = request.getfixturevalue(kind)(lambda answer: answer, good=good, bad=bad)
    assert found is bad
'''


def test_what_passes_and_where_the_rest_fails(suite: Callable[..., Ran]) -> None:
    ended: dict[str, Any] = {
        o.scenario.partition("[")[2].removesuffix("]"): o.stage
        for o in suite(SCENARIOS, "egi:egi").outcomes
    }
    assert ended == {
        "refused-denies-good": None,
        "rejected-denies-good": None,
        "rejected-misses-good": None,
        "refused-misses-good": "assert",
        "refused-accepts-good": "assert",
        "rejected-accepts-good": "assert",
        **{
            f"{kind}-{bad}-denied": "control"
            for kind in ("refused", "rejected")
            for bad in ("accepts", "misses", "denies")
        },
    }

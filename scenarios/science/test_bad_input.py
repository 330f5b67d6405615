"""Errors that would give a wrong result, or that of another run, are reported; no result is accepted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.model import Route
from harness.science import result
from harness.science.experiment import Experiment
from harness.science.field import WrongResult, lightest
from harness.science.fixtures import Laboratory
from harness.services.compute.client import ComputingElement, JobState
from harness.services.issuer.user import User
from harness.services.storage.fixtures import Storages

pytestmark = [
    pytest.mark.requirement("SCI-003"),
    pytest.mark.needs(("org.nordugrid.arex", "org.opensciencegrid.htcondorce"), "output"),
    pytest.mark.needs("webdav", "write", side="home"),
]

Prepare = Callable[[], Experiment]


@pytest.fixture
def prepare(
    laboratory: Laboratory,
    route: Route,
    element: ComputingElement,
    storage: Storages,
    member: User,
) -> Prepare:
    """Prepare the lightest use case, with a folder of its own at home."""
    return lambda: laboratory.prepare(
        lightest(), home=storage.at(route.home), element=element, scientist=member
    )


@pytest.mark.killed_by("reports-failed-as-done", "tells-wrong-exit-code")
@pytest.mark.parametrize(
    ("change", "code", "why"),
    [
        pytest.param(Experiment.with_changed_bundle, 21, "bundle: it is not the one", id="bundle"),
        pytest.param(Experiment.with_too_much_memory, 20, "worker: not enough", id="memory"),
    ],
)
def test_a_job_that_cannot_be_right_says_why(
    prepare: Prepare, change: Callable[[Experiment], Experiment], code: int, why: str
) -> None:
    """A job with a changed bundle, or on a worker with too little memory, fails before it computes."""
    status, told = change(prepare()).fail()
    assert told.startswith(why), told
    assert (status.state, status.exit_code) == (JobState.FAILED, code), str(status)


@pytest.mark.killed_by("serves-what-others-fetched", "swaps-outputs")
def test_a_result_of_another_run_is_not_taken(prepare: Prepare) -> None:
    """Each of two runs of the same job gets its own result, and the result of the other run is refused."""
    first, second = prepare(), prepare()
    one = first.fetch(first.run())
    assert second.fetch(second.run()).manifest.run != one.manifest.run
    taken = first.output.get(by=first.scientist).expect_ok().body
    with pytest.raises(WrongResult, match="of another run"):
        result.opened(taken, second.plan)

"""Scientists of one infrastructure get correct results at a site of the other, in every field."""

from __future__ import annotations

import pytest

from harness.model import Route
from harness.science.field import Field
from harness.science.fixtures import Laboratory, cases
from harness.services.compute.client import ComputingElement
from harness.services.issuer.user import User
from harness.services.storage.fixtures import Storages

pytestmark = [
    pytest.mark.needs(("org.nordugrid.arex", "org.opensciencegrid.htcondorce"), "output"),
    pytest.mark.needs("webdav", "write", side="home"),
]


@pytest.mark.requirement("SCI-001", "SCI-002")
@pytest.mark.killed_by("loses-the-end-of-uploads", "serves-what-others-fetched")
@pytest.mark.parametrize("field", cases())
def test_a_result_is_right(
    route: Route,
    field: Field,
    laboratory: Laboratory,
    element: ComputingElement,
    storage: Storages,
    member: User,
) -> None:
    """A job computes with input from home, and returns a result that a scientist accepts.

    The same computed wrongly on purpose is told from it by the same check.
    """
    home = storage.at(route.home)
    experiment = laboratory.prepare(field, home=home, element=element, scientist=member)
    result = experiment.fetch(experiment.run())
    laboratory.keep(experiment.judge(result))

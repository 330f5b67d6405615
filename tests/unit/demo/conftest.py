from __future__ import annotations

import pytest

from harness.model import Testbed
from tests.unit.demo import story


@pytest.fixture(scope="session")
def twin() -> Testbed:
    return story.twin()


@pytest.fixture
def told(twin: Testbed) -> story.Told:
    """Nothing has been told yet, on the route that crosses."""
    return story.Told(twin)

"""The marks of a scenario, checked before anything runs: what is misspelt stops the run."""

from __future__ import annotations

import pytest

from harness.engine import cells, extents, needs, pairs
from harness.engine.case import one_a_scenario


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks."""
    config.addinivalue_line(
        "markers",
        f"{cells.REQUIREMENT}(*ids): requirements of the catalogue that the scenario shows",
    )
    config.addinivalue_line(
        "markers",
        f"{needs.MARK}(service_type, capability=None, implementation=None): "
        "the scenario is not offered where the site does not declare it",
    )
    config.addinivalue_line(
        "markers", f"{cells.OF_HOME}: the scenario tests the clients of the home's workstation"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse scenarios whose marks say nothing, or name what is not there.

    Raises
    ------
    pytest.UsageError
        naming file, test and id, and what is near it.
    """
    scenarios = list(one_a_scenario(items))
    found = [
        *cells.mistakes(scenarios, cells.requirements()),
        *needs.mistakes(scenarios),
        *pairs.mistakes(scenarios),
        *extents.mistakes(scenarios),
    ]
    if found:
        raise pytest.UsageError("\n".join(found))

"""The marks of a scenario, checked before anything runs: what is misspelt stops the run."""

from __future__ import annotations

from functools import cache

import pytest

from harness.conformance import catalogue
from harness.conformance.catalogue import Catalogue
from harness.scenario import cells, offer
from harness.scenario.plugin import testbed_of


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks."""
    config.addinivalue_line(
        "markers", f"{cells.REQUIREMENT}(*ids): what of the catalogue the scenario shows"
    )
    config.addinivalue_line(
        "markers",
        f"{offer.MARK}(service_type, capability=None, implementation=None): "
        "the scenario is not offered where the site does not declare it",
    )


@cache
def requirements() -> Catalogue:
    """Return the catalogue, read once."""
    return catalogue.load()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse scenarios whose marks say nothing, or name what is not there.

    Raises
    ------
    pytest.UsageError
        naming file, test and id, and what is near it.
    """
    found = [
        *cells.faults(items, requirements()),
        *offer.faults(items, testbed_of(config)),
        #         *mutation.faults(items),
    ]
    if found:
        raise pytest.UsageError("\n".join(found))

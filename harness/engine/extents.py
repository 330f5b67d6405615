"""What belongs to the full extent is not run in a core night, and says so.

`@pytest.mark.extent("full")` marks a scenario that is too heavy for every night. In the inventory
`extent: full` marks a host that is. Neither costs an exit code: `--extent full` runs them.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from harness import extent
from harness.engine.not_shown import NotRun
from harness.extent import EXTENTS, Extent
from harness.kinds import unknown
from harness.model import Testbed

MARK = "extent"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses."""
    group = parser.getgroup("testbed")
    group.addoption("--extent", choices=EXTENTS, default="core", help="what is run: core or full")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark."""
    config.addinivalue_line(
        "markers", f"{MARK}(name): the smallest extent that includes the scenario"
    )


def of(item: pytest.Item) -> Extent:
    """Return the least extent to which a test belongs."""
    named = [word for mark in item.iter_markers(MARK) for word in mark.args]
    return "full" if "full" in named else "core"


def included(item: pytest.Item) -> bool:
    """Tell whether the run's extent includes a test."""
    return extent.includes(item.config.option.extent, of(item))


def check(item: pytest.Item) -> None:
    """Do not run a test that the run's extent does not include.

    Raises
    ------
    NotRun
        with the extent that does.
    """
    if not included(item):
        raise NotRun(f"part of the {of(item)} extent (`--extent {of(item)}`)")


def check_hosts(item: pytest.Item, hosts: Iterable[str], testbed: Testbed) -> None:
    """Do not run a test that needs a host which the run's extent does not include.

    Raises
    ------
    NotRun
        with the host.
    """
    if host := testbed.beyond(item.config.option.extent, hosts):
        raise NotRun(f"{host.name} is part of the {host.extent} extent (`--extent {host.extent}`)")


def mistakes(items: Iterable[pytest.Item]) -> list[str]:
    """Return what is wrong with the marks: a misspelt extent would be the core."""
    found: dict[str, None] = {}
    for item in items:
        for mark in item.iter_markers(MARK):
            if len(mark.args) != 1 or mark.kwargs or mark.args[0] not in EXTENTS:
                said = unknown("extent", ", ".join(map(str, mark.args)), EXTENTS)
                found[f"{item.nodeid.partition('[')[0]}: {said}."] = None
    return list(found)

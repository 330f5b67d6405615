"""Scenarios run on a testbed, over routes: the plugin gives them both."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Say how scenarios are run, where the plugin is missing."""
    if not config.pluginmanager.hasplugin("harness.engine.plugin"):
        raise pytest.UsageError(
            "scenarios need a testbed. Use `testbed run -k NAME`, "
            "or `pytest -p harness.engine.plugin scenarios/...`"
        )

"""Why a scenario shows nothing: what fixtures and scenarios raise, and what the record keeps of it."""

from __future__ import annotations

import pytest

from harness.engine.pytest_private import Skipped

WARNING = pytest.StashKey[str]()
"""What the report must say beside a scenario that is not offered."""


class NotOffered(Skipped):
    """The site does not declare what the scenario needs, or is not held to what it shows."""


class NotRun(Skipped):
    """The testbed by its nature lacks what the scenario needs."""

"""Fixtures of the use cases' tests."""

from tests.unit.science.trials import trial

__all__ = ["trial"]

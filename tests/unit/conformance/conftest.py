from __future__ import annotations

import os
from typing import Any, Protocol

import pytest
from hypothesis import settings

from harness.conformance import catalogue
from harness.conformance.catalogue import Catalogue
from harness.conformance.outcomes import Cell, Outcome
from tests.unit.routes import ends

# The same cases each time: `make test` finds a fault that a change makes, not one by luck.
settings.register_profile("judge", max_examples=80, deadline=None, database=None, derandomize=True)
settings.register_profile("search", max_examples=1000, deadline=None, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "judge"))


class MakeOutcome(Protocol):
    def __call__(self, route: str, status: str = "passed", **fields: Any) -> Outcome: ...


@pytest.fixture(scope="session")
def requirements() -> Catalogue:
    return catalogue.load()


@pytest.fixture
def cell() -> Any:
    def make(route: str, **fields: Any) -> Cell:
        defaults = {
            "scenario": "auth/test_tokens.py::test_it",
            "title": "It is so",
            "family": "auth",
            "requirements": ("AUTH-017",),
        }
        return Cell(**(defaults | ends(route) | fields))

    return make


@pytest.fixture
def outcome(cell: Any) -> MakeOutcome:
    def make(route: str, status: str = "passed", **fields: Any) -> Outcome:
        known = {name: fields.pop(name) for name in list(fields) if name in Cell.model_fields}
        if status == "failed":
            fields = {"stage": "assert", "error": "assertion", "message": "it is not"} | fields
        if status == "error":
            fields = {"stage": "setup", "error": "crash", "message": "it broke"} | fields
        times = {"start": "2026-01-01T00:00:00+00:00", "stop": "2026-01-01T00:00:01+00:00"}
        return Outcome(**cell(route, **known).model_dump(), status=status, **(times | fields))

    return make

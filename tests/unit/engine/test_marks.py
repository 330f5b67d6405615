"""What is misspelt in a mark stops the run before anything runs."""

from __future__ import annotations

from collections.abc import Callable

from tests.unit.suites import Ran

SCENARIOS = """
import pytest
pytestmark = pytest.mark.killed_by("closed")

@pytest.mark.requirement("AUTH-17")
def test_requirement(route):
    pass

def test_none(route):
    pass

@pytest.mark.requirement("AUTH-017")
@pytest.mark.needs("egi.aai.oidc", "devise")
def test_capability(route):
    pass

@pytest.mark.requirement("AUTH-017")
@pytest.mark.needs("webdaf")
def test_service(route):
    pass

@pytest.mark.requirement("AUTH-017")
@pytest.mark.needs(colour="red")
def test_word(route):
    pass
"""


MUTANTS = """
import pytest

@pytest.mark.requirement("AUTH-017")
def test_nothing(route):
    pass

@pytest.mark.requirement("AUTH-017")
@pytest.mark.killed_by("ignores-expiri")
def test_misspelt(route):
    pass
"""


def test_a_mutant_that_is_not_there_is_told_with_file_and_line(suite: Callable[..., Ran]) -> None:
    ran = suite(MUTANTS)
    assert ran.code != 0
    assert "auth/test_suite.py:4: test_nothing: no mutant is named" in ran.output
    assert (
        "auth/test_suite.py:8: test_misspelt: unknown mutant 'ignores-expiri'; similar: ignores-expiry"
    ) in ran.output


DEPRECATED = """
import pytest
from harness.conformance import catalogue
from harness.engine import cells

pytestmark = pytest.mark.killed_by("closed")
whole = catalogue.load()
withdrawn = whole["AUTH-017"].model_copy(update={"state": "deprecated", "note": "now AUTH-018"})
kept = [one for one in whole if one.id != withdrawn.id]
cells.requirements.cache_clear()
cells.catalogues.load = lambda: catalogue.Catalogue([*kept, withdrawn])

@pytest.mark.requirement("AUTH-017")
def test_it(route):
    pass
"""


def test_a_deprecated_requirement_is_named_by_no_scenario(suite: Callable[..., Ran]) -> None:
    ran = suite(DEPRECATED)
    assert ran.code != 0
    assert "test_it: AUTH-017 is deprecated (now AUTH-018); name the requirement" in ran.output


def test_a_wrong_mark_is_told_with_file_test_and_what_is_near(suite: Callable[..., Ran]) -> None:
    """All of them at once, and each once although the scenarios run over four routes."""
    ran = suite(SCENARIOS)
    assert ran.code != 0
    assert "BadInput" in ran.output
    for said in (
        "::test_requirement: unknown requirement 'AUTH-17'; similar: AUTH-017",
        "::test_none: no requirement is named",
        "::test_capability: unknown capability 'devise'; similar: device",
        "::test_service: unknown service type 'webdaf'; similar: webdav",
        "::test_word: needs(service type, capability, implementation=..., side=...)",
    ):
        assert ran.output.count(f"auth/test_suite.py{said}") == 1, ran.output
    assert not (ran.folder / "outcomes.jsonl").exists()


OF_HOME = """
import pytest
pytestmark = [pytest.mark.requirement("AUTH-017"), pytest.mark.killed_by("closed")]


@pytest.mark.of_home
def test_of_a_client(route, storage):
    pass


def test_of_a_storage(route, storage):
    pass
"""


def test_what_tests_the_clients_of_home_is_the_homes_part(suite: Callable[..., Ran]) -> None:
    """Whatever service such a client asks, the site is not to blame."""
    sides = {o.test.rpartition("::")[2]: o.side for o in suite(OF_HOME, "egi:cstcloud").outcomes}
    assert sides == {"test_of_a_client": "home", "test_of_a_storage": "resource"}

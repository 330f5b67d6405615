"""A scenario that needs more than its users' credentials give is not run, and says what is lacking."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.conformance.outcomes import Outcome
from tests.unit.suites import Ran

# AUTH-052 is about persons, so that no robot stands in for a member.
MARKS = '@pytest.mark.requirement("AUTH-052")\n@pytest.mark.killed_by("closed")\n'
DATA = "storage.create:/ storage.modify:/ storage.read:/"
SCENARIOS = f"""
import pytest


{MARKS}def test_any_token(route, member, audience):
    assert member.token(audience).is_opaque


{MARKS}def test_chosen_scope(route, member, audience):
    member.token(audience, "storage.read:/a")


{MARKS}def test_chosen_scope_that_the_source_hides(route, member, audience):
    getattr(member, "token")(audience, "storage.read:/a")


{MARKS}def test_answer(route, member):
    member.ask()


{MARKS}def test_program_that_fails(route, second):
    second.token()


{MARKS}def test_nobody(route, outsider):
    outsider.token()


{MARKS}def test_nobody_is_asked_for(route, browser):
    pass


{MARKS}def test_token_for_home_alone(route, storage, monitor):
    assert monitor.token(storage.at(route.home).audience).is_opaque


{MARKS}def test_token_for_home_at_the_site(route, storage, monitor):
    monitor.token(storage.at(route.resource).audience)
"""


@pytest.fixture
def chosen(inventory_folder: Path) -> None:
    """Sources for EGI's users: tokens for every service and for one, a program that fails, and none."""
    file = inventory_folder / "group_vars" / "all.yml"
    text = file.read_text()
    any_audience = "https://wlcg.cern.ch/jwt/v1/any"
    for name, credentials in {
        "alice, kind: member": "{source: command, command: echo opaque-token-of-alice, "
        f"audience: {any_audience}, scope: '{DATA}'}}",
        "amelie, kind: second": "{source: command, command: [sh, -c, 'echo no ticket >&2; exit 1']}",
        "bob, kind: outsider": "none",
        "argo, kind: monitor": "{source: command, command: echo opaque-token-of-argo, "
        f"audience: https://se.egi.test, scope: '{DATA}'}}",
    }.items():
        assert name in text
        text = text.replace(name, f"{name}, credentials: {credentials}", 1)
    file.write_text(text)


@pytest.fixture
def outcomes(chosen: None, suite: Callable[..., Ran]) -> dict[str, Outcome]:
    ran = suite(SCENARIOS, "egi:cstcloud")
    return {one.scenario.rpartition("::")[2]: one for one in ran.outcomes}


def test_what_is_lacking_is_told_and_a_failing_source_is_no_sites_fault(
    outcomes: dict[str, Outcome],
) -> None:
    not_run = {name: one.message for name, one in outcomes.items() if one.status == "not run"}
    chosen = "alice of egi: `command` gives no tokens with scopes that a scenario chooses"
    at_home = "argo of egi: `command` gives tokens for https://se.egi.test"
    assert not_run == {
        "test_chosen_scope": chosen,
        "test_chosen_scope_that_the_source_hides": "alice of egi: `command` gives tokens that permit "
        f"{DATA}, and not storage.read:/a",
        "test_answer": "alice of egi: `command` shows no new answer of the issuer to a request",
        "test_nobody": "bob of egi: `none` gives no tokens",
        "test_token_for_home_at_the_site[xrootd]": f"{at_home}, but not for https://se.cstcloud.test",
        "test_token_for_home_at_the_site[apache]": f"{at_home}, but not for https://se.cstcloud.test:8443",
    }
    failed = outcomes["test_program_that_fails"]
    assert (failed.error, failed.failed_at) == ("unusable", ())
    assert "amelie of egi: `command` sh ended with exit code 1: no ticket" in failed.message
    for name in ("test_any_token", "test_nobody_is_asked_for", "test_token_for_home_alone"):
        assert outcomes[name].status == "passed", outcomes[name].message

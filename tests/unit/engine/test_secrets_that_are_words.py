"""A secret may be any word: texts lose it, and what a program reads does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.suites import Ran, Suite

WORDS = (
    "passed failed skipped teardown control assertion ReprEntry ReprExceptionInfo TestReport short "
    "cstcloud CSTCLOUD-TWIN egi.test cloud.cstcloud.test test_suite test_fails longrepr sections outcome"
).split()

SUITE = '''
import pytest
from harness.evidence import step
from harness.redaction import redactor

for word in {words}:
    redactor.remember(word)

pytestmark = [pytest.mark.requirement("AUTH-017"), pytest.mark.killed_by("closed")]


@pytest.fixture
def broken():
    raise RuntimeError("the set-up has failed")


def ask(route):
    url = next(s.endpoint for s in route.resource.services if s.type == "org.openstack.keystone")
    with step(f"GET {{url}}") as record:
        record.send(f"GET {{url}}")
        record.receive("HTTP 200, passed by cstcloud")


def test_passes(route):
    """A scenario that a site passes."""
    ask(route)


@pytest.mark.parametrize("word", ["teardown", "other"])
def test_fails(route, word):
    """A scenario that a site fails."""
    ask(route)
    print("it has failed at cstcloud")
    assert word == "passed", "the site cstcloud failed"


def test_control_fails(route, refused):
    """A scenario whose control fails."""
    from harness.answer import Answer
    refused(lambda it: Answer(what="it", status=500, ok=False, denied=False), good=1, bad=2)


def test_cannot_begin(route, broken):
    """A scenario whose set-up fails."""
'''
COMPARED = ("status", "stage", "error", "hosts", "services", "failed_at", "acted", "test")


def seen(ran: Ran) -> dict[tuple[str, str], dict[str, object]]:
    return {one.key: {name: getattr(one, name) for name in COMPARED} for one in ran.outcomes}


def elsewhere(suite: Suite, name: str) -> Suite:
    place = suite.place / name
    place.mkdir()
    return Suite(place, suite.inventory, suite.state)


def test_outcomes_are_the_same_whatever_words_are_secret(suite: Suite) -> None:
    plain = elsewhere(suite, "plain")(SUITE.format(words=[]), "egi:*", "cstcloud:*")
    secret = elsewhere(suite, "secret")(SUITE.format(words=WORDS), "egi:*", "cstcloud:*")
    assert len(seen(plain)) >= 20, plain.output
    assert seen(secret) == seen(plain)
    assert {one.status for one in secret.outcomes} == {"passed", "failed", "error"}
    names = [
        sorted(path.name for path in (r.folder / "evidence").iterdir()) for r in (plain, secret)
    ]
    assert names[0] == names[1]


def test_texts_for_people_lose_these_words(suite: Suite) -> None:
    ran = suite(SUITE.format(words=WORDS), "egi:*")
    assert "[redacted]" in ran.outcome("test_fails[other]").message
    assert "cstcloud" not in ran.outcome("test_fails[other]").message
    content = ran.evidence("test_passes")
    (step,) = content["steps"]  # type: ignore[misc]
    assert (step["status"], step["answer"]) == ("passed", "HTTP 200, [redacted] by [redacted]")
    assert "cstcloud" not in step["title"] + step["sent"]
    assert content["site"] in ("CSTCLOUD-TWIN", "EGI-TWIN")
    assert "whole_title" not in step
    for path in (ran.folder / "allure-results").glob("*-result.json"):
        result = json.loads(path.read_text())
        assert result["status"] in ("passed", "failed", "broken")
        assert "[redacted]" not in json.dumps(
            [result["labels"], result["name"], result["fullName"]]
        )


@pytest.mark.parametrize(
    ("secret", "flaw"),
    [
        ("Xk9-7q", "has 6 characters, but needs at least 8"),
        ("CSTCLOUD-TWIN", "is a word that the inventory uses"),
        ("cstcloud", "is a word that the inventory uses"),
        ("vo.interop.egi.eu", "is a word that the inventory uses"),
        ("cloud.egi.test", "is a word that the inventory uses"),
    ],
)
def test_a_vault_with_such_a_secret_is_refused(
    command: Callable[..., object], inventory_folder: Path, tmp_path: Path, secret: str, flaw: str
) -> None:
    vault = tmp_path / "state" / "unit" / "vault.json"
    vault.parent.mkdir(parents=True)
    vault.write_text(json.dumps({"vault": {"egi": {"password_a": "x" * 8, "password_b": secret}}}))
    vault.chmod(0o600)
    done = command("run", "--inventory", inventory_folder)
    assert done.returncode == 2  # type: ignore[attr-defined]
    said = " ".join(done.stderr.split())  # type: ignore[attr-defined]
    assert flaw in said
    assert "egi.password_b" in said
    assert f" {secret}" not in said
    assert not (tmp_path / "runs").exists()

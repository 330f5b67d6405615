"""Publishing to Swift, against a small cloud on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from harness.errors import BadInput, PreconditionError, PublishError
from harness.report import publish as publishing
from tests.unit.report.publish.conftest import FIRST, SECOND, Place, write_night, write_root
from tests.unit.report.publish.swift_fake import PASSWORD, Cloud


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between two attempts."""
    monkeypatch.setattr("harness.report.publish.swift._LONGEST_WAIT", 0)


def test_browsers_are_told_the_types(
    tree: Path, swift: Place, cloud: Cloud, console: Console
) -> None:
    publishing.publish(tree, swift.to, console=console)
    assert cloud.objects["pages/index.html"].content_type == "text/html; charset=utf-8"
    assert cloud.objects[f"pages/{FIRST}/empty.log"].content_type.startswith("text/plain")


def test_a_whole_night_costs_one_question(
    tree: Path, swift: Place, cloud: Cloud, console: Console
) -> None:
    publishing.publish(tree, swift.to, console=console)
    cloud.requests.clear()
    publishing.publish(tree, swift.to, console=console)
    assert [r for r in cloud.requests if FIRST in r] == [
        f"HEAD /v1/AUTH_unit/box/pages/{FIRST}/statement.json"
    ]


def test_trouble_that_passes_is_borne(
    tree: Path, swift: Place, cloud: Cloud, console: Console
) -> None:
    cloud.answers += [503, 0, 502]
    publishing.publish(tree, swift.to, console=console)
    assert len(swift.files()) == 8


@pytest.fixture(
    params=[
        ([503] * 99, PublishError, "HTTP 503"),
        ([403], PreconditionError, "access is denied"),
        ([413], PublishError, "the target is full"),
        ([422], PublishError, "HTTP 422"),
    ],
    ids=["trouble", "denied", "full", "damaged"],
)
def refusal(request: pytest.FixtureRequest) -> tuple[list[int], type[Exception], str]:
    """What Swift answers, and what is made of it."""
    refusal: tuple[list[int], type[Exception], str] = request.param
    return refusal


def test_a_refusal_is_told_and_the_rest_goes_on_from_there(
    tree: Path,
    swift: Place,
    cloud: Cloud,
    console: Console,
    refusal: tuple[list[int], type[Exception], str],
) -> None:
    answers, error, said = refusal
    publishing.publish(tree, swift.to, console=console)
    before = swift.files()
    write_night(tree, SECOND)
    write_root(tree, SECOND)
    cloud.answers += answers
    with pytest.raises(error, match=said):
        publishing.publish(tree, swift.to, console=console)
    there = swift.files()
    assert f"{SECOND}/statement.json" not in there
    assert {n: c for n, c in there.items() if not n.startswith(SECOND)} == before
    cloud.answers.clear()
    publishing.publish(tree, swift.to, console=console)
    assert b"bb02" in swift.files()["index.html"]


def test_a_container_that_is_not_ours_is_told(tree: Path, swift: Place, console: Console) -> None:
    with pytest.raises(BadInput, match="openstack container create none"):
        publishing.publish(tree, "swift://none", console=console)
    with pytest.raises(PreconditionError, match="access is denied"):
        publishing.publish(tree, "swift://locked", console=console)


def test_a_wrong_password_is_told(
    tree: Path, swift: Place, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_PASSWORD", "another one")
    with pytest.raises(PreconditionError, match="openstack token issue") as refused:
        publishing.publish(tree, swift.to, console=console)
    assert "another one" not in str(refused.value)
    assert PASSWORD not in str(refused.value)


def test_missing_settings_are_told(
    tree: Path, swift: Place, cloud: Cloud, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in cloud.environment:
        monkeypatch.delenv(name)
    with pytest.raises(PreconditionError, match=r"OS_AUTH_URL, OS_USERNAME|OS_CLOUD"):
        publishing.publish(tree, swift.to, console=console)


def test_a_cloud_that_does_not_answer_is_told(
    tree: Path, swift: Place, console: Console, monkeypatch: pytest.MonkeyPatch, nobody: int
) -> None:
    monkeypatch.setenv("OS_AUTH_URL", f"http://127.0.0.1:{nobody}/v3")
    with pytest.raises(PublishError, match=rf"(?i)127\.0\.0\.1:{nobody}"):
        publishing.publish(tree, swift.to, console=console)

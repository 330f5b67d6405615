"""A bundle is made once, kept by its hash, and made anew where it or its recipe has changed."""

from __future__ import annotations

import io
import os
import signal
from pathlib import Path

import pytest
from rich.console import Console

from harness import interruption
from harness.conformance.outcomes import Cell
from harness.errors import PreconditionError
from harness.provision.progress import Progress
from harness.science import bundles
from harness.science.field import Field, field
from harness.science.recipe import Recipe

FIELD = field("environment")


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The recipes of which bundles were made, in their order; nothing is fetched for it."""
    monkeypatch.setenv("TESTBED_STATE", str(tmp_path))
    names: list[str] = []

    def build(recipe: Recipe, tree: Path, *, log: Path) -> None:
        names.append(recipe.name)
        (tree / "software").write_text(recipe.key)

    monkeypatch.setattr("harness.science.building.build", build)
    return names


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def progress(said: io.StringIO) -> Progress:
    return Progress(Console(file=said, width=400))


def test_it_is_made_once(made: list[str], progress: Progress) -> None:
    first = bundles.ensure(FIELD, progress)
    assert bundles.ensure(FIELD, progress) == first
    assert made == ["environment"]
    assert first.path.name == f"{first.sha256}.tar.gz"
    assert bundles.find(FIELD) == first


def test_one_that_was_changed_is_told_and_made_anew(
    made: list[str], progress: Progress, said: io.StringIO
) -> None:
    first = bundles.ensure(FIELD, progress)
    first.path.write_bytes(b"another")
    assert bundles.find(FIELD) is None
    assert bundles.ensure(FIELD, progress).sha256 == first.sha256
    assert "it is not what was made" in said.getvalue()
    assert made == ["environment"] * 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    def build(_recipe: Recipe, tree: Path, *, log: Path) -> None:
        (tree / "half").write_text("of it")
        os.kill(os.getpid(), number)

    said = io.StringIO()
    monkeypatch.setenv("TESTBED_STATE", str(tmp_path))
    monkeypatch.setattr("harness.science.building.build", build)
    with interruption.raised(), pytest.raises(KeyboardInterrupt):
        bundles.ensure(FIELD, Progress(Console(file=said, width=400)))
    assert (
        "interrupted: the bundle of environment is not finished, and is removed" in said.getvalue()
    )
    assert _folders(tmp_path) == []
    assert bundles.find(FIELD) is None


def test_what_a_killed_process_has_left_goes_at_the_next_start(
    made: list[str], progress: Progress, tmp_path: Path
) -> None:
    """That of another field may be under way."""
    left = tmp_path / "bundles" / ".making-environment-1234abcd" / "tree"
    left.mkdir(parents=True)
    (left / "half").write_text("of it")
    other = tmp_path / "bundles" / ".making-physics-1234abcd"
    other.mkdir()
    bundles.ensure(FIELD, progress)
    assert _folders(tmp_path) == [other.name]
    assert made == ["environment"]


def _folders(state: Path) -> list[str]:
    return [path.name for path in (state / "bundles").iterdir() if path.is_dir()]


def test_another_recipe_makes_another(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("a==1")
    before = Recipe("a", tmp_path).key
    (tmp_path / "requirements.txt").write_text("a==2")
    assert Recipe("a", tmp_path).key != before


def test_what_scenarios_need_is_made_before_they_run(made: list[str], progress: Progress) -> None:
    bundles.prepare([_cell(FIELD)], "core", progress)
    assert made == ["environment"]


def test_what_cannot_be_made_is_told_and_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, progress: Progress, said: io.StringIO
) -> None:
    """Its scenarios get the reason; those of other fields have their bundles."""
    tried: list[str] = []
    other = field("physics")

    def build(recipe: Recipe, tree: Path, *, log: Path) -> None:
        tried.append(recipe.name)
        if recipe.name == FIELD.name:
            raise PreconditionError("uv pip install failed with exit code 2:\n  no [index]")
        (tree / "software").write_text(recipe.key)

    monkeypatch.setenv("TESTBED_STATE", str(tmp_path))
    monkeypatch.setattr("harness.science.building.build", build)
    monkeypatch.setattr(bundles, "_unmade", {})
    unmade = bundles.prepare([_cell(FIELD), _cell(other)], "full", progress)
    assert list(unmade) == [FIELD.name]
    assert f"the bundle of {FIELD.name} cannot be made, so its use case shows" in said.getvalue()
    assert "no [index]" in said.getvalue()
    with pytest.raises(
        PreconditionError, match=r"of environment could not be made: uv .* no \[ind"
    ):
        bundles.ensure(FIELD, progress)
    assert bundles.ensure(other, progress)
    assert tried == [FIELD.name, other.name]
    # The next run tries again.
    bundles.prepare([_cell(FIELD)], "full", progress)
    assert tried == [FIELD.name, other.name, FIELD.name]


def test_none_is_made_for_a_site_without_a_computing_element(
    made: list[str], progress: Progress
) -> None:
    bundles.prepare([_cell(FIELD, service="")], "core", progress)
    assert not made


def _cell(one: Field, *, service: str = "https://ce.egi.test/arex") -> Cell:
    return Cell(
        scenario="science/test_use_cases.py::test_a_result_is_right",
        test="science/test_use_cases.py::test_a_result_is_right",
        title="",
        family="SCI",
        requirements=(one.requirement,),
        route="egi:EGI-TWIN",
        home="egi",
        resource="egi",
        site="EGI-TWIN",
        service=service,
        refusal=False,
    )

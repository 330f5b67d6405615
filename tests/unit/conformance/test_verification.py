"""What is damaged in a run's folder is told, and never silently judged."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import inventory
from harness.conformance import (
    catalogue,
    evidence,
    judging,
    outcomes,
    runs,
    statement,
    verification,
)
from harness.conformance.runs import Run
from harness.conformance.statement import Statement
from harness.errors import BadInput, ExitCode, TestbedError
from tests.unit.nights import COPIES, make_night
from tests.unit.sealed import make_sealed_night

ID = "20260101T011500Z-00aa"
OTHER = "20260102T011500Z-00bb"
TWIN = Path(__file__).parents[3] / "inventories" / "twin"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    failed = {(COPIES, "egi:CSTCLOUD-TWIN"): "adler32 differs"}
    make_sealed_night(folder, OTHER, inventory.load(TWIN))
    return make_sealed_night(folder, ID, inventory.load(TWIN), failed)


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A run that nothing has happened to; another one lies beside it."""
    shutil.copytree(made.parent, tmp_path / "runs")
    return tmp_path / "runs" / ID


def change(path: Path, edit: Callable[[list[str]], list[str]]) -> None:
    path.write_text("".join(edit(path.read_text().splitlines(keepends=True))))


def reseal(folder: Path) -> None:
    """Let `run.json` have the digests of what is there: of a run that was left so."""
    run = Run.read(folder)
    files = {name: verification.files.digest(folder / name) or "" for name in run.files}
    planned = (folder / outcomes.PLAN).read_bytes().count(b"\n")
    run.model_copy(update={"files": files, "planned": planned}).write(folder)


def judged(folder: Path) -> str:
    """Return the message with which the judge refuses."""
    before = (folder / "verdicts.json").read_bytes()
    with pytest.raises(BadInput) as caught:
        judging.judge(folder, Run.read(folder))
    assert caught.value.exit_code is ExitCode.USAGE
    assert (folder / "verdicts.json").read_bytes() == before
    return str(caught.value)


def test_a_run_that_is_as_it_was_left_verifies_wherever_it_lies(folder: Path) -> None:
    moved = folder.rename(folder.with_name("renamed"))
    assert verification.verify(moved) == []
    judgement = judging.judge(moved, Run.read(moved))
    assert judgement.damage == ()
    stated = Statement.read(moved)
    assert stated.inputs == Run.read(moved).files
    assert set(stated.evidence) == {name for one in stated.scenarios for name in one.evidence}


@pytest.mark.parametrize(
    ("name", "edit", "said"),
    [
        (
            "plan.jsonl",
            lambda lines: lines[:-3],
            "has 5 cells, and run.json says that 8 were planned",
        ),
        (
            "plan.jsonl",
            lambda lines: lines[::-1],
            "does not have the SHA-256 that run.json",
        ),
        ("outcomes.jsonl", lambda lines: lines[:-1], "does not have the SHA-256 that"),
        ("evidence.sha256", lambda lines: lines[1:], "does not have the SHA-256 that"),
        ("inventory.json", lambda lines: [*lines, "\n"], "does not have the SHA-256 that"),
        ("catalogue/auth.yaml", lambda lines: [*lines, "# x\n"], "does not have the SHA-256 that"),
        (
            "framework/access.md",
            lambda lines: [*lines, "More.\n"],
            "does not have the SHA-256 that",
        ),
    ],
)
def test_a_file_that_was_cut_or_changed_is_refused_and_verify_sees_it(
    folder: Path, name: str, edit: Callable[[list[str]], list[str]], said: str
) -> None:
    change(folder / name, edit)
    assert judged(folder).startswith(f"{folder / name}: {said}")
    assert any(one.startswith(f"{folder / name}: {said}") for one in verification.verify(folder))


@pytest.mark.parametrize("name", ["plan.jsonl", "outcomes.jsonl", "catalogue/auth.yaml"])
def test_a_file_that_is_gone_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert f"{folder / name}: is missing or cannot" in judged(folder)
    assert any("is missing or cannot" in one for one in verification.verify(folder))


@pytest.mark.parametrize("name", ["catalogue/auth.yaml", "framework/access.md"])
def test_a_family_or_a_policy_that_was_added_is_refused(folder: Path, name: str) -> None:
    added = (folder / name).with_stem("zzz")
    shutil.copy(folder / name, added)
    assert f"{added}: did not exist when the run began" in judged(folder)


def test_the_record_of_another_run_is_refused(folder: Path) -> None:
    shutil.copy(folder.parent / OTHER / "run.json", folder)
    assert "is another run's" in judged(folder)
    assert any(f"is of the run {ID}" in one for one in verification.verify(folder))


def test_a_list_that_people_may_edit_is_told_and_judged(folder: Path) -> None:
    change(folder / "agreement.yaml", lambda lines: [*lines, "# seen\n"])
    (folder / "downtimes.yaml").unlink()
    run = Run.read(folder)
    judging.judge(folder, run)
    told = verification.edited(folder, run)
    assert [text.partition(": ")[0] for text in told] == [
        str(folder / "agreement.yaml"),
        str(folder / "downtimes.yaml"),
    ]
    assert verification.verify(folder) == told


@pytest.mark.parametrize(
    ("name", "edit", "said"),
    [
        (
            "outcomes.jsonl",
            lambda lines: [*lines, lines[2]],
            r"outcomes\.jsonl:9: attempt 1 at .* is there already, in line 3",
        ),
        ("plan.jsonl", lambda lines: [*lines, lines[0]], r"plan\.jsonl:9: .* already, in line 1"),
        ("plan.jsonl", lambda lines: lines[1:], r"outcomes\.jsonl:1: .* is not in plan\.jsonl"),
        (
            "outcomes.jsonl",
            lambda lines: [lines[0].replace('"start":"2026', '"start":"noon, 2026'), *lines[1:]],
            r"outcomes\.jsonl:1: no outcome: start: 'noon, 2026",
        ),
        (
            "outcomes.jsonl",
            lambda lines: [lines[0].replace('"attempt":1', '"attempt":0'), *lines[1:]],
            r"outcomes\.jsonl:1: no outcome: attempt: 0 is less than 1",
        ),
        (
            "outcomes.jsonl",
            lambda lines: [lines[0].replace('"evidence/0.json', '"evidence/../0.json'), *lines[1:]],
            r"outcomes\.jsonl:1: no outcome: evidence: .* is no file of evidence/",
        ),
        (
            "outcomes.jsonl",
            lambda lines: [lines[0].replace('"evidence/0.json', '"evidence/1.json'), *lines[1:]],
            r"outcomes\.jsonl:2: evidence/1\.json is already the evidence of line 1",
        ),
        ("outcomes.jsonl", lambda lines: [*lines[:-1], lines[-1][:50]], "ends in the middle"),
        (
            "plan.jsonl",
            lambda lines: [lines[0].replace('"CSTCLOUD-TWIN"', '"MARS"'), *lines[1:]],
            r"plan\.jsonl:1: .* at MARS is on no route of the run",
        ),
    ],
)
def test_what_no_run_can_have_written_is_refused_with_its_line(
    folder: Path, name: str, edit: Callable[[list[str]], list[str]], said: str
) -> None:
    """Also where all digests are right: nothing is taken on trust."""
    change(folder / name, edit)
    reseal(folder)
    message = judged(folder)
    assert re.search(said, message), message
    assert verification.verify(folder)


def test_a_plan_that_is_cut_within_a_line_is_refused_in_runs_of_former_versions_too(
    tmp_path: Path,
) -> None:
    folder = make_night(tmp_path, ID)
    change(folder / "plan.jsonl", lambda lines: [*lines[:-1], lines[-1][:50]])
    assert "plan.jsonl: ends in the middle of a line" in judged(folder)


@pytest.mark.parametrize("sealed", [True, False])
def test_lost_and_changed_evidence_is_told_by_the_judge_and_his_exit_code(
    folder: Path, tmp_path: Path, sealed: bool
) -> None:
    """Made again, the statement still has the digests of what was lost."""
    folder = folder.parent / OTHER if sealed else make_night(tmp_path / "old", ID)
    (folder / "evidence" / "0.json").unlink()
    (folder / "evidence" / "1.json").write_text("{}")
    run = Run.read(folder)
    for _ in range(2):
        judgement = judging.judge(folder, run)
        gone, changed = judgement.damage
        assert gone.startswith("evidence that is gone: 1 of 8 files (evidence/0.json)")
        assert changed.startswith("evidence that is changed since the run: 1 of 8 files")
        assert judgement.exit_code is ExitCode.INCONCLUSIVE
        statement.make(folder, run, judgement).write(folder)
        assert {"evidence/0.json is missing", "evidence/1.json was changed"} == set(
            verification.verify(folder)
        )


def test_evidence_that_was_pruned_is_no_damage(folder: Path) -> None:
    folder = folder.parent / OTHER
    shutil.rmtree(folder / "evidence")
    (folder / evidence.PRUNED).write_text("on purpose\n")
    judgement = judging.judge(folder, Run.read(folder))
    assert judgement.damage == ()
    assert judgement.exit_code is ExitCode.AS_EXPECTED
    assert verification.verify(folder) == []


def test_a_record_of_a_later_harness_is_refused(folder: Path) -> None:
    content = json.loads((folder / "run.json").read_text()) | {"form": runs.FORM + 1, "id": 3}
    (folder / "run.json").write_text(json.dumps(content))
    with pytest.raises(
        BadInput, match=f"has format {runs.FORM + 1}, and this version of the testbed reads"
    ):
        Run.read(folder)
    assert "Use the version that wrote it" in verification.verify(folder)[0]


def test_a_statement_that_is_not_there_is_told(folder: Path) -> None:
    (folder / "statement.json").unlink()
    assert [one.partition(": ")[2] for one in verification.verify(folder)] == [
        f"is not there. `testbed judge {folder}` makes it."
    ]


def test_a_published_night_is_held_against_its_statement(folder: Path, tmp_path: Path) -> None:
    night = tmp_path / "night"
    shutil.copytree(folder / "evidence", night / "evidence")
    shutil.copy(folder / "statement.json", night)
    assert verification.verify(night) == []
    (night / "evidence" / "0.json").write_text("{}")
    assert verification.verify(night) == ["evidence/0.json was changed"]


READ = ("run.json", "plan.jsonl", "outcomes.jsonl", "evidence.sha256", "inventory.json")


@given(
    name=st.sampled_from((*READ, "statement.json", "known-deviations.yaml", "catalogue/auth.yaml")),
    content=st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=5,
        ).map(lambda value: json.dumps(value).encode() + b"\n"),
    ),
)
def test_whatever_a_file_holds_the_answer_is_our_own(
    made: Path, tmp_path_factory: pytest.TempPathFactory, name: str, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("torn") / ID
    shutil.copytree(made, folder, copy_function=shutil.copy)
    (folder / name).write_bytes(content)
    check(folder, name)


@given(data=st.data())
def test_whatever_bytes_are_cut_out_or_put_in_the_answer_is_our_own(
    made: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("torn") / ID
    shutil.copytree(made, folder, copy_function=shutil.copy)
    name = data.draw(st.sampled_from(READ))
    content = (folder / name).read_bytes()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(start + 50, len(content))))
    (folder / name).write_bytes(content[:start] + data.draw(st.binary(max_size=5)) + content[end:])
    check(folder, name)


def check(folder: Path, name: str) -> None:
    """Judge and verify, sealed as it was and as if the run had left it so: no error but ours."""
    verification.verify(folder)
    for again in (False, True):
        with suppress(TestbedError):
            if again and name != "run.json":
                reseal(folder)
            judging.judge(folder, Run.read(folder))


def test_the_copies_are_judged_by_and_not_the_checkout(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = judging.judge(folder, Run.read(folder))
    monkeypatch.setattr(catalogue.load, "__defaults__", (tmp_path / "nowhere",))
    with pytest.raises(BadInput):
        catalogue.load()
    assert judging.judge(folder, Run.read(folder)) == before

"""What a proof shows on the console, and the whole of it in a file."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from rich.console import Console

from harness import mutants
from harness.proof import table
from harness.proof.judgement import Pair, Proof, Result


def proof(*pairs: tuple[str, Result]) -> Proof:
    return Proof(
        pairs=tuple(
            Pair(
                scenario="auth/test_a.py::test_a",
                route="egi:CSTCLOUD-TWIN",
                mutant=mutant,
                refusal=True,
                result=result,
                reason="it [is] so",
            )
            for mutant, result in pairs
        ),
        unproven=(),
        excused=(),
        scenarios=1,
        refusals=1,
        partial=False,
    )


def shown(one: Proof) -> str:
    text = io.StringIO()
    table.show(one, console=Console(file=text, width=120))
    return text.getvalue()


def test_a_survivor_is_named_with_its_route_and_reason() -> None:
    said = shown(proof(("open", Result.KILLED), ("ignores-expiry", Result.SURVIVED)))
    assert (
        "survived: auth/test_a.py::test_a [egi:CSTCLOUD-TWIN] against ignores-expiry: it [is] so"
        in said
    )
    assert "1 survivors" in said


def test_few_mutants_are_listed_one_by_one_and_many_only_where_something_is_wrong() -> None:
    assert "Everything is refused" in shown(proof(("closed", Result.KILLED)))
    every = [(mutant.id, Result.KILLED) for mutant in mutants.load()]
    assert "Everything is refused" not in shown(proof(*every))
    said = shown(proof(*every, ("closed", Result.SURVIVED)))
    assert "Everything is refused" in said
    assert "ignores-expiry" not in said


def test_the_file_has_a_line_a_scenario_and_a_column_a_mutant(tmp_path: Path) -> None:
    table.write(proof(("open", Result.KILLED), ("closed", Result.VOID)), tmp_path)
    with (tmp_path / "matrix.csv").open() as file:
        assert list(csv.reader(file)) == [
            ["scenario", "route", "closed", "open"],
            ["auth/test_a.py::test_a", "egi:CSTCLOUD-TWIN", "void", "killed"],
        ]

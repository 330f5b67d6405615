"""Phrases that docs/style.md replaces are found in what reports show, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.engine import session, wording


def test_what_we_ship_has_none_of_them() -> None:
    places = [session.SCENARIOS, *session.ROOT.glob("inventories/*/known-deviations.yaml")]
    assert list(wording.breaches(places)) == []


def test_a_title_is_read_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "test_it.py"
    path.write_text('"""Scopes."""\n\n\ndef test_it():\n    """A scope permits to read."""\n')
    assert list(wording.breaches([tmp_path])) == [
        f"{path}:4: 'permits to'. Write: permits + -ing: `permits reading` (docs/style.md)."
    ]


def test_sentences_of_yaml_are_read_and_other_values_are_not(tmp_path: Path) -> None:
    path = tmp_path / "mutants.yaml"
    path.write_text("mutants:\n  - id: who-shows\n    fault: Who shows no token gets in.\n")
    assert [line.split(". ")[0] for line in wording.breaches([path])] == [f"{path}:3: 'Who shows'"]


@pytest.mark.parametrize(
    "text", ["It was built.", "The reminder is permitted.", "A token expires."]
)
def test_whole_words_alone_count(tmp_path: Path, text: str) -> None:
    (tmp_path / "one.yaml").write_text(f"note: {text}\n")
    assert wording.main([str(tmp_path)]) == 0


def test_the_command_ends_with_1_and_names_the_phrase(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one.yaml").write_text("reason: The host is ill.\n")
    assert wording.main([str(tmp_path)]) == 1
    assert "'ill'. Write: unhealthy" in capsys.readouterr().out


def test_an_empty_file_has_no_sentences(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("")
    assert list(wording.breaches([tmp_path])) == []

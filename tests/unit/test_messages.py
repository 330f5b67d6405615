"""The catalogues have all texts, and each translation the same words between braces."""

from __future__ import annotations

from string import Formatter

import pytest

from harness import messages
from harness.translation import ENGLISH, FOLDER, languages

TRANSLATED = [language for language in languages() if language != ENGLISH]


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_is_up_to_date(language: str) -> None:
    found = (FOLDER / f"{language}.po").read_text().splitlines()
    assert found == messages.updated(language, messages.extracted()).decode().splitlines(), (
        "call `make messages`"
    )


@pytest.mark.parametrize("language", TRANSLATED)
def test_all_is_translated(language: str) -> None:
    """What is listed here stays English."""
    assert [one.id for one in messages.read(language) if one.id and not one.string] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_same_words_between_braces(language: str) -> None:
    wrong = [
        one.id
        for one in messages.read(language)
        if one.id and one.string and _placeholders(str(one.id)) != _placeholders(str(one.string))
    ]
    assert wrong == []


def test_texts_are_found_in_code_templates_and_records() -> None:
    found = messages.extracted()
    assert found["The user stores the file {name}."] == ("harness/services/storage/narration.py",)
    assert "harness/demo/templates/page.html" in found["What was done, and what came back"]
    assert found["Storage"] == ("harness/services/storage/kind.py",)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_whose_text_is_gone_is_set_aside(language: str) -> None:
    """It serves again where the text comes back, as with a branch that is not merged yet."""
    assert '#~ msgid "Storage"' in messages.updated(language, {}).decode()

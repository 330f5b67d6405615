"""The catalogues have all texts, and each translation the same words between braces."""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import Formatter

import pytest

from harness import messages
from harness.translation import ENGLISH, FOLDER, languages

TRANSLATED = [language for language in languages() if language != ENGLISH]


def _placeholders(text: str) -> set[str]:
    """Return the values that a text holds: `{name}` of code, `%(name)s` and tags of templates."""
    named = {name for _, name, _, _ in Formatter().parse(text) if name}
    return named | set(re.findall(r"%\(\w+\)s|</?[a-z]+", text))


def _forms(text: str | Sequence[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_is_up_to_date(language: str) -> None:
    found = (FOLDER / f"{language}.po").read_text().splitlines()
    assert found == messages.updated(language, messages.extracted()).decode().splitlines(), (
        "call `make messages`"
    )


@pytest.mark.parametrize("language", TRANSLATED)
def test_all_is_translated(language: str) -> None:
    """What is listed here stays English."""
    assert [
        one.id for one in messages.read(language) if one.id and not all(_forms(one.string))
    ] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_same_words_between_braces(language: str) -> None:
    wrong = [
        one.id
        for one in messages.read(language)
        if one.id
        for said in _forms(one.string)
        # The last form is that for many things: Chinese has it alone.
        if said and _placeholders(_forms(one.id)[-1]) != _placeholders(said)
    ]
    assert wrong == []


def test_texts_are_found_in_code_templates_and_records() -> None:
    found = messages.extracted()
    assert found["The user stores the file {name}."] == ("harness/services/storage/narration.py",)
    assert "harness/demo/templates/page.html" in found["What was done, and what came back"]
    assert found["{n} could not be judged", "{n} could not be judged"] == (
        "harness/report/site/headline.py",
    )
    assert "harness/report/site/templates/front.html" in found["What needs action"]
    assert found["known deviation"][0] == "harness/conformance/verdicts.py"
    assert found["Storage"] == ("harness/services/storage/kind.py",)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_whose_text_is_gone_is_set_aside(language: str) -> None:
    """It serves again where the text comes back, as with a branch that is not merged yet."""
    assert '#~ msgid "Storage"' in messages.updated(language, {}).decode()

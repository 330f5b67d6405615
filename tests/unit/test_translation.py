"""Texts come in the reader's language; what is not translated stays English, and is listed here."""

from __future__ import annotations

import pytest

from harness.errors import BadInput
from harness.translation import Speaker, chosen, languages, tag


@pytest.mark.parametrize(
    ("wanted", "environment", "language"),
    [
        ("", {}, "en"),
        ("", {"LANG": "zh_CN.UTF-8"}, "zh"),
        ("", {"LANG": "C.UTF-8"}, "en"),
        ("", {"LANG": "de_DE.UTF-8"}, "en"),
        ("", {"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB"}, "en"),
        ("", {"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
        ("zh", {"LANG": "en_GB"}, "zh"),
        ("zh-Hans", {}, "zh"),
    ],
)
def test_the_language_is_that_of_the_option_or_of_the_environment(
    wanted: str, environment: dict[str, str], language: str
) -> None:
    assert chosen(wanted, environment) == language


def test_an_unknown_language_that_is_asked_for_is_refused() -> None:
    with pytest.raises(BadInput, match="--lang fr: there are en, zh"):
        chosen("fr", {})


def test_a_text_that_no_catalogue_has_stays_english() -> None:
    assert Speaker("zh")("This text stands nowhere.") == "This text stands nowhere."
    assert Speaker("zh")("") == ""


def test_pages_name_their_language_by_its_tag() -> None:
    assert [tag(language) for language in languages()] == ["en", "zh-Hans"]

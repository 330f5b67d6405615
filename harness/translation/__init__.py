"""Texts in the reader's language, by gettext catalogues: `<language>.po` in this folder.

A program writes a text in English, as `tr("The user stores the file {name}.")`. A text that no catalogue
has stays English. `make messages` brings the catalogues up to date (`harness.messages`).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from harness.errors import BadInput

FOLDER = Path(__file__).parent
ENGLISH = "en"

_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Where an environment names its language: the first that is set counts (POSIX, section 8.2)."""


def languages() -> tuple[str, ...]:
    """Return the languages that there are, English first: `en`, `zh`."""
    return (ENGLISH, *sorted(path.stem for path in FOLDER.glob("*.po")))


def chosen(wanted: str, environment: Mapping[str, str]) -> str:
    """Return the language that was asked for, or that of the environment (`LANG=zh_CN.UTF-8`).

    Raises
    ------
    BadInput
        where one is asked for that there is not; one that an environment names falls back to English.
    """
    if wanted:
        if (language := _of(wanted)) in languages():
            return language
        raise BadInput(f"--lang {wanted}: there are {', '.join(languages())}.")
    named = next((environment[name] for name in _VARIABLES if environment.get(name)), ENGLISH)
    return language if (language := _of(named)) in languages() else ENGLISH


def tag(language: str) -> str:
    """Return the language as a web page names it (BCP 47)."""
    return {"zh": "zh-Hans"}.get(language, language)


def _of(name: str) -> str:
    """Return the language of a locale's name: `zh` of `zh_CN.UTF-8` and of `zh-Hans`."""
    return name.partition(".")[0].replace("-", "_").partition("_")[0].lower()


class Speaker:
    """Says texts in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalogue = catalogue(language)

    def __call__(self, text: str) -> str:
        """Return a text in the language; as it is where the catalogue has it not."""
        return self._catalogue.gettext(text) if text else ""


@cache
def catalogue(language: str) -> NullTranslations:
    """Return the translations into a language; none into English."""
    if language == ENGLISH:
        return NullTranslations()
    # Compiled here: a compiled catalogue in the repository could be older than its source.
    from babel.messages.mofile import write_mo  # noqa: PLC0415, for those alone who read no English
    from babel.messages.pofile import read_po  # noqa: PLC0415

    compiled = io.BytesIO()
    with (FOLDER / f"{language}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)

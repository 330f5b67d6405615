"""Texts in the reader's language, by gettext catalogues: `<language>.po` in this folder.

A program writes a text in English, as `tr("The user stores the file {name}.")`. A text that no catalogue
has stays English. `make messages` brings the catalogues up to date (`harness.messages`).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import BadInput

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

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


def name(language: str) -> str:
    """Return what a language calls itself, as a switch of languages says it."""
    return {"en": "English", "zh": "中文"}.get(language, language)


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

    def plural(self, one: str, many: str, number: int) -> str:
        """Return the text for one, or for another number, as the language tells them apart."""
        return self._catalogue.ngettext(one, many, number)


@cache
def catalogue(language: str) -> NullTranslations:
    """Return the translations into a language; none into English."""
    if language == ENGLISH:
        return NullTranslations()
    # Compiled here: a compiled catalogue in the repository could be older than its source.
    from babel.messages.mofile import write_mo  # noqa: PLC0415, for those alone who read no English

    compiled = io.BytesIO()
    write_mo(compiled, _written(language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def texts(language: str, places: Iterable[str]) -> dict[str, str]:
    """Return the texts that files have (each named by the end of its path) and their translations.

    Of a text that has a form for a single thing, both forms are there.
    """
    ends = tuple(places)
    found: dict[str, str] = {}
    for one in _written(language):
        if one.id and any(place.endswith(ends) for place, _ in one.locations):
            said = one.string if isinstance(one.string, str) else [*(one.string or ("",))][-1]
            if said:
                found |= dict.fromkeys([one.id] if isinstance(one.id, str) else one.id, said)
    return found


@cache
def _written(language: str) -> Catalog:
    from babel.messages.pofile import read_po  # noqa: PLC0415

    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


PLAIN = Speaker(ENGLISH)
"""Says every text as it is written."""

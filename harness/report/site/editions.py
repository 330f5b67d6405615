"""The languages of the pages: English has all of them, another language those that most people open.

The pages of another language are in a folder of its own (`zh/`). They link to the English pages where there
is no translation. There are too many pages of cells and scenarios to have them twice: a script translates
the words that are the same on all of them, and leaves the evidence as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from harness.report.site.templating import Page
from harness.translation import ENGLISH, Speaker, languages, name, tag, texts

_PAGES = re.compile(r"(index\.html|matrix\.html|sites\.html|usage\.html|(sites|routes|pairs)/.*)$")
"""Pages that are there in every language."""
_FOLLOWING = re.compile(r"(cells|seen)/")
"""Pages that are there once, and whose words a script translates."""
_WORDS = ("base", "header", "footer", "macros", "cell", "scenario", "cure", "evidence")
"""Templates of such pages."""
_VALUE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Edition:
    """The pages in one language."""

    language: str

    @property
    def folder(self) -> str:
        """Where they lie in a night's folder: empty for English, else `zh/`."""
        return "" if self.language == ENGLISH else f"{self.language}/"

    @property
    def tr(self) -> Speaker:
        """What says a text in the language."""
        return _speaker(self.language)

    @property
    def name(self) -> str:
        """What the language calls itself."""
        return name(self.language)

    @property
    def tag(self) -> str:
        """The language as HTML names it."""
        return tag(self.language)


@cache
def _speaker(language: str) -> Speaker:
    return Speaker(language)


EDITIONS = tuple(Edition(language) for language in languages())
IN_ENGLISH = EDITIONS[0]


def in_all(page: str) -> bool:
    """Tell whether a page is there in every language."""
    return _PAGES.match(page) is not None


def follows(page: str) -> bool:
    """Tell whether a script translates the words of a page."""
    return _FOLLOWING.match(page) is not None


def words() -> Iterator[Page]:
    """Make the scripts with the words of such pages, one for each language but English."""
    for edition in EDITIONS[1:]:
        plain: dict[str, str] = {}
        forms: list[tuple[str, str]] = []
        found = texts(edition.language, [f"site/templates/{one}.html" for one in _WORDS])
        verdicts = texts(edition.language, ["conformance/verdicts.py"])
        for english, translated in sorted((found | verdicts).items()):
            if _VALUE.search(english):
                forms.append((_pattern(english), _VALUE.sub(r"$<\1>", translated)))
            else:
                plain[english] = translated
        told = json.dumps(
            {"lang": edition.tag, "folder": edition.folder, "pages": f"^{_PAGES.pattern}"}
            | {"texts": plain, "forms": forms},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        yield f"assets/words.{edition.language}.js", f"testbedWords({told});\n"


def _pattern(text: str) -> str:
    """Return the pattern of a text with values, as JavaScript reads it."""
    parts = re.split(r"%\(\w+\)s", text)
    names = _VALUE.findall(text)
    escaped = [
        re.sub(r"([.*+?^${}()|\[\]\\/])", r"\\\1", part.replace("%%", "%")) for part in parts
    ]
    values = [f"(?<{one}>.+?)" for one in names]
    return "^" + "".join(x for pair in zip(escaped, [*values, ""], strict=True) for x in pair) + "$"

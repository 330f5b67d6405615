"""Brings the catalogues of translations up to date: `python -m harness.messages [--check]`.

What is translated is what the code says by `tr(...)` and `tr.plural(...)`, and templates by `_(...)` and
`trans`. Texts that are data of others are translated too: verdicts and what pages count by them, titles of
kinds, of fields of science and of their steps, and of the scenarios that are shown.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from harness import files
from harness.conformance.ola import Result
from harness.conformance.verdicts import Verdict
from harness.kinds import registry
from harness.report.site.groups import Group
from harness.report.site.templating import NAVIGATION
from harness.science.field import fields
from harness.translation import ENGLISH, FOLDER, languages

_ROOT = Path(__file__).resolve().parents[1]
_METHODS = [
    ("demo/templates/**.html", "jinja2"),
    ("report/site/templates/**.html", "jinja2"),
    ("**.py", "python"),
]
_KEYWORDS: dict[str, tuple[int, int] | None] = {
    "tr": None,
    "_tr": None,
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "plural": (1, 2),
}
_OF_TEMPLATES = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}
_SHOWN = ("science/test_use_cases.py", "jobs/test_refusals.py")
"""Scenarios that a demonstration shows."""
_CHANGING = tuple(
    f'"{name}'
    for name in ("POT-", "PO-", "Generated-By", "Project-Id", "Report-", "Last-Tr", "Language-T")
)
"""Lines of a catalogue's head that say nothing of its texts, and some of which change by themselves."""
_STEPS = ("harness/science/**/*.py", "harness/engine/refusal.py", "scenarios/science/*.py")
"""Where the titles of steps are plain sentences."""


Text = str | tuple[str, ...]
"""A text; of one that has a form for a single thing, both forms."""


def extracted() -> dict[Text, tuple[str, ...]]:
    """Return all texts that can be translated, each with the files that have it."""
    found: dict[Text, set[str]] = {}
    for path, _line, text, _comments, _context in extract_from_dir(
        _ROOT / "harness",
        _METHODS,
        options_map={name: _OF_TEMPLATES for name, kind in _METHODS if kind == "jinja2"},
        keywords=_KEYWORDS,
    ):
        found.setdefault(text if isinstance(text, str) else tuple(text), set()).add(
            f"harness/{path}"
        )
    for text, place in (
        *_of_verdicts(),
        *_of_kinds(),
        *_of_fields(),
        *_of_checks(),
        *_of_scenarios(),
        *_of_steps(),
    ):
        found.setdefault(text, set()).add(place)
    return {text: tuple(sorted(found[text])) for text in sorted(found, key=_first) if text}


def _first(text: Text) -> str:
    return text if isinstance(text, str) else text[0]


def _of_verdicts() -> Iterator[tuple[str, str]]:
    for verdict in Verdict:
        yield verdict.value, "harness/conformance/verdicts.py"
    for result in Result:
        yield result.value, "harness/conformance/ola.py"
    for label, _ in NAVIGATION:
        yield label, "harness/report/site/templates/header.html"
    for group in Group:
        yield group.heading, "harness/report/site/groups.py"
        yield group.brief, "harness/report/site/groups.py"


def _of_kinds() -> Iterator[tuple[str, str]]:
    for kind in registry():
        yield kind.title, f"harness/services/{kind.name}/kind.py"


def _of_fields() -> Iterator[tuple[str, str]]:
    for one in fields():
        for text in (one.title, one.question, one.method, one.control.what, *one.control.wrong):
            yield text, f"harness/science/fields/{one.name}/field.py"


def _of_checks() -> Iterator[tuple[str, str]]:
    """Yield the names of figures, as far as checks write them out."""
    for path in sorted(_ROOT.glob("harness/science/fields/*/check.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(
                    func=ast.Name(id="near" | "at_most" | "at_least"),
                    args=[ast.Constant(value=str(text)), *_],
                ):
                    yield text, str(path.relative_to(_ROOT))


def _of_scenarios() -> Iterator[tuple[str, str]]:
    for pattern in _SHOWN:
        for path in sorted((_ROOT / "scenarios").glob(pattern)):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    title = (ast.get_docstring(node) or "").partition("\n")[0].rstrip(".")
                    yield title, str(path.relative_to(_ROOT))


def _of_steps() -> Iterator[tuple[str, str]]:
    for pattern in _STEPS:
        for path in sorted(_ROOT.glob(pattern)):
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.Call(func=ast.Name(id="step"), args=[ast.Constant(value=str(text))]):
                        yield text, str(path.relative_to(_ROOT))


def read(language: str) -> Catalog:
    """Return a catalogue as it lies in the repository."""
    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str, found: Mapping[Text, tuple[str, ...]]) -> bytes:
    """Return a catalogue with all texts, as a file: new ones empty, and those that are gone set aside."""
    old, new = (
        read(language),
        Catalog(
            locale=language,
            project="interop-testbed",
            header_comment=f"# Texts in {language}; `make messages` brings this file up to date.",
            charset="utf-8",
            fuzzy=False,
        ),
    )
    for text, places in found.items():
        former = old.get(text) or old.obsolete.get(_first(text))
        same = former and isinstance(former.id, str) == isinstance(text, str)
        new.add(
            text,
            former.string if former and same else "",
            locations=[(place, None) for place in places],  # type: ignore[misc]  # no line: it moves
            user_comments=former.user_comments if former else (),
        )
    for one in (*old, *old.obsolete.values()):
        if one.id and any(one.string) and _id(one) not in found:
            new.obsolete[_first(_id(one))] = Message(one.id, one.string)
    file = BytesIO()
    write_po(file, new, omit_header=False, sort_output=True, width=100, include_lineno=False)
    kept = [
        line for line in file.getvalue().decode().splitlines() if not line.startswith(_CHANGING)
    ]
    return ("\n".join(kept).rstrip() + "\n").encode()


def _id(message: Message) -> Text:
    return message.id if isinstance(message.id, str) else tuple(message.id)


def main(check: bool) -> int:
    """Write the catalogues, or tell which are out of date."""
    found = extracted()
    made = {one: updated(one, found) for one in languages() if one != ENGLISH}
    outdated = [one for one in made if made[one] != (FOLDER / f"{one}.po").read_bytes()]
    for language in outdated:
        path = FOLDER / f"{language}.po"
        if check:
            sys.stderr.write(
                f"{path}: out of date; call `make messages`, and translate what is new.\n"
            )
        else:
            files.replace(path, made[language])
    return 1 if check and outdated else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))

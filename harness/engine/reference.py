"""The reference for authors, made from the code: fixtures, and what one can do with what they give.

`python -m harness.engine.reference docs/reference` writes it; with `--check` it says what is out of date.
"""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import pkgutil
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from harness.engine import plugin
from harness.engine.pytest_private import fixtures_of
from harness.kinds import Kind, registry

_SHARED = (
    "harness.answer:Answer",
    "harness.clients.workstations:Workstation",
    "harness.engine.refusal:Refused",
    "harness.engine.refusal:Rejected",
    "harness.engine.measure:Measure",
    "harness.engine.host_logs:Logs",
    "harness.engine.site_records:SiteRecords",
    "harness.engine.site_records:Trace",
    "harness.engine.containment:Entrance",
)
"""What scenarios hold in their hands, whatever the kind of service."""

_SCIENCE = (
    "harness.science.fixtures:Laboratory",
    "harness.science.experiment:Experiment",
)
"""What scenarios of the use cases hold in their hands; by name, for the engine knows no science."""

_MADE = "<!-- Made from the code by `make reference`; edit the docstrings there. -->"


def pages() -> dict[str, str]:
    """Return the name of each page -> its content."""
    engine = ["harness.engine.plugin", *(n for n in plugin.pytest_plugins if _is_engine(n))]
    found = {
        "README.md": _index(),
        "engine.md": _page(
            "Every scenario",
            "What all scenarios have, whatever service they test.",
            fixtures=_fixtures(engine),
            classes=_SHARED,
        ),
    }
    for kind in registry():
        if kind.plugins and kind.plugins[0].startswith("harness."):
            found[f"{kind.name}.md"] = _of_kind(kind)
    found["science.md"] = _page(
        "Science",
        "What scenarios of the use cases have. How to add a field of science: [science.md](../science.md).",
        fixtures=_fixtures([_SCIENCE[0].partition(":")[0]]),
        classes=_SCIENCE,
    )
    return found


def fixtures() -> set[str]:
    """Return the names of all fixtures that the reference tells of."""
    modules = ["harness.engine.plugin", *plugin.pytest_plugins]
    return {name for name, _ in _fixtures(modules)}


def _is_engine(module: str) -> bool:
    return module.startswith("harness.engine.")


def _index() -> str:
    rows = [
        f"| [{kind.title}]({kind.name}.md) | {', '.join(f'`{t}`' for t in kind.service_types)} |"
        for kind in registry()
        if kind.plugins and kind.plugins[0].startswith("harness.")
    ]
    return "\n".join(
        [
            "# Reference for authors of scenarios",
            "",
            _MADE,
            "",
            "What a scenario can ask for, and what it can do with it. How to write one: "
            "[authors.md](../authors.md).",
            "",
            "| kind of service | service types |",
            "|---|---|",
            "| [Every scenario](engine.md) | |",
            *rows,
            "| [Science](science.md) | |",
            "",
        ]
    )


def _of_kind(kind: Kind) -> str:
    lines = [f"Service types: {', '.join(f'`{type_}`' for type_ in kind.service_types)}.", ""]
    lines += ["| capability | meaning |", "|---|---|"]
    lines += [f"| `{word}` | {said} |" for word, said in kind.capabilities.items()]
    for type_, model in kind.settings.items():
        lines += ["", f"Inventory keys of `{type_}` beside those of every service:", ""]
        lines += ["| key | required |", "|---|---|"]
        lines += [
            f"| `{name}` | {'yes' if key.is_required() else 'no'} |"
            for name, key in model.model_fields.items()
        ]
    return _page(
        kind.title, "\n".join(lines), fixtures=_fixtures(kind.plugins), classes=kind.vocabulary
    )


def _page(
    title: str, intro: str, *, fixtures: Sequence[tuple[str, Any]], classes: Iterable[str]
) -> str:
    lines = [f"# {title}", "", _MADE, "", intro, "", "## Fixtures", ""]
    lines += ["| fixture | gives | what it is |", "|---|---|---|"]
    for name, function in sorted(fixtures):
        lines.append(f"| `{name}` | {_returns(function)} | {_whole(function)} |")
    for name in classes:
        lines += ["", *_of_class(pkgutil.resolve_name(name))]
    return "\n".join(lines) + "\n"


def _fixtures(modules: Iterable[str]) -> list[tuple[str, Any]]:
    """Return name and function of the fixtures of modules, but those that pytest alone uses."""
    found: list[tuple[str, Any]] = []
    for name in modules:
        module: ModuleType = import_module(name)
        found += [pair for pair in fixtures_of(module) if not pair[0].startswith("_")]
    return found


def _of_class(made: type) -> Iterator[str]:
    yield f"## {made.__name__}"
    yield ""
    yield _text(inspect.getdoc(made) or "")
    members = list(_members(made))
    if members:
        yield ""
        yield "| | |"
        yield "|---|---|"
        yield from members


def _members(made: type) -> Iterator[str]:
    """Return a row for each thing that one can do with an object, or ask of it."""
    if issubclass(made, Enum):
        yield from (f"| `{one.name}` | {one.value} |" for one in made)
        return
    for name, member in inspect.getmembers_static(made):
        if name == "__call__" or (not name.startswith("_") and _is_own(made, name)):
            if isinstance(member, property):
                yield f"| `{name}` | {_summary(member.fget)} |"
            elif inspect.isfunction(member):
                shown = "" if name == "__call__" else name
                yield f"| `{shown}({_parameters(member)})` | {_summary(member)} |"
    if dataclasses.is_dataclass(made):
        documented = _documented(made)
        for one in dataclasses.fields(made):
            if not one.name.startswith("_") and one.name in documented:
                yield f"| `{one.name}` | {documented[one.name]} |"


def _is_own(made: type, name: str) -> bool:
    """Tell whether a name comes from the project's own classes."""
    return any(
        name in base.__dict__ for base in made.__mro__ if base.__module__.startswith("harness")
    )


def _documented(made: type) -> dict[str, str]:
    """Return the fields of a class whose source says what they are, on the line below."""
    source = inspect.getsource(made)
    pattern = re.compile(r"^    (\w+): [^\n]+\n    \"\"\"(.*?)\"\"\"", re.M | re.S)
    return {name: _text(said.partition("\n\n")[0]) for name, said in pattern.findall(source)}


def _parameters(function: Any) -> str:
    listed = [one for one in inspect.signature(function).parameters.values() if one.name != "self"]
    words = []
    for one in listed:
        star = (
            "*" if one.kind is one.VAR_POSITIONAL else "**" if one.kind is one.VAR_KEYWORD else ""
        )
        optional = "=..." if one.default is not one.empty else ""
        words.append(f"{star}{one.name}{optional}")
    keyword = next((n for n, one in enumerate(listed) if one.kind is one.KEYWORD_ONLY), None)
    if keyword is not None and not any(one.kind is one.VAR_POSITIONAL for one in listed):
        words.insert(keyword, "*")
    return ", ".join(words)


def _returns(function: Any) -> str:
    """Return the type that a fixture gives, without the iterator around what it yields."""
    said = str(function.__annotations__.get("return", ""))
    inner = re.fullmatch(r"(?:Iterator|Generator)\[(.*?)(?:, None, None)?\]", said)
    shown = (inner[1] if inner else said).replace("|", "or")
    return f"`{shown}`" if shown else ""


def _summary(function: Any) -> str:
    return _text((inspect.getdoc(function) or "").partition("\n\n")[0])


def _whole(function: Any) -> str:
    """Return all of a docstring as one line of Markdown, its sections aside."""
    paragraphs = (inspect.getdoc(function) or "").split("\n\n")
    told = itertools.takewhile(lambda one: not re.search(r"\n-{3,}", one), paragraphs)
    return " ".join(_text(one) for one in told)


def _text(said: str) -> str:
    """Return a docstring's first paragraph as one line of Markdown."""
    return " ".join(said.partition("\n\n")[0].split()).replace("|", "\\|")


def stale(folder: Path) -> list[str]:
    """Return which pages of a folder are not as the code would make them."""
    made = pages()
    there = {path.name for path in folder.glob("*.md")}
    wrong = [
        name
        for name, content in made.items()
        if name not in there or (folder / name).read_text(encoding="utf-8") != content
    ]
    return sorted({*wrong, *(there - made.keys())})


def main(words: Sequence[str]) -> int:
    """Write the pages, or say which are out of date; return the exit code."""
    folder = Path(next(word for word in words if not word.startswith("--")))
    if "--check" in words:
        for name in stale(folder):
            print(f"{folder / name}: it is out of date. Run `make reference`.")
        return 1 if stale(folder) else 0
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.md"):
        path.unlink()
    for name, content in pages().items():
        (folder / name).write_text(content, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

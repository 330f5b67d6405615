"""The rules for scenarios, read from their source: `python -m harness.engine.lint scenarios`.

Each rule has a code, and a page in `docs/rules/` that says why it is there and what to do. The rules of
marks (TB001, TB008) are checked once everything is collected: `harness.engine.marks`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.errors import BadInput

REFUSED = frozenset({"refused", "rejected"})
"""Fixtures that assert a refusal beside its control (`harness.engine.refusal`)."""

_SKIPS = frozenset(
    {"skip", "xfail", "skipif", "importorskip", "skipIf", "skipUnless", "expectedFailure"}
)
_SKIPPERS = frozenset({"pytest", "mark", "unittest"})

_HOST = re.compile(r"(?:[a-z0-9-]+\.)+test(?![\w-])", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")
_TOKEN = re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}")


@dataclass(frozen=True, order=True)
class Breach:
    """A place where a scenario breaks a rule."""

    path: Path
    line: int
    code: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.code} {self.what} (docs/rules/{self.code}.md)"


@dataclass(frozen=True)
class Source:
    """A file of scenarios."""

    tree: ast.Module

    @property
    def scenarios(self) -> Iterator[ast.FunctionDef]:
        """Every test function."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield node


Found = Iterator[tuple[ast.AST, str]]
"""Where, and what to do."""


def refusal(source: Source) -> Found:
    """TB002: a refusal is asserted by `refused`, which shows its control first."""
    for scenario in source.scenarios:
        answers = {
            target.id
            for node in ast.walk(scenario)
            if isinstance(node, ast.Assign) and _is_refusal(node.value)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(scenario):
            if isinstance(node, ast.Assert):
                for answer in _denials(node.test):
                    named = isinstance(answer, ast.Name) and answer.id in answers
                    if not named and not _is_refusal(answer):
                        yield (
                            node,
                            "a refusal without its control: let `refused(request, good=..., bad=...)` "
                            "assert it, or `rejected` where it is not for want of a right",
                        )


def skip(source: Source) -> Found:
    """TB003: nothing is skipped or expected to fail; `needs` says what a site may lack."""
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in _SKIPS
            and _last(node.value) in _SKIPPERS
        ) or (
            isinstance(node, ast.ImportFrom)
            and node.module in ("pytest", "unittest")
            and any(alias.name in _SKIPS for alias in node.names)
        ):
            yield (
                node,
                "a scenario is never skipped or expected to fail: use @pytest.mark.needs(...)",
            )


def sleep(source: Source) -> Found:
    """TB004: nothing waits for a length of time; it waits for what it waits for."""
    for node in ast.walk(source.tree):
        called = isinstance(node, ast.Call) and _last(node.func) == "sleep"
        imported = isinstance(node, ast.ImportFrom) and any(a.name == "sleep" for a in node.names)
        if called or imported:
            yield (
                node,
                "a sleep is too long or too short: wait for the state with the client, or with tenacity",
            )


def literal(source: Source) -> Found:
    """TB005: names of hosts and addresses come from the inventory."""
    for node, text in _literals(source.tree):
        for found in (*_HOST.findall(text), *_ADDRESS.findall(text)):
            yield (
                node,
                f"{found!r} is a host of one testbed: take it from the route, or end it in .invalid",
            )


def token(source: Source) -> Found:
    """TB006: a token comes from its issuer or from the forge."""
    for node, text in _literals(source.tree):
        if _TOKEN.search(text):
            yield (
                node,
                "a token is written in the source: get one from a user or the fixture `forge`",
            )


def docstring(source: Source) -> Found:
    """TB007: a docstring says what the scenario shows; its first line is the title in reports."""
    for scenario in source.scenarios:
        if not (ast.get_docstring(scenario) or "").strip():
            yield scenario, f"{scenario.name} has no docstring: say in its first line what is shown"


RULES: dict[str, Callable[[Source], Found]] = {
    "TB002": refusal,
    "TB003": skip,
    "TB004": sleep,
    "TB005": literal,
    "TB006": token,
    "TB007": docstring,
}


def breaches(folder: Path) -> list[Breach]:
    """Return what breaks a rule in the scenarios of a folder, by file and line."""
    found: set[Breach] = set()
    for path in sorted(folder.rglob("test_*.py")):
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        except (SyntaxError, UnicodeDecodeError):
            continue  # pytest tells it better, when it collects
        source = Source(tree)
        for code, rule in RULES.items():
            for node, what in rule(source):
                found.add(Breach(path, getattr(node, "lineno", 1), code, what))
    return sorted(found)


def check(folder: Path) -> None:
    """Refuse scenarios that break a rule.

    Raises
    ------
    BadInput
        naming each rule, file and line, and what to do.
    """
    if found := breaches(folder):
        raise BadInput("\n".join(map(str, found)))


def _is_refusal(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _last(node.func) in REFUSED


def _denials(test: ast.expr) -> Iterator[ast.expr]:
    """Return the answers that an assertion says are denied, or not done."""
    match test:
        case ast.BoolOp(values=values):
            for value in values:
                yield from _denials(value)
        case ast.Attribute(attr="denied", value=answer):
            yield answer
        case ast.UnaryOp(op=ast.Not(), operand=ast.Attribute(attr="ok", value=answer)):
            yield answer
        case ast.Compare(
            left=ast.Attribute(attr="ok" | "denied" as attribute, value=answer),
            ops=[ast.Is() | ast.Eq()],
            comparators=[ast.Constant(value=bool(value))],
        ) if value == (attribute == "denied"):
            yield answer


def _last(node: ast.expr) -> str:
    """Return the last part of a dotted name."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _literals(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Return all texts of the source but its docstrings."""
    documented = (ast.Module, ast.FunctionDef, ast.ClassDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
        ):
            yield node, node.value


def main(words: Iterable[str]) -> int:
    """Check the folders named; return 1 where a rule is broken."""
    found = [breach for word in words for breach in breaches(Path(word))]
    print("\n".join(map(str, found)) or "scenarios: no rule is broken")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

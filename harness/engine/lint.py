"""The rules for scenarios, read from their source: `python -m harness.engine.lint scenarios`.

Each rule has a code, and a page in `docs/rules/` that says why it is there and what to do.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness import mutants
from harness.conformance import catalogue
from harness.conformance.catalogue import Catalogue
from harness.engine.cells import KILLED_BY, REQUIREMENT
from harness.errors import BadInput
from harness.mutants.catalogue import Mutants

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
class Fault:
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
    requirements: Catalogue
    mutants: Mutants

    @property
    def scenarios(self) -> Iterator[ast.FunctionDef]:
        """Every test function."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield node

    @property
    def assignments(self) -> dict[str, ast.expr]:
        """The names that the module itself gives, each with what stands for it."""
        return {
            target.id: node.value
            for node in self.tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }


Found = Iterator[tuple[ast.AST, str]]
"""Where, and what to do."""


def requirement(source: Source) -> Found:
    """TB001: a scenario names at least one requirement, and those that it names are there."""
    for scenario in _without(REQUIREMENT, source):
        what = f'{scenario.name} names no requirement: add @pytest.mark.{REQUIREMENT}("...")'
        yield scenario, what
    for mark in _calls(source.tree, REQUIREMENT):
        for argument in mark.args:
            if (id_ := _text(argument)) is not None and id_ not in source.requirements:
                near = ", ".join(source.requirements.near(id_)) or "see scenarios/catalogue"
                yield argument, f"requirement {id_!r} is not in the catalogue: near it are {near}"


def killers(source: Source) -> Found:
    """TB008: a scenario names the broken sites that must make it fail, and these are there."""
    for scenario in _without(KILLED_BY, source):
        yield scenario, f'{scenario.name} names no mutant: add @pytest.mark.{KILLED_BY}("...")'
    for mark in _calls(source.tree, KILLED_BY):
        for argument in mark.args:
            if (id_ := _text(argument)) is not None and id_ not in source.mutants:
                yield argument, source.mutants.unknown(id_)


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
                "a sleep is too long or too short: let the client wait for the state, or tenacity",
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
            yield node, "a token stands in the source: ask a user or the fixture `forge` for one"


def docstring(source: Source) -> Found:
    """TB007: a docstring says what the scenario shows; its first line is the title in reports."""
    for scenario in source.scenarios:
        if not (ast.get_docstring(scenario) or "").strip():
            yield scenario, f"{scenario.name} has no docstring: say in its first line what is shown"


RULES: dict[str, Callable[[Source], Found]] = {
    "TB001": requirement,
    "TB002": refusal,
    "TB003": skip,
    "TB004": sleep,
    "TB005": literal,
    "TB006": token,
    "TB007": docstring,
    "TB008": killers,
}


def faults(folder: Path, requirements: Catalogue) -> list[Fault]:
    """Return what breaks a rule in the scenarios of a folder, by file and line."""
    found: set[Fault] = set()
    known = mutants.load()
    for path in sorted(folder.rglob("test_*.py")):
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        except (SyntaxError, UnicodeDecodeError):
            continue  # pytest tells it better, when it collects
        source = Source(tree, requirements, known)
        for code, rule in RULES.items():
            for node, what in rule(source):
                found.add(Fault(path, getattr(node, "lineno", 1), code, what))
    return sorted(found)


def check(folder: Path) -> None:
    """Refuse scenarios that break a rule.

    Raises
    ------
    BadInput
        naming each rule, file and line, and what to do.
    """
    if found := faults(folder, catalogue.load()):
        raise BadInput("\n".join(map(str, found)))


def _without(mark: str, source: Source) -> Iterator[ast.FunctionDef]:
    """Yield the scenarios that bear no such mark, nor take their cases from where each bears it."""
    for scenario in source.scenarios:
        where = [*scenario.decorator_list, source.assignments.get("pytestmark")]
        marks = [m for node in where for m in _marks(mark, node, source)]
        if not any(m.args for m in marks) and not any(_takes_cases(node) for node in where):
            yield scenario


def _takes_cases(node: ast.AST | None) -> bool:
    """Tell whether a test is parametrized by `harness.services.issuer.forged_tokens.cases`."""
    return node is not None and any(
        isinstance(inner, ast.Call) and _last(inner.func) == "cases" for inner in ast.walk(node)
    )


def _marks(mark: str, node: ast.AST | None, source: Source) -> Iterator[ast.Call]:
    """Return the marks of a name in an expression, and in the module's lists that it names."""
    if node is None:
        return
    yield from _calls(node, mark)
    for name in ast.walk(node):
        if isinstance(name, ast.Name) and name.id in source.assignments:
            yield from _calls(source.assignments[name.id], mark)


def _calls(node: ast.AST, name: str) -> Iterator[ast.Call]:
    for inner in ast.walk(node):
        if (
            isinstance(inner, ast.Call)
            and isinstance(inner.func, ast.Attribute)
            and inner.func.attr == name
        ):
            yield inner


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


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


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
    requirements = catalogue.load()
    found = [fault for word in words for fault in faults(Path(word), requirements)]
    print("\n".join(map(str, found)) or "scenarios: all rules are kept")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

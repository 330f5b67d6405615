"""What a scenario demands of its users' credentials, read from its source and from its fixtures.

Nobody writes it down beside the scenario, so nobody can forget to. Where a user cannot be told from another
(the parameter of a lambda), the demand is made of all that the scenario uses.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from harness.engine import excerpts
from harness.engine.contacts import USERS
from harness.kinds import registry
from harness.services.issuer.sources.holding import Ability, Holding
from harness.services.issuer.sources.validity import capabilities

_LOG_INS = frozenset({"log_in", "go_through", "sign_in", "sign_on", "approve", "deny"})
"""What a user does in a browser."""
_WIDE_NAME, _WIDE_ATTRIBUTES = "FULL_SCOPE", frozenset({"SCOPE", "scope"})
"""The scopes of somebody who may do everything at a kind of service."""
_NO_USER = "agent"
"""Fixture that gives tokens of its own log-in."""
_OFFLINE = ("offline_access", "refresh_token")


@dataclass(frozen=True)
class Demand:
    """What one user's credentials must give for a scenario."""

    abilities: frozenset[Ability] = frozenset()
    audiences: frozenset[str] = frozenset()
    """For whom tokens are needed."""
    scope: str = ""
    """What they must permit."""

    def lacked(self, holding: Holding, *, any_audience: str) -> str:
        """Return what credentials lack of it, as a sentence; nothing where they give all."""
        for ability in Ability:
            if ability in self.abilities and (said := holding.lacks(ability)):
                return said
        if Ability.TOKEN not in self.abilities:
            return ""
        for audience in sorted(self.audiences):
            if said := holding.lacks_audience(audience, any_audience=any_audience):
                return said
        return holding.lacks_scope(self.scope)


@dataclass(frozen=True)
class Wanted:
    """What the source of a scenario wants, whatever the route."""

    abilities: dict[str, frozenset[Ability]]
    """User fixture -> abilities; the users are all that the scenario has."""
    everywhere: bool = False
    """It uses the members of all infrastructures."""
    for_any: bool = False
    """It wants tokens for every service at once."""
    scope: str = ""


def wanted(item: pytest.Item) -> Wanted:
    """Return what a collected test wants of its users."""
    function = getattr(item, "originalname", None) or item.name.partition("[")[0]
    return _wanted(item.path, function, tuple(sorted(getattr(item, "fixturenames", ()))))


@cache
def _wanted(path: Path, function: str, fixtures: tuple[str, ...]) -> Wanted:
    users = [name for name in USERS if name in fixtures]
    reader = _Reader(users, frozenset(excerpts.named(path)))
    code = list(excerpts.of(path, function, fixtures))
    for part in code:
        reader.visit(part)
    reaches = registry().reaches
    reached = [name for name in fixtures if name in reaches]
    scopes = " ".join(reaches[name].scope for name in reached)
    seen = {name for part in code for name in excerpts.loaded(part)}
    for name in users:
        # A user who only types at a log-in page needs no token.
        if name not in seen or name in reader.acting:
            reader.abilities[name].add(Ability.TOKEN)
    if reader.everywhere:
        reader.abilities.setdefault("member", {Ability.TOKEN})
    return Wanted(
        abilities={name: frozenset(found) for name, found in reader.abilities.items()},
        everywhere=reader.everywhere,
        for_any=reader.for_any,
        scope=" ".join(sorted(capabilities(scopes))),
    )


@dataclass
class _Reader(ast.NodeVisitor):
    """Reads what is done with users."""

    users: list[str]
    own: frozenset[str]
    """Names that the scenario's file defines."""
    everywhere: bool = False
    for_any: bool = False
    abilities: dict[str, set[Ability]] = field(init=False)
    acting: set[str] = field(default_factory=set)
    """Users of whom more is used than their log-in."""

    def __post_init__(self) -> None:
        self.abilities = {name: set() for name in self.users}

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in self.users:
            self.acting.add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr in _LOG_INS:
            self._add(node.value, Ability.LOG_IN)
            if isinstance(node.value, ast.Name):
                return  # a user who logs in does nothing else by that
        if node.attr in _OFFLINE:
            self._add(None, Ability.REFRESH_TOKEN)
        if node.attr == "any_audience":
            self.for_any = True
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and set(_OFFLINE) & set(node.value.split()):
            self._add(None, Ability.REFRESH_TOKEN)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute):
            match node.func.attr:
                case "ask":
                    self._add(node.func.value, Ability.ANSWER)
                case "token":
                    self._read_token(node, node.func.value)
                case "sign_on":
                    by = [keyword.value for keyword in node.keywords if keyword.arg == "by"]
                    self._add(next(iter(by), None), Ability.LOG_IN)
                case "user" if _name(node.func.value) == "issuers":
                    self.everywhere = True
        self.generic_visit(node)

    def _read_token(self, node: ast.Call, receiver: ast.expr) -> None:
        """Read `user.token(audience, scope)`, and `area.token(user, scope)` of a service's client."""
        if _name(receiver) == _NO_USER:
            return
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        of_client = bool(node.args) and _name(node.args[0]) in self.users
        whom = node.args[0] if of_client else receiver
        scopes = [*node.args[1:], *(given[name] for name in ("scope", "path") if name in given)]
        if any(not self._is_wide(one) for one in scopes):
            self._add(whom, Ability.SCOPE)
        if "as_given" in given:
            self._add(whom, Ability.ANSWER)

    def _is_wide(self, scope: ast.expr) -> bool:
        match scope:
            case ast.Name(id=name):
                return name == _WIDE_NAME and name not in self.own
            case ast.Attribute(attr=name):
                return name in _WIDE_ATTRIBUTES
        return False

    def _add(self, whom: ast.expr | None, ability: Ability) -> None:
        """Demand something of a user, or of all where it cannot be told of which."""
        name = _name(whom) if isinstance(whom, ast.Name) else ""
        for one in [name] if name in self.abilities else self.users:
            self.abilities[one].add(ability)


def _name(node: ast.expr | None) -> str:
    """Return the last part of a dotted name."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""

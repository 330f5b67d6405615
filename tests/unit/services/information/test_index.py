"""What `ldapsearch` says, and what that means."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from harness.errors import Unreachable
from harness.services.information.index import Index
from harness.shell import Completed


class Workstation:
    """Says the same to each command, and keeps what it was given."""

    host = SimpleNamespace(name="ui.a.test")

    def __init__(self, code: int, stdout: str = "", stderr: str = "") -> None:
        self._said = Completed("", code, stdout, stderr, 0.1)
        self.typed: list[str] = []

    def run(self, words: list[str], **_: Any) -> Completed:
        self.typed = words
        return self._said


def index(workstation: Workstation, base: str = "GLUE2DomainID=A,o=glue") -> Index:
    return Index(f"ldap://ops.a.test:2170/{base}", workstation)  # type: ignore[arg-type]


def test_the_base_of_the_address_is_asked() -> None:
    there = Workstation(0, "dn: o=glue\nobjectClass: organization\n")
    assert len(index(there).read().entries) == 1
    assert there.typed[-4:] == ["-H", "ldap://ops.a.test:2170", "-b", "GLUE2DomainID=A,o=glue"]
    for other in ("", "mds-vo-name=A,o=grid"):
        index(there, base=other).read()
        assert there.typed[-1] == "o=glue"


def test_who_does_not_answer_is_unreachable() -> None:
    away = Workstation(255, stderr="ldap_sasl_bind(SIMPLE): Can't contact LDAP server (-1)")
    with pytest.raises(Unreachable, match=r"no answer of ops\.a\.test:2170"):
        index(away).read()


@pytest.mark.parametrize(("code", "denied"), [(50, True), (49, True), (32, False)])
def test_a_refusal_is_told_from_a_failure(code: int, denied: bool) -> None:
    answer = index(Workstation(code, stderr="no")).search()
    assert (answer.ok, answer.denied) == (False, denied)


def test_an_empty_index_publishes_nothing() -> None:
    with pytest.raises(AssertionError, match="publishes nothing"):
        index(Workstation(0)).read()

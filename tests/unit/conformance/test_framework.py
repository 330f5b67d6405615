"""The framework: every rule is shown by a requirement, and every requirement of its families has a rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.conformance import catalogue, framework
from harness.conformance.catalogue import Catalogue, Requirement
from harness.conformance.framework import FrameworkError, Policy
from harness.errors import ExitCode

GOOD = """\
# Access

- Families: AUTH

## Scope

Everything.

## Roles

- Operator: operates.

## Procedure

First this, then that.

### ACCESS-1 A token is validated

A site validates it.

- Who: site
- Within: 1 hour
- Source: RFC 7519 §4.1
- Shown by: AUTH-001,
  AUTH-002

### ACCESS-3 A token ends

A site refuses it then.

- Who: site
- Source: RFC 7519 §4.1.4
- Shown by: AUTH-003, XFER-001

## Timings

None.

## Contacts

None.

## Records

None.
"""


def requirement(id_: str, state: str = "required") -> Requirement:
    return Requirement.model_validate(
        {
            "id": id_,
            "level": "MUST",
            "statement": "s",
            "source": "S",
            "polarity": "positive",
            "check": ("automatic",),
            "state": state,
        }
    )


KNOWN = Catalogue(
    [
        *map(requirement, ("AUTH-001", "AUTH-002", "AUTH-003", "XFER-001", "XFER-002")),
        requirement("AUTH-004", state="deprecated"),
    ]
)


def read(folder: Path, text: str, known: Catalogue = KNOWN) -> Policy:
    (folder / "access.md").write_text(text)
    (policy,) = framework.load(known, folder)
    return policy


def fault(folder: Path, text: str) -> str:
    with pytest.raises(FrameworkError) as caught:
        read(folder, text)
    assert caught.value.exit_code is ExitCode.USAGE
    return str(caught.value)


@pytest.fixture(scope="module")
def shipped() -> tuple[Policy, ...]:
    return framework.load(catalogue.load())


def test_every_requirement_of_the_families_has_a_rule(shipped: tuple[Policy, ...]) -> None:
    known = catalogue.load()
    missing = {one.id for policy in shipped for one in policy.without_rule(known)}
    assert missing == set(), "name them under `Shown by` of a rule in docs/framework"
    families = {family for policy in shipped for family in policy.families}
    assert families == {"AUTH", "AUTHZ", "IDN", "OLA", "SEC", "CLOUD"}


def test_the_list_of_the_readme_is_that_of_the_policies(shipped: tuple[Policy, ...]) -> None:
    text = (framework.FOLDER / "README.md").read_text()
    rows = re.findall(r"^\| \[(.*)\]\((\w+)\.md\) \| `(\w+)` \| (.*) \|$", text, re.MULTILINE)
    listed = {name: (title, families) for title, file, name, families in rows if file == name}
    assert listed == {one.name: (one.title, ", ".join(one.families)) for one in shipped}


def test_the_text_of_a_policy_can_be_published_on_its_own(shipped: tuple[Policy, ...]) -> None:
    for policy in shipped:
        links = re.findall(r"\]\((.*?)\)", policy.text)
        assert [link for link in links if not link.startswith("https://")] == []


def test_a_rule_is_read_from_the_text(tmp_path: Path) -> None:
    policy = read(tmp_path, GOOD)
    assert (policy.name, policy.title, policy.families) == ("access", "Access", ("AUTH",))
    first, second = policy.rules
    assert (first.id, first.title) == ("ACCESS-1", "A token is validated")
    assert (first.who, first.within, first.source) == ("site", "1 hour", "RFC 7519 §4.1")
    assert first.requirements == ("AUTH-001", "AUTH-002")
    assert (second.id, second.within) == ("ACCESS-3", "")
    assert policy.text == GOOD


def test_a_requirement_of_the_families_without_a_rule_is_found(tmp_path: Path) -> None:
    """A withdrawn one needs none, nor does one of another family."""
    assert read(tmp_path, GOOD).without_rule(KNOWN) == []
    policy = read(tmp_path, GOOD.replace(",\n  AUTH-002", ""))
    assert [one.id for one in policy.without_rule(KNOWN)] == ["AUTH-002"]


def test_the_file_that_explains_the_form_is_no_policy(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Not a policy")
    read(tmp_path, GOOD)
    assert framework.names(tmp_path) == ["access"]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        (
            "- Shown by: AUTH-001,\n  AUTH-002\n",
            "",
            17,
            "ACCESS-1: the field 'Shown by' is missing",
        ),
        ("AUTH-001,\n  AUTH-002", "", 17, "ACCESS-1: the field 'Shown by' is missing"),
        (
            "AUTH-001,",
            "AUTH-01,",
            24,
            "ACCESS-1: unknown requirement 'AUTH-01'; did you mean AUTH-001",
        ),
        ("AUTH-003,", "AUTH-004,", 33, "ACCESS-3: AUTH-004 is withdrawn"),
        ("AUTH-003,", "AUTH-001,", 33, "ACCESS-3: AUTH-001 is already named by ACCESS-1"),
        ("AUTH-003,", "XFER-001,", 33, "ACCESS-3: XFER-001 is already named by ACCESS-3"),
        ("- Who: site\n", "", 17, "ACCESS-1: the field 'Who' is missing"),
        ("- Source: RFC 7519 §4.1\n", "- Source:\n", 17, "ACCESS-1: the field 'Source' is missing"),
        ("- Within: 1 hour", "- Within:", 17, "ACCESS-1: the field 'Within' is empty"),
        ("- Within: 1 hour", "- Deadline: 1 hour", 22, "ACCESS-1: unknown field 'Deadline'"),
        ("- Within: 1 hour", "- Who: all", 22, "ACCESS-1: the field 'Who' appears twice"),
        ("A site validates it.\n", "", 17, "ACCESS-1: its text is missing"),
        (
            "\n### ACCESS-3",
            "More.\n\n### ACCESS-3",
            26,
            "ACCESS-1: the text of a rule must stand above",
        ),
        ("### ACCESS-3", "### ACCESS-1", 27, "ACCESS-1 appears twice; ids are never reused"),
        ("### ACCESS-3", "### SUPPORT-3", 27, "no rule of this policy: `### ACCESS-1 Title`"),
        ("### ACCESS-3", "### ACCESS-003", 27, "no rule of this policy: `### ACCESS-1 Title`"),
        ("Everything.", "### ACCESS-9 Here", 7, "no rule of this policy"),
        ("## Timings", "## Times", 35, "unknown section 'Times'"),
        ("## Timings\n", "", 1, "the sections must be in this order: Scope, Roles"),
        ("## Records\n", "", 1, "the section 'Records' is missing"),
        ("# Access\n", "", 1, "the title is missing"),
        ("- Families: AUTH\n", "", 1, "the families are missing"),
        ("- Families: AUTH", "- Families: AUHT", 3, "unknown family 'AUHT'; known are AUTH, XFER"),
        (
            "- Families: AUTH",
            "- Families: AUTH, AUTH",
            3,
            "the family AUTH already belongs to access",
        ),
        (GOOD[GOOD.index("### ACCESS-1") : GOOD.index("## Timings")], "", 13, "has no rule"),
    ],
)
def test_what_is_broken_is_refused_with_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    assert old in GOOD
    message = fault(tmp_path, GOOD.replace(old, new, 1))
    assert any(
        one.startswith(f"{tmp_path}/access.md:{line}: ") and said in one
        for one in message.splitlines()
    ), message


def test_every_fault_is_told(tmp_path: Path) -> None:
    said = fault(tmp_path, GOOD.replace("- Who: site\n", "").replace("AUTH-003", "AUTH-033"))
    assert [line.partition(": ")[2][:9] for line in said.splitlines()] == [
        "ACCESS-1:",
        "ACCESS-3:",
        "ACCESS-3:",
    ]


def test_a_requirement_has_one_rule_of_one_policy(tmp_path: Path) -> None:
    (tmp_path / "zeal.md").write_text(
        GOOD.replace("ACCESS", "ZEAL").replace("- Families: AUTH", "- Families: XFER")
    )
    said = fault(tmp_path, GOOD)
    assert f"{tmp_path}/zeal.md:24: ZEAL-1: AUTH-001 is already named by ACCESS-1" in said


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "access.md").write_bytes(GOOD.encode("utf-16"))
    with pytest.raises(FrameworkError, match=r"access\.md: is written in UTF-16"):
        framework.load(KNOWN, tmp_path)

"""A new scenario: a test that is collected and keeps the rules, and that its author completes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from harness import mutants
from harness.conformance import catalogue
from harness.errors import BadInput
from harness.new.draft import Draft, File, rendered

LONGEST_TITLE = 96
"""With quotes and indentation it fits into a line."""

_NAME = re.compile(r"test_[a-z0-9]+(_[a-z0-9]+)*")


@dataclass(frozen=True)
class Kind:
    """A kind of service as a scenario meets it."""

    fixtures: tuple[str, ...]
    need: str | None
    """Service type for the mark `needs`; None where the fixture itself finds what the site offers."""
    example: str
    """What a user does with it, in one line of code."""


KINDS = {
    "storage": Kind(
        ("storage", "member"), "webdav", 'storage.at(route.resource).put("1 KiB", by=member)'
    ),
    "cloud": Kind(
        ("cloud", "member"), "org.openstack.keystone", "cloud.at(route.resource).enter(by=member)"
    ),
    "compute": Kind(
        ("element", "member"),
        None,
        'element.run(JobDescription.script("exit 0"), element.token(member))',
    ),
    "issuer": Kind(("issuer", "member", "audience"), "egi.aai.oidc", "member.token(audience)"),
}
"""Kinds of service, by the word that an author uses."""


@dataclass(frozen=True)
class Scenario:
    """What an author wants."""

    family: str
    file: str
    name: str
    title: str
    requirements: tuple[str, ...]
    kinds: tuple[str, ...]
    killed_by: tuple[str, ...]
    refusal: bool


def families(folder: Path) -> list[str]:
    """Return the names of the families: the folders of scenarios."""
    return sorted({path.parent.name for path in folder.glob("*/test_*.py")})


def name_of(title: str) -> str:
    """Return the name of a test that a title suggests."""
    return "_".join(["test", *re.findall(r"[a-z0-9]+", title.lower())])


def draft(wanted: Scenario, folder: Path) -> Draft:
    """Return the file of the scenario; `folder` is that of all scenarios.

    Raises
    ------
    BadInput
        naming what cannot be used, and what can.
    """
    known = families(folder)
    if wanted.family not in known:
        raise BadInput(
            f"{folder}: there is no family `{wanted.family}`; there are {', '.join(known) or 'none'}. "
            "A family is a folder with a file test_*.py."
        )
    for name in (wanted.name, wanted.file):
        if not _NAME.fullmatch(name):
            raise BadInput(
                f"`{name}` cannot name a test: write test_ and words of small letters and digits, "
                "joined by _."
            )
    _check_title(wanted.title)
    for kind in wanted.kinds or ("",):
        if kind not in KINDS:
            raise BadInput(f"unknown kind of service `{kind}`; choose from {', '.join(KINDS)}.")
    _check_requirements(wanted.requirements, folder)
    _check_mutants(wanted.killed_by, folder)
    used = [KINDS[kind] for kind in dict.fromkeys(wanted.kinds)]
    fixtures = ["route", *(name for kind in used for name in kind.fixtures)]
    if wanted.refusal:
        fixtures.append("refused")
    text = rendered(
        "scenario.py.j2",
        wanted=wanted,
        fixtures=list(dict.fromkeys(fixtures)),
        needs=[kind.need for kind in used if kind.need],
        examples=[kind.example for kind in used],
    )
    path = folder / wanted.family / f"{wanted.file}.py"
    return Draft(
        files=(File(path, text),),
        steps=(
            f"Write what the user does, and what must hold, in the place of NotImplementedError: {path}",
            f"Run it on a testbed that is up: testbed run -k {wanted.name}",
            f"See the mutants make it fail: testbed prove -k {wanted.name}",
        ),
    )


def _check_title(title: str) -> None:
    if not title.endswith(".") or len(title) > LONGEST_TITLE or set('"\\\n') & set(title):
        raise BadInput(
            f"the title {title!r} cannot be used: write one sentence with a full stop, of at most "
            f"{LONGEST_TITLE} characters, without double quotes and backslashes."
        )


def _check_requirements(ids: tuple[str, ...], folder: Path) -> None:
    known = catalogue.load(folder / "catalogue")
    if not ids:
        raise BadInput("a scenario shows one requirement at least: give --requirement ID.")
    for id_ in ids:
        if id_ not in known:
            near = ", ".join(known.near(id_))
            hint = f"similar: {near}" if near else "`testbed catalogue` lists them"
            raise BadInput(f"{folder / 'catalogue'}: there is no requirement `{id_}`; {hint}.")


def _check_mutants(ids: tuple[str, ...], folder: Path) -> None:
    path = folder / mutants.FILE.name
    known = mutants.load(path)
    if not ids:
        raise BadInput(
            f"a mutant must make the scenario fail: give --mutant ID ({path} lists them; "
            "`testbed new mutant` adds one)."
        )
    for id_ in ids:
        if id_ not in known:
            raise BadInput(f"{path}: {known.unknown(id_)}")

"""The framework of policies and procedures: `docs/framework/*.md`, read and checked.

A page is a policy, and its text is the one source of its rules. The form of a page stands in
`docs/framework/README.md`. Each rule names the requirements of the catalogue that show whether it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness import reading
from harness.conformance import document
from harness.conformance.catalogue import Catalogue, Requirement
from harness.errors import BadInput

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "framework"
SECTIONS = ("Scope", "Roles", "Procedure", "Timings", "Contacts", "Records")
"""The parts of a policy, in this order; its rules stand in the procedure."""
FIELDS = ("Who", "Within", "Source", "Shown by")
"""What a rule says of itself below its text; `Within`, its time limit, may be missing."""

_NOT_A_POLICY = "README.md"
_HEADING = re.compile(r"(#+) (.+)")
_FIELD = re.compile(r"- ([A-Z][a-z]+(?: by)?): ?(.*)")
_RULE = re.compile(r"([A-Z]+)-([1-9]\d?) (.+)")
_LIST = re.compile(r", *")


class FrameworkError(BadInput):
    """A policy is broken; names the file, the line, and what is wrong."""


@dataclass(frozen=True)
class Rule:
    """One thing that somebody must do."""

    id: str
    """The policy's name and a number: `ACCESS-1`."""
    title: str
    who: str
    within: str
    """Its time limit; empty where it has none."""
    source: str
    requirements: tuple[str, ...]
    """Ids of the requirements that show whether it is kept."""


@dataclass(frozen=True)
class Policy:
    """A policy with its rules, and its text as it is published."""

    name: str
    """By which an agreement adopts it: its file's name without `.md`."""
    title: str
    families: tuple[str, ...]
    """Families of the catalogue: each of their requirements belongs to a rule."""
    rules: tuple[Rule, ...]
    text: str
    """Markdown."""

    def without_rule(self, catalogue: Catalogue) -> list[Requirement]:
        """Return the requirements of its families that no rule of it names."""
        named = {id_ for rule in self.rules for id_ in rule.requirements}
        return [
            one
            for one in catalogue
            if one.family in self.families and one.in_scope and one.id not in named
        ]


def names(folder: Path = FOLDER) -> list[str]:
    """Return the names of the policies that can be adopted."""
    return [path.stem for path in pages(folder)]


def load(catalogue: Catalogue, folder: Path = FOLDER) -> tuple[Policy, ...]:
    """Read every policy.

    Raises
    ------
    FrameworkError
        naming file and line of each fault, and what is wrong there: a page without its form, a rule
        without a requirement, a requirement that is unknown, withdrawn, or of another rule already.
    """
    read = [_Page(path) for path in pages(folder)]
    faults = [fault for page in read for fault in page.faults]
    faults += _faults(read, catalogue)
    if faults:
        raise FrameworkError("\n".join(faults))
    return tuple(page.policy() for page in read)


def pages(folder: Path = FOLDER) -> list[Path]:
    """Return the files of the policies."""
    return sorted(path for path in folder.glob("*.md") if path.name != _NOT_A_POLICY)


def _faults(read: Sequence[_Page], catalogue: Catalogue) -> Iterator[str]:
    """Tell what a page alone does not show: families, and requirements named by rules."""
    pages_of: dict[str, str] = {}
    owners: dict[str, str] = {}
    known = {one.family for one in catalogue}
    for page in read:
        place = page.place(page.header)
        for family in page.families:
            if family not in known:
                yield f"{place}: {document.unknown('family', family, known)}"
            elif family in pages_of:
                yield f"{place}: the family {family} already belongs to {pages_of[family]}."
            pages_of.setdefault(family, page.name)
        for draft in page.drafts:
            place = page.place(draft.lines.get("Shown by", draft.line))
            for id_ in draft.requirements:
                if id_ not in catalogue:
                    near = " or ".join(catalogue.near(id_))
                    hint = f"; did you mean {near}?" if near else "."
                    yield f"{place}: {draft.id}: unknown requirement {id_!r}{hint}"
                elif not catalogue[id_].in_scope:
                    yield f"{place}: {draft.id}: {id_} is withdrawn. Remove it."
                elif id_ in owners:
                    yield f"{place}: {draft.id}: {id_} is already named by {owners[id_]}."
                owners.setdefault(id_, draft.id)


@dataclass
class _Draft:
    """A rule as far as it has been read."""

    id: str
    title: str
    line: int
    text: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    @property
    def requirements(self) -> tuple[str, ...]:
        return _listed(self.fields.get("Shown by", ""))

    def rule(self) -> Rule:
        return Rule(
            id=self.id,
            title=self.title,
            who=self.fields["Who"],
            within=self.fields.get("Within", ""),
            source=self.fields["Source"],
            requirements=self.requirements,
        )


class _Page:
    """A file of the framework, and what is wrong with its form."""

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.stem
        self.text = reading.text(path, FrameworkError)
        self.title = ""
        self.families: tuple[str, ...] = ()
        self.header = 1
        """The line that names the families."""
        self.drafts: list[_Draft] = []
        self.faults: list[str] = []
        self._read()
        self._check()

    def place(self, line: int) -> str:
        """Return file and line."""
        return f"{self.path}:{line}"

    def policy(self) -> Policy:
        """Return what the page says; it must have no fault."""
        rules = tuple(draft.rule() for draft in self.drafts)
        return Policy(self.name, self.title, self.families, rules, self.text)

    def _fault(self, line: int, what: str) -> None:
        self.faults.append(f"{self.place(line)}: {what}")

    def _read(self) -> None:
        """Go through the lines, and keep title, families and rules."""
        self._sections: dict[str, int] = {}
        section, last = "", ""
        for number, line in enumerate(self.text.splitlines(), start=1):
            draft = self.drafts[-1] if self.drafts and section == "Procedure" else None
            if heading := _HEADING.fullmatch(line):
                section = self._heading(number, len(heading[1]), heading[2].strip(), section)
                last = ""
            elif found := _FIELD.fullmatch(line):
                last = self._field(number, found[1], found[2].strip(), draft, section)
            elif last and draft and line.startswith("  "):
                draft.fields[last] += f" {line.strip()}"
            elif line.strip():
                last = ""
                if draft:
                    draft.text = draft.text or not draft.fields
                    if draft.fields:
                        self._fault(
                            number, f"{draft.id}: the text of a rule must stand above its fields."
                        )

    def _heading(self, number: int, depth: int, text: str, section: str) -> str:
        """Take in a heading; return the section in which what follows stands."""
        if depth == 1 and not self.title:
            self.title = text
            return ""
        if depth == 2:
            if text not in SECTIONS or text in self._sections:
                known = ", ".join(SECTIONS)
                self._fault(number, f"unknown section {text!r}; a policy has, each once: {known}.")
            self._sections.setdefault(text, number)
            return text
        found = _RULE.fullmatch(text)
        if depth == 3 and section == "Procedure" and found and found[1] == self.name.upper():
            id_ = f"{found[1]}-{found[2]}"
            if id_ in (draft.id for draft in self.drafts):
                self._fault(number, f"{id_} appears twice; ids are never reused.")
            self.drafts.append(_Draft(id_, found[3], number))
        else:
            wanted = f"`### {self.name.upper()}-1 Title`, within the procedure"
            self._fault(number, f"{text!r} is no rule of this policy: {wanted}.")
        return section

    def _field(self, number: int, name: str, value: str, draft: _Draft | None, section: str) -> str:
        """Take in a field; return its name where more of it may follow."""
        if draft is None:
            if name == "Families" and not section:
                self.families, self.header = _listed(value), number
        elif name not in FIELDS:
            known = ", ".join(FIELDS)
            self._fault(number, f"{draft.id}: unknown field {name!r}; a rule has {known}.")
        elif name in draft.fields:
            self._fault(number, f"{draft.id}: the field {name!r} appears twice.")
        else:
            draft.fields[name], draft.lines[name] = value, number
            return name
        return ""

    def _check(self) -> None:
        """Tell what is missing."""
        if not self.title:
            self._fault(1, "the title is missing: `# Title`.")
        if not self.families:
            self._fault(1, "the families are missing: `- Families: AUTH, IDN`.")
        if self._sections and tuple(self._sections) != SECTIONS[: len(self._sections)]:
            self._fault(1, f"the sections must be in this order: {', '.join(SECTIONS)}.")
        elif len(self._sections) < len(SECTIONS):
            self._fault(1, f"the section {SECTIONS[len(self._sections)]!r} is missing.")
        if not self.drafts:
            self._fault(self._sections.get("Procedure", 1), "the procedure has no rule.")
        for draft in self.drafts:
            missing = [name for name in FIELDS if name != "Within" and not draft.fields.get(name)]
            if not draft.text:
                self._fault(draft.line, f"{draft.id}: its text is missing.")
            if missing:
                self._fault(draft.line, f"{draft.id}: the field {missing[0]!r} is missing.")
            if draft.fields.get("Within") == "":
                self._fault(
                    draft.line, f"{draft.id}: the field 'Within' is empty. Fill it in or remove it."
                )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word for word in _LIST.split(text.strip()) if word)


def adopted(policies: Iterable[Policy], chosen: Sequence[str]) -> tuple[Policy, ...]:
    """Return the policies of these names, in the order in which they are named."""
    by_name = {policy.name: policy for policy in policies}
    return tuple(by_name[name] for name in chosen)

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from harness import inventory, overview
from harness.conformance import catalogue
from harness.conformance.catalogue import Catalogue, CatalogueError, Requirement

GOOD = """\
family: AUTH
title: Tokens
requirements:
  - id: AUTH-001
    level: MUST
    statement: A token is a token
    source: RFC 7519 §4.1
    polarity: positive
    check: [automatic]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "auth.yaml").write_text(GOOD)
    return tmp_path


def fault(folder: Path, text: str) -> str:
    (folder / "auth.yaml").write_text(text)
    with pytest.raises(CatalogueError) as caught:
        catalogue.load(folder)
    return str(caught.value)


def test_the_catalogue_that_we_ship_is_whole() -> None:
    shipped = catalogue.load()
    assert len(shipped) == 252
    assert shipped["AUTH-017"].polarity == "negative"
    assert shipped["AUTH-017"].confirmed
    assert not shipped["IDN-003"].confirmed
    assert shipped["ACC-008"].interpreted


def test_the_schema_that_we_ship_is_that_of_the_models() -> None:
    text = (catalogue.FOLDER / catalogue.SCHEMA).read_text()
    assert json.loads(text) == catalogue.schema(), (
        "the models have changed; run: testbed catalogue --schema > "
        f"scenarios/catalogue/{catalogue.SCHEMA}"
    )


FAMILIES = sorted(set(catalogue.FOLDER.glob("*.yaml")) - {catalogue.FOLDER / catalogue.SOURCES})


@pytest.mark.parametrize("path", FAMILIES, ids=lambda path: path.stem)
def test_every_family_names_the_schema_and_keeps_it(path: Path) -> None:
    text = path.read_text()
    assert text.startswith(f"# yaml-language-server: $schema={catalogue.SCHEMA}\n")
    schema = json.loads((catalogue.FOLDER / catalogue.SCHEMA).read_text())
    jsonschema.Draft202012Validator(schema).validate(yaml.safe_load(text))


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("MUST", "OUGHT"),
        GOOD + "    colour: red\n",
        GOOD + "    state: active\n",
        GOOD + "    profile: none\n",
        GOOD.replace("AUTH-001", "AUTH-1"),
        GOOD.replace("    source: RFC 7519 §4.1\n", ""),
        GOOD.replace("title: Tokens\n", ""),
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(folder: Path, text: str) -> None:
    jsonschema.Draft202012Validator(catalogue.schema()).validate(yaml.safe_load(GOOD))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(catalogue.schema()).validate(yaml.safe_load(text))
    fault(folder, text)


def test_what_conflicts_is_chosen_by_the_profile() -> None:
    shipped = {one.id: one.profile for one in catalogue.load() if one.profile}
    assert shipped == {
        "AUTH-023": "wlcg",
        "AUTH-024": "wlcg",
        "AUTH-049": "rfc9068",
        "AUTHZ-008": "wlcg",
        "AUTHZ-013": "wlcg",
        "XFER-020": "rfc9068",
    }


def test_what_no_scenario_shows_has_a_reason() -> None:
    twin = inventory.load(Path(__file__).parents[3] / "inventories" / "twin")
    shown = {id_ for cell in overview.cells(twin) for id_ in cell.requirements}
    missing = [one.id for one in catalogue.load() if one.id not in shown and not one.unshown]
    assert missing == [], "write a scenario, or say under `unshown` why there is none"


@pytest.mark.parametrize(
    ("level", "state", "binding", "in_scope"),
    [
        ("MUST", "required", True, True),
        ("MUST NOT", "required", True, True),
        ("SHOULD", "required", False, True),
        ("MAY", "required", False, True),
        ("MUST", "draft", False, True),
        ("MUST", "deprecated", False, False),
    ],
)
def test_level_and_state_decide_what_counts(
    level: str, state: str, binding: bool, in_scope: bool
) -> None:
    one = requirement("s").model_copy(update={"level": level, "state": state})
    assert (one.binding, one.in_scope) == (binding, in_scope)


def test_statements_speak_of_requirements_not_of_one_machine() -> None:
    for requirement in catalogue.load():
        assert "XRootD 5" not in requirement.statement
        assert "here" not in requirement.statement.split()


def test_a_fault_names_file_line_and_id(folder: Path) -> None:
    said = fault(folder, GOOD.replace("MUST", "OUGHT"))
    assert f"{folder}/auth.yaml:4: AUTH-001: level:" in said
    assert "OUGHT" in said


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (GOOD + "    colour: red\n", 4, "AUTH-001: colour: Extra inputs are not permitted"),
        (GOOD.replace("    source: RFC 7519 §4.1\n", ""), 4, "AUTH-001: source: Field required"),
        (GOOD.replace("AUTH-001", "AUTH-1"), 4, "AUTH-1: id: String should match pattern"),
        (GOOD.replace("    level: MUST\n", "    level: Must\n"), 4, "AUTH-001: level: "),
        (GOOD.replace("check: [automatic]", "check: []"), 4, "AUTH-001: check: "),
        (GOOD + "    state: active\n", 4, "AUTH-001: state: "),
        (GOOD + "    profile: none\n", 4, "AUTH-001: profile: "),
        (GOOD + "    unshown: ''\n", 4, "AUTH-001: unshown: "),
        (GOOD + "  - none\n", 10, "a requirement is a mapping, not 'none'"),
        (GOOD + GOOD.partition("requirements:\n")[2], 10, "AUTH-001 is already defined at "),
        (GOOD.replace("family: AUTH", "family: XFER"), 4, "does not belong to family XFER"),
        (GOOD.replace("title: Tokens\n", ""), 1, "title: Field required"),
        (GOOD.replace("title:", "heading: h\ntitle:"), 2, "heading: Extra inputs"),
        ("family: AUTH\ntitle: T\nrequirements: none\n", 3, "`requirements` (a list)"),
        ("family: AUTH\n", 1, "`requirements` (a list)"),
        ("- a list\n", 1, "a mapping is expected, not list"),
        ("", 1, "a mapping is expected, not nothing"),
        (GOOD.replace("level: MUST", "level: [MUST"), 6, "expected ',' or ']'"),
        (GOOD.replace("level: MUST", "level: MUST: x"), 5, "mapping values are not allowed"),
        (GOOD + "    level: MAY\n", 10, "the key 'level' appears twice"),
        (GOOD + "    ? [a]\n    : b\n", 10, "unhashable key"),
    ],
)
def test_what_is_broken_is_refused(folder: Path, text: str, line: int, said: str) -> None:
    message = fault(folder, text)
    assert message.startswith(f"{folder}/auth.yaml:{line}: ")
    assert said in message


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("A:\n  title: a\nB:\n  tittle: b\n", 3, "B: title: Field required"),
        ("A:\n  title: a\nB: b\n", 3, "B: a mapping is expected, not 'b'"),
    ],
)
def test_a_broken_source_is_refused(folder: Path, text: str, line: int, said: str) -> None:
    (folder / "sources.yaml").write_text(text)
    with pytest.raises(CatalogueError) as caught:
        catalogue.load(folder)
    assert str(caught.value).startswith(f"{folder}/sources.yaml:{line}: {said}")


def test_an_id_is_never_reused(folder: Path) -> None:
    (folder / "zzz.yaml").write_text(GOOD)
    with pytest.raises(
        CatalogueError, match=r"zzz\.yaml:4: AUTH-001 is already defined at .*auth\.yaml:4"
    ):
        catalogue.load(folder)


def test_an_empty_catalogue_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no requirement"):
        catalogue.load(tmp_path)


@pytest.mark.parametrize("typo", ["AUTH-17", "auth-017", "AUTH-0017", "AUHT-017"])
def test_a_typo_finds_what_was_meant(typo: str) -> None:
    assert "AUTH-017" in catalogue.load().near(typo)


def requirement(source: str) -> Requirement:
    return Requirement(
        id="AUTH-001",
        level="MUST",
        statement="s",
        source=source,
        polarity="positive",
        check=("automatic",),
    )


@pytest.mark.parametrize(
    ("source", "link"),
    [
        ("RFC 6750 §3.1", "https://www.rfc-editor.org/rfc/rfc6750#section-3.1"),
        ("RFC 3230", "https://www.rfc-editor.org/rfc/rfc3230"),
        ("WLCG §4.2", "https://example.org/wlcg"),
        ("TPC, response; RFC 3230", "https://www.rfc-editor.org/rfc/rfc3230"),
        ("project scenario", None),
    ],
)
def test_a_requirement_links_to_the_first_source_that_has_an_address(
    source: str, link: str | None
) -> None:
    sources = {
        "WLCG": catalogue.Source(title="W", link="https://example.org/wlcg"),
        "TPC": catalogue.Source(title="T"),
    }
    wanted = requirement(source)
    assert Catalogue([wanted], sources).link(wanted) == link

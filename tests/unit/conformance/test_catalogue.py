from __future__ import annotations

from pathlib import Path

import pytest

from harness.conformance import catalogue
from harness.conformance.catalogue import Catalogue, CatalogueError, Requirement

GOOD = """\
family: AUTH
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
    assert len(shipped) == 217
    assert shipped["AUTH-017"].polarity == "negative"
    assert shipped["AUTH-017"].confirmed
    assert not shipped["IDN-003"].confirmed
    assert shipped["ACC-008"].interpreted


def test_statements_speak_of_requirements_not_of_one_machine() -> None:
    for requirement in catalogue.load():
        assert "XRootD 5" not in requirement.statement
        assert "here" not in requirement.statement.split()


def test_a_fault_names_file_line_and_id(folder: Path) -> None:
    said = fault(folder, GOOD.replace("MUST", "OUGHT"))
    assert f"{folder}/auth.yaml:3: AUTH-001: level:" in said
    assert "OUGHT" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD + "    colour: red\n", "colour: Extra inputs are not permitted"),
        (GOOD.replace("    source: RFC 7519 §4.1\n", ""), "source: Field required"),
        (GOOD.replace("AUTH-001", "AUTH-1"), "id: String should match pattern"),
        (GOOD.replace("family: AUTH", "family: XFER"), "does not belong to family XFER"),
        (GOOD.replace("check: [automatic]", "check: []"), "check: "),
        ("family: AUTH\nrequirements: none\n", "`requirements` (a list)"),
        ("- a list\n", "a mapping is expected, not list"),
        (GOOD.replace("level: MUST", "level: [MUST"), "auth.yaml:"),
        (GOOD + "    level: MAY\n", "'level' is there twice"),
    ],
)
def test_what_is_broken_is_refused(folder: Path, text: str, said: str) -> None:
    assert said in fault(folder, text)


def test_an_id_is_never_reused(folder: Path) -> None:
    (folder / "zzz.yaml").write_text(GOOD)
    with pytest.raises(
        CatalogueError, match=r"zzz\.yaml:3: AUTH-001 is there already, at .*auth\.yaml:3"
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

"""What every field must have, so that the frame can iterate over them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness import mutants
from harness.conformance import catalogue
from harness.science import archive, bundles
from harness.science.field import Field, at_least, exactly, field, fields, lightest, near, worst
from harness.science.plan import JOB, PLAN, READ, WRITE

NAN = float("nan")


@pytest.fixture(params=fields(), ids=lambda one: one.name)
def each(request: pytest.FixtureRequest) -> Field:
    found: Field = request.param
    return found


def test_its_folder_bears_its_name(each: Field) -> None:
    assert each.folder.is_dir()
    assert field(each.name) is each


def test_its_requirement_is_in_the_catalogue_and_its_own(each: Field) -> None:
    assert each.requirement in catalogue.load()
    assert each.requirement.startswith("SCI-1")
    assert [one.name for one in fields() if one.requirement == each.requirement] == [each.name]


def test_its_mutants_are_known(each: Field) -> None:
    assert all(id_ in mutants.load() for id_ in each.killed_by)


def test_its_input_is_the_same_bytes_each_time(each: Field) -> None:
    assert archive.pack(each.inputs()) == archive.pack(each.inputs())


def test_its_programs_do_not_stand_in_the_way_of_the_job(each: Field) -> None:
    assert "program.py" in each.programs()
    assert not {JOB, PLAN, READ, WRITE} & each.programs().keys()


def test_its_control_differs_in_what_the_right_run_has_too(each: Field) -> None:
    assert each.control.parameters.keys() <= each.parameters.keys()
    assert each.runs["control"] != each.runs["right"]
    assert each.control.wrong


def test_its_software_is_pinned_in_the_version_that_it_names(each: Field) -> None:
    recipe = bundles.recipe(each)
    listed = [path.read_text() for path in recipe.folder.iterdir() if path.is_file()]
    for one in each.software:
        assert any(one.version in text for text in listed), one
        assert re.fullmatch(r"[A-Za-z0-9.+-]+( (WITH|AND|OR) [A-Za-z0-9.+-]+)*", one.licence), one


def test_all_that_is_fetched_for_its_bundle_has_a_hash(each: Field) -> None:
    recipe = bundles.recipe(each)
    assert recipe.wheels or recipe.build
    for listed in filter(None, (recipe.wheels, recipe.sources)):
        text = Path(listed).read_text()
        for pinned in re.findall(r"^\S+==\S+.*(?:\n +.*)*", text, re.M):
            assert "--hash=sha256:" in pinned, pinned


def test_three_fields_are_of_every_night() -> None:
    assert len([one for one in fields() if one.extent == "core"]) >= 3
    assert lightest().extent == "core"


def test_an_unknown_field_is_told_with_what_is_near() -> None:
    with pytest.raises(LookupError, match="similar: environment"):
        field("enviroment")


def test_bounds_decide_and_what_is_no_number_is_wrong() -> None:
    assert near("x", 1.1, 1, 0.1001, source="s").right
    assert not near("x", 1.2, 1, 0.1, source="s").right
    assert at_least("x", 2, 2, source="s").right
    assert not at_least("x", NAN, 2, source="s").right
    assert not exactly("x", NAN, 2, source="s").right
    assert str(near("x", 1.5, 1, 0.1, source="s", unit="K")) == "x: 1.5 K, wanted: 1 ± 0.1 K"
    assert worst([1, 3, 2]) == 3
    assert worst([1, NAN]) != worst([1, NAN])

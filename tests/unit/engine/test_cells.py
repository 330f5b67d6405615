from __future__ import annotations

import pytest

from harness.engine.cells import family_of, scenario_of


@pytest.mark.parametrize(
    ("node_id", "scenario"),
    [
        ("scenarios/auth/test_a.py::test_x[egi:egi]", "auth/test_a.py::test_x"),
        ("auth/test_a.py::test_x[egi:egi-1 MiB]", "auth/test_a.py::test_x[1 MiB]"),
        ("auth/test_a.py::test_x[a-b-egi:egi]", "auth/test_a.py::test_x[a-b]"),
        ("auth/test_a.py::test_x[a-egi:egi-b]", "auth/test_a.py::test_x[a-b]"),
        ("auth/test_a.py::test_x", "auth/test_a.py::test_x"),
        ("auth/test_a.py::test_x[egi:egi-egi:egix]", "auth/test_a.py::test_x[egi:egix]"),
    ],
)
def test_a_scenario_has_one_name_on_all_routes(node_id: str, scenario: str) -> None:
    assert scenario_of(node_id, "egi:egi") == scenario


def test_the_family_is_the_folder() -> None:
    assert family_of("transfer/test_a.py::test_x[a/b]") == "transfer"
    assert family_of("test_a.py::test_x") == "scenarios"

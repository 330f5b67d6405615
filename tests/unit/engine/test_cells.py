from __future__ import annotations

import pytest

from harness.engine.cells import family_of, scenario_of


@pytest.mark.parametrize(
    ("node_id", "scenario"),
    [
        ("scenarios/auth/test_a.py::test_x[egi:EGI-TWIN]", "auth/test_a.py::test_x"),
        ("auth/test_a.py::test_x[egi:EGI-TWIN-1 MiB]", "auth/test_a.py::test_x[1 MiB]"),
        ("auth/test_a.py::test_x[a-b-egi:EGI-TWIN]", "auth/test_a.py::test_x[a-b]"),
        ("auth/test_a.py::test_x[a-egi:EGI-TWIN-b]", "auth/test_a.py::test_x[a-b]"),
        ("auth/test_a.py::test_x", "auth/test_a.py::test_x"),
        (
            "auth/test_a.py::test_x[egi:EGI-TWIN-egi:EGI-TWINS]",
            "auth/test_a.py::test_x[egi:EGI-TWINS]",
        ),
    ],
)
def test_a_scenario_has_one_name_on_all_routes(node_id: str, scenario: str) -> None:
    assert scenario_of(node_id, "egi:EGI-TWIN") == scenario


def test_the_family_is_the_folder() -> None:
    assert family_of("transfer/test_a.py::test_x[a/b]") == "transfer"
    assert family_of("test_a.py::test_x") == "scenarios"

"""At which end of a route a scenario uses a service is read from its source."""

from __future__ import annotations

import importlib.util
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.engine import uses

SOURCE = """
import pytest

@pytest.fixture
def source(storage, route):
    return storage.at(route.home).put("1 KiB")

def both(storage, route):
    return storage.at(route.home), storage.at(route.resource)

def test_at_the_site(storage, route):
    storage.at(route.resource)

def test_at_home(storage, route):
    storage.at(route.home)

def test_by_a_fixture(source, storage, route):
    assert source

def test_by_a_function(storage, route):
    both(storage, route)

def test_of_two_kinds(element, compute, storage, route):
    storage.at(route.home)

def test_of_none(route):
    pass
"""


@pytest.fixture
def function(tmp_path: Path) -> Callable[[str], Callable[..., None]]:
    """Return a function of the file above, imported."""
    path = tmp_path / "test_suite.py"
    path.write_text(textwrap.dedent(SOURCE))
    spec = importlib.util.spec_from_file_location("uses_suite", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda name: getattr(module, name)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("test", "fixtures", "ends"),
    [
        ("test_at_the_site", ["storage", "route"], {"storage": ("resource",)}),
        ("test_at_home", ["storage", "route"], {"storage": ("home",)}),
        ("test_by_a_fixture", ["source", "storage"], {"storage": ("home",)}),
        ("test_by_a_function", ["storage"], {"storage": ("home", "resource")}),
        (
            "test_of_two_kinds",
            ["element", "compute", "storage"],
            {"compute": ("resource",), "storage": ("home",)},
        ),
        ("test_of_none", ["route"], {}),
    ],
)
def test_it_is_the_end_that_is_opened(
    function: Callable[[str], Callable[..., None]],
    test: str,
    fixtures: list[str],
    ends: dict[str, tuple[str, ...]],
) -> None:
    assert uses.of(function(test), fixtures) == ends

"""`testbed clean`: what could not be looked at is told, and no site is taken for clean."""

from __future__ import annotations

import dataclasses
import io
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from harness import cleaning, inventory, kinds
from harness.errors import BeyondSource
from harness.kinds import Kinds, Leftover
from harness.model import Service
from harness.provision import vault

Command = Callable[..., subprocess.CompletedProcess[str]]

removed: list[str] = []


def left(service: Service, *, user: Any, home: Any, **_: Any) -> Iterator[Leftover]:
    """What a service of this test has: one thing that goes, and one that stays."""
    if service.site == "CSTCLOUD-TWIN":
        raise AssertionError("the door is shut")
    yield Leftover("interop-testbed-a", lambda: removed.append(service.host))
    if home.name == "egi":
        yield Leftover("interop-testbed-b", refuse)


def left_at_home(workstation: Any) -> Iterator[Leftover]:
    """What a workstation of this test has: one thing."""
    name = workstation.host.name
    yield Leftover("/home/a/interop-testbed-c", lambda: removed.append(name))


def refuse() -> None:
    raise AssertionError("DELETE -> 403\nmore")


@pytest.fixture
def testbed(inventory_folder: Path, monkeypatch: pytest.MonkeyPatch) -> inventory.Inventory:
    """A testbed whose storages have something left, and whose users need no secrets."""
    monkeypatch.setenv("TESTBED_STATE", str(inventory_folder.parent / "state"))
    found = inventory.load(inventory_folder)
    empty = {one.name: {} for one in found.testbed.infrastructures}
    monkeypatch.setattr(vault, "load", lambda _: empty)
    monkeypatch.setattr(cleaning.hosts, "exist", lambda _: False)
    monkeypatch.setattr(cleaning.Issuers, "user", lambda *_: None)
    registry = kinds.registry()
    changed = [
        dataclasses.replace(kind, leftovers=f"{__name__}:left" if kind.name == "storage" else "")
        for kind in registry
    ]
    monkeypatch.setattr(cleaning, "registry", lambda: Kinds(changed))
    monkeypatch.setattr(cleaning, "leftovers", left_at_home)
    monkeypatch.setattr(cleaning.pkgutil, "resolve_name", lambda _: left)
    removed.clear()
    return found


def cleaned(testbed: inventory.Inventory, **more: Any) -> tuple[cleaning.Cleaned, str]:
    said = io.StringIO()
    options: dict[str, Any] = {"dry_run": False} | more
    return cleaning.clean(
        testbed, console=Console(file=said, width=200), **options
    ), said.getvalue()


def test_each_thing_is_told_and_what_stays_is_counted(testbed: inventory.Inventory) -> None:
    done, said = cleaned(testbed, sites=["EGI-TWIN"])
    # Two services of the kind, as the users of two infrastructures, and one workstation.
    assert done == cleaning.Cleaned(found=7, removed=5, troubles=2)
    assert removed == [*["se.egi.test"] * 4, "ui.egi.test"]
    assert "removed interop-testbed-a: webdav at se.egi.test (EGI-TWIN), as member of egi" in said
    assert (
        "not done: interop-testbed-b: webdav at se.egi.test (EGI-TWIN), as member of egi: DELETE"
        in said
    )


def test_a_site_that_lists_nothing_is_not_clean(testbed: inventory.Inventory) -> None:
    done, said = cleaned(testbed, sites=["CSTCLOUD-TWIN"])
    assert (done.found, done.removed, done.troubles) == (1, 1, 6)
    assert (
        "not done: webdav at se.cstcloud.test (CSTCLOUD-TWIN), as member of egi: the door is shut"
        in said
    )


def test_who_gets_no_token_has_left_nothing_and_another_looks(
    testbed: inventory.Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def user(_: object, home: Any, kind: str) -> None:
        asked.append(f"{kind} of {home.name}")
        if kind != "robot" or home.name == "cstcloud":
            raise BeyondSource(f"{kind}: `none` gives no tokens")

    monkeypatch.setattr(cleaning.Issuers, "user", user)
    done, said = cleaned(testbed, sites=["EGI-TWIN"])
    assert set(asked) == {
        f"{kind} of {home}"
        for home, kinds in {
            "egi": ("member", "second", "robot"),
            "cstcloud": ("member", "second", "robot", "monitor"),
        }.items()
        for kind in kinds
    }
    assert "removed interop-testbed-a: webdav at se.egi.test (EGI-TWIN), as robot of egi" in said
    # Two services, of which each keeps one thing; and the workstation.
    assert done == cleaning.Cleaned(found=5, removed=3, troubles=2)


def test_a_dry_run_removes_nothing(testbed: inventory.Inventory) -> None:
    done, said = cleaned(testbed, sites=["EGI-TWIN"], dry_run=True)
    assert (done.found, done.removed, removed) == (7, 0, [])
    assert "found interop-testbed-a: " in said


def test_a_site_that_is_not_there_is_told(command: Command, inventory_folder: Path) -> None:
    done = command("clean", "--inventory", str(inventory_folder), "--site", "NOWHERE")
    assert done.returncode == 2
    assert "unknown site 'NOWHERE'" in done.stderr


def left_by_parts(service: Service, **_: Any) -> Iterator[Leftover]:
    """What two parts of a run have made: the storages tell by name, the computing elements do not."""
    for name in ("interop-testbed-ab12-1of2-x", "interop-testbed-ab12-2of2-x", "job 7"):
        yield Leftover(name, partial(removed.append, f"{name} at {service.host}"))


def test_a_part_removes_its_own_alone(
    testbed: inventory.Inventory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """At its sites, and at the homes of its users; jobs at its sites only."""
    monkeypatch.setattr(cleaning.pkgutil, "resolve_name", lambda _: left_by_parts)
    registry = kinds.registry()
    changed = [
        dataclasses.replace(one, leftovers=one.name if one.name in ("storage", "compute") else "")
        for one in registry
    ]
    monkeypatch.setattr(cleaning, "registry", lambda: Kinds(changed))
    monkeypatch.setattr(cleaning.names, "ours", lambda: "interop-testbed-ab12-2of2-")
    done = cleaning.clean_part(
        testbed,
        homes=["egi"],
        sites=["CSTCLOUD-TWIN"],
        folder=tmp_path / "limits",
        console=Console(file=io.StringIO()),
    )
    assert done.troubles == 0
    assert {one for one in removed if "egi.test" in one} == {
        "interop-testbed-ab12-2of2-x at se.egi.test"
    }
    assert "job 7 at ce.cstcloud.test" in removed
    assert not [one for one in removed if "1of2" in one and "se." in one]

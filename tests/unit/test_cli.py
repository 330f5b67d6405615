"""What a user types, what is answered, and the exit code."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.state import State

Command = Callable[..., subprocess.CompletedProcess[str]]

COMMANDS = (
    "up",
    "check",
    "run",
    "report",
    "judge",
    "catalogue",
    "nightly",
    "publish",
    "down",
    "notify",
    "status",
    "list",
    "token",
    "doctor",
)


def test_help_names_every_command_and_the_exit_codes(command: Command) -> None:
    done = command("--help")
    assert done.returncode == 0
    for name in COMMANDS:
        assert f" {name} " in done.stdout
    assert "3 inconclusive" in " ".join(done.stdout.split())


def test_an_unknown_command_is_usage(command: Command) -> None:
    assert command("fly").returncode == 2


def test_a_missing_inventory_is_usage(command: Command, inventory_folder: Path) -> None:
    done = command("run", "--inventory", inventory_folder.parent / "nowhere")
    assert done.returncode == 2
    assert "nowhere: this inventory does not exist" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_inventory_is_usage(command: Command, inventory_folder: Path) -> None:
    (inventory_folder / "hosts.yml").write_text("all: [\n")
    done = command("list", "--inventory", inventory_folder)
    assert done.returncode == 2
    assert f"{inventory_folder}/hosts.yml:2" in done.stderr


def test_an_unknown_route_is_usage_and_the_known_are_named(
    command: Command, inventory_folder: Path
) -> None:
    done = command("run", "--inventory", inventory_folder, "--route", "egi:mars")
    assert done.returncode == 2
    assert "unknown route 'egi:mars'; there are egi:CSTCLOUD-TWIN, cstcloud:EGI-TWIN" in done.stderr
    assert not (inventory_folder.parent / "runs").exists()


@pytest.mark.parametrize("name", ["report", "judge"])
@pytest.mark.parametrize("words", [(), ("nowhere",)])
def test_a_report_of_no_run_is_usage(command: Command, name: str, words: tuple[str, ...]) -> None:
    done = command(name, *words)
    assert done.returncode == 2
    assert "is not a run" in done.stderr


def test_list_names_routes_services_and_scenarios(process: Command, inventory_folder: Path) -> None:
    done = process("list", "--all", "--inventory", inventory_folder)
    assert done.returncode == 0, done.stderr
    for word in ("EGI-TWIN", "org.nordugrid.arex", "egi:CSTCLOUD-TWIN", "control", "AUTH-017"):
        assert word in done.stdout


@pytest.mark.parametrize(
    ("keyword", "said"),
    [
        ("no_such_thing", "no scenario matches -k 'no_such_thing'; there are\n  accounting/"),
        ("and and", "-k 'and and' is not an expression"),
        ("auth(level=1)", "-k 'auth(level=1)': auth(...) means nothing"),
    ],
)
def test_a_keyword_that_means_nothing_is_usage_and_leaves_no_run(
    process: Command, inventory_folder: Path, keyword: str, said: str
) -> None:
    done = process("run", "--inventory", inventory_folder, "-k", keyword)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (inventory_folder.parent / "runs").exists()


@pytest.mark.parametrize("seconds", ["nan", "inf", "-inf", "-1", "1e9", "soon", ""])
def test_a_time_that_nobody_can_wait_for_is_usage(command: Command, seconds: str) -> None:
    done = command("check", f"--wait={seconds}")
    assert done.returncode == 2
    assert "--wait" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def old_run(tmp_path: Path) -> Path:
    """A run of one cell, which failed."""
    run = tmp_path / "runs" / "old"
    (run / "logs").mkdir(parents=True)
    cell = {
        "scenario": "auth/test_a.py::test_x",
        "title": "It is so",
        "family": "auth",
        "requirements": ["AUTH-017"],
        "home": "egi",
        "resource": "cstcloud",
        "site": "CSTCLOUD-TWIN",
    }
    outcome = cell | {
        "status": "failed",
        "stage": "assert",
        "error": "assertion",
        "message": "it is not",
        "start": "2026-01-01T00:00:00+00:00",
        "stop": "2026-01-01T00:00:01+00:00",
    }
    (run / "plan.jsonl").write_text(json.dumps(cell) + "\n")
    (run / "outcomes.jsonl").write_text(json.dumps(outcome) + "\n")
    record = {
        "id": "old",
        "start": "2026-01-01T00:00:00+00:00",
        "testbed": "unit",
        "inventory": "i",
        "harness": "0",
        "routes": [
            {
                "id": "egi:cstcloud",
                "home": "egi",
                "resource": "cstcloud",
                "site": "CSTCLOUD-TWIN",
                "control": False,
            }
        ],
    }
    (run / "run.json").write_text(json.dumps(record))
    return run


def test_a_report_is_judged_again_from_the_files(
    command: Command, old_run: Path, tmp_path: Path
) -> None:
    """Allure is not at hand, so the command ends there; the verdicts are written by then."""
    done = command("report", old_run, TESTBED_ALLURE=str(tmp_path / "nowhere"))
    assert done.returncode == 2
    assert "deviation" in done.stdout
    (verdict,) = json.loads((old_run / "verdicts.json").read_text())["scenarios"]
    assert verdict["verdict"] == "deviation"
    assert "was not run" in verdict["reason"]


def test_an_old_run_is_judged_again_by_its_known_deviations(
    command: Command, old_run: Path
) -> None:
    """From its files alone: the same verdicts each time, and others where the list changes."""
    known = """\
known_deviations:
  - requirement: AUTH-017
    owner: cloud group
    reason: it is so
    link: https://example.org/1
    since: 2025-01-01
    expires: 2026-01-01
"""
    for text, code, verdict in (("", 1, "deviation"), (known, 0, "known deviation")):
        if text:
            (old_run / "known-deviations.yaml").write_text(text)
        assert command("judge", old_run).returncode == code
        written = (old_run / "verdicts.json").read_text()
        assert json.loads(written)["scenarios"][0]["verdict"] == verdict
        assert command("judge", old_run).returncode == code
        assert (old_run / "verdicts.json").read_text() == written


def test_a_run_of_a_former_version_is_judged_and_said_to_be_one(
    command: Command, old_run: Path
) -> None:
    done = command("judge", old_run)
    assert done.returncode == 1
    (line,) = [one for one in done.stdout.splitlines() if "former version" in one]
    assert line.startswith("old was made by a former version, which kept no copy of catalogue")


def test_a_damaged_run_is_usage_and_verify_tells_it(command: Command, old_run: Path) -> None:
    assert command("judge", old_run).returncode == 1
    assert command("verify", old_run).returncode == 0
    (old_run / "outcomes.jsonl").write_text((old_run / "outcomes.jsonl").read_text() * 2)
    done = command("judge", old_run)
    assert done.returncode == 2
    assert "outcomes.jsonl:2: attempt 1 at" in done.stderr
    done = command("verify", old_run)
    assert done.returncode == 1
    assert "is there already, in line 1" in " ".join(done.stdout.split())
    assert "complaints: 1" in done.stdout


def test_the_catalogue_is_listed_and_filtered(command: Command) -> None:
    done = command("catalogue", "--family", "auth", "--text", "nbf")
    assert done.returncode == 0
    assert "AUTH-018" in done.stdout
    assert "1 of 252 requirements" in done.stdout
    assert command("catalogue", "--family", "none").returncode == 2


def test_coverage_is_told_without_a_run(process: Command, inventory_folder: Path) -> None:
    done = process("catalogue", "--coverage", "--inventory", inventory_folder)
    assert done.returncode == 0, done.stderr
    assert "AUTH-017" in done.stdout
    assert "without a scenario: no scenario yet" in done.stdout


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The pages of the testbed `unit`, with one night."""
    night = tmp_path / "site" / "unit" / "20261122T011500Z-aa01"
    night.mkdir(parents=True)
    (night / "statement.json").write_text("{}")
    (night.parent / "index.html").write_text("<p>tonight</p>")
    return night.parent


def test_pages_are_published(
    command: Command, inventory_folder: Path, site: Path, tmp_path: Path
) -> None:
    words = ("publish", "--inventory", inventory_folder)
    listed = command(*words, "--to", "www", "--dry-run")
    assert listed.returncode == 0, listed.stderr
    assert "index.html" in listed.stdout
    assert not (tmp_path / "www").exists()
    done = command(*words, TESTBED_PUBLISH="www")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "www" / "index.html").read_text() == "<p>tonight</p>"


def test_a_publication_needs_a_target_and_pages(
    command: Command, inventory_folder: Path, tmp_path: Path
) -> None:
    words = ("publish", "--inventory", inventory_folder)
    assert command(*words).returncode == 2
    done = command(*words, "--to", "www")
    assert done.returncode == 2
    assert "site/unit: is not there" in done.stderr


def test_a_secret_of_the_vault_is_not_published(
    command: Command, inventory_folder: Path, site: Path, tmp_path: Path
) -> None:
    state = State("unit", root=tmp_path / "state").make()
    state.vault.write_text(json.dumps({"vault": {"egi": {"password_ada": "0123456789abcdef"}}}))
    (site / "index.html").write_text("<p>0123456789abcdef</p>")
    done = command("publish", "--inventory", inventory_folder, "--to", "www")
    assert done.returncode == 2
    assert "holds a secret of the testbed's vault" in done.stderr
    assert "0123456789abcdef" not in done.stderr + done.stdout
    assert not (tmp_path / "www").exists()

"""`testbed new`: what it writes can be used as it stands, and what cannot be used is refused."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from harness import inventory, mutants
from harness.cli import ask
from harness.engine import lint
from harness.errors import BadInput
from harness.new import draft

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent
Command = Callable[..., subprocess.CompletedProcess[str]]
FAULTS = Path("playbooks/roles/gateway/files/gateway/faults")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what is added to; the commands are started in it."""
    for name in ("scenarios", FAULTS):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in (".yamllint", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def lints(folder: Path, *words: str | Path) -> None:
    done = subprocess.run(
        [TOOLS / words[0], *words[1:]], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


# -- a scenario

SCENARIO = {
    "--family": "auth",
    "--title": "A token past its end is refused.",
    "--requirement": "AUTH-017",
    "--kind": "storage",
    "--mutant": "ignores-expiry",
    "--file": "test_end",
    "--name": "test_the_end",
}


def words_of(options: dict[str, str], **changes: str) -> list[str]:
    changed = options | {f"--{name}": value for name, value in changes.items()}
    return [word for pair in changed.items() for word in pair]


@pytest.mark.parametrize("kind", ["storage", "cloud", "compute", "issuer"])
@pytest.mark.parametrize("refusal", ["--refusal", "--no-refusal"])
def test_a_scenario_keeps_the_rules_and_the_style(
    command: Command, project: Path, kind: str, refusal: str
) -> None:
    long = "test_a_name_of_a_test_that_says_all_that_there_is_to_say_of_it_and_then_some_more"
    words = words_of(SCENARIO, kind=kind, name=long)
    done = command("new", "scenario", *words, "--kind", "cloud", refusal)
    assert done.returncode == 0, done.stderr
    written = project / "scenarios" / "auth" / "test_end.py"
    assert ("refused" in written.read_text().partition('"""A')[2]) is True
    assert lint.breaches(project / "scenarios") == []
    lints(project, "ruff", "check", written)
    lints(project, "ruff", "format", "--check", written)


def test_a_scenario_is_collected(
    command: Command, project: Path, process: Command, inventory_folder: Path
) -> None:
    """By the function that `testbed list` asks."""
    assert command("new", "scenario", *words_of(SCENARIO), "--refusal").returncode == 0
    script = (
        "import sys; from pathlib import Path; from harness.engine import session\n"
        "where, what = map(Path, sys.argv[1:])\n"
        "print(*(c.scenario for c in session.collect(session.Selection(where, scenarios=what)).cells))"
    )
    suite = project / "suite" / "auth"
    suite.mkdir(parents=True)
    shutil.copy(project / "scenarios" / "auth" / "test_end.py", suite)
    done = subprocess.run(
        [sys.executable, "-c", script, inventory_folder, suite.parent],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    cells = done.stdout.split()
    assert len(cells) >= 4, done.stderr
    assert {cell.partition("[")[0] for cell in cells} == {"auth/test_end.py::test_the_end"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"requirement": "AUTH-17"}, "there is no requirement `AUTH-17`; similar: AUTH-017"),
        ({"mutant": "ignores-expiri"}, "similar: ignores-expiry"),
        ({"family": "gardening"}, "there are accounting, auth, information, jobs, science, security, transfer"),
        ({"kind": "sundial"}, "choose from storage, cloud, compute, issuer"),
        ({"name": "The-End"}, "write test_ and words"),
        ({"title": "No full stop"}, "one sentence with a full stop"),
        ({"scenarios": "elsewhere"}, "elsewhere: there is no family `auth`"),
    ],
)
def test_a_scenario_that_cannot_be_is_refused(
    command: Command, project: Path, changes: dict[str, str], said: str
) -> None:
    done = command("new", "scenario", *words_of(SCENARIO, **changes), "--no-refusal")
    assert done.returncode == 2
    assert said in done.stderr
    assert not (project / "scenarios" / "auth" / "test_end.py").exists()


def test_nothing_is_overwritten_unless_told(command: Command, project: Path) -> None:
    words = ("new", "scenario", *words_of(SCENARIO), "--no-refusal")
    written = project / "scenarios" / "auth" / "test_end.py"
    written.write_text("mine")
    done = command(*words)
    assert done.returncode == 2
    assert "test_end.py: the file exists already" in done.stderr
    assert written.read_text() == "mine"
    assert command(*words, "--force").returncode == 0
    assert "test_the_end" in written.read_text()


# -- a mutant

MUTANT = {
    "--id": "forgets-names",
    "--fault": "Names of files: each is lost.",
    "--service": "webdav",
}


def test_a_mutant_is_listed_and_has_a_place_for_its_fault(command: Command, project: Path) -> None:
    listed = project / "scenarios" / "mutants.yaml"
    before = listed.read_text()
    done = command("new", "mutant", *words_of(MUTANT))
    assert done.returncode == 0, done.stderr
    assert listed.read_text().startswith(before)
    (mutant,) = [m for m in mutants.load(listed) if m.id == "forgets-names"]
    assert (mutant.fault, mutant.services) == ("Names of files: each is lost.", ("webdav",))
    module = (project / FAULTS / "data.py").read_text()
    assert module.startswith((ROOT / FAULTS / "data.py").read_text())
    assert '@fault("forgets-names")' in module
    lints(project, "yamllint", "--strict", listed)
    # The order of imports hangs on the whole project.
    lints(project, "ruff", "check", "--ignore", "I", project / FAULTS)
    lints(project, "ruff", "format", "--check", project / FAULTS)


def test_a_fault_that_is_not_written_changes_nothing(command: Command, project: Path) -> None:
    """An error would look like the fault to a scenario: what is not written yet must kill nothing."""
    command("new", "mutant", *words_of(MUTANT))
    added = (project / FAULTS / "data.py").read_text().rpartition("async def")[2]
    assert "not written yet" in added
    assert added.rstrip().endswith("return await site.send(request)")


def test_a_mutant_without_http_gets_a_host_not_a_fault(command: Command, project: Path) -> None:
    done = command("new", "mutant", *words_of(MUTANT, service="XRootD"))
    assert done.returncode == 0, done.stderr
    assert "forgets-names.<host of the service>" in done.stdout
    for file in (project / FAULTS).glob("*.py"):
        assert file.read_text() == (ROOT / FAULTS / file.name).read_text()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "open"}, "scenarios/mutants.yaml: the mutant `open` exists already"),
        ({"id": "Not_A_Label"}, "the mutant `Not_A_Label`"),
        ({"service": "webdaf"}, "unknown service type 'webdaf'; similar: webdav"),
        ({"fault": "no sentence"}, "one sentence with a full stop"),
        ({"module": "registry"}, "choose from accounting, answers, cloud, data"),
    ],
)
def test_a_mutant_that_cannot_be_is_refused(
    command: Command, project: Path, changes: dict[str, str], said: str
) -> None:
    done = command("new", "mutant", *words_of(MUTANT, **changes))
    assert done.returncode == 2
    assert said in done.stderr
    listed = "scenarios/mutants.yaml"
    assert (project / listed).read_text() == (ROOT / listed).read_text()


# -- a site

SITE = {
    "--name": "MY-SITE",
    "--infrastructure": "egi",
    "--service": "type=webdav endpoint=https://se.my-site.example/vo implementation=dcache "
    "capabilities=read,write scope_prefix=/vo",
}


def test_a_site_loads_under_its_own_name(command: Command, inventory_folder: Path) -> None:
    """Although the group's file of the twin says `site: EGI-TWIN`; nothing else changes."""
    before = inventory.load(inventory_folder).testbed
    texts = {path: path.read_text() for path in inventory_folder.rglob("*.y*ml")}
    keystone = (
        "type=org.openstack.keystone endpoint=https://cloud.my-site.example:5000/v3 "
        "implementation=keystone login.protocol=openid login.project=vo.interop"
    )
    done = command("new", "site", "-i", inventory_folder, *words_of(SITE), "--service", keystone)
    assert done.returncode == 0, done.stderr
    now = inventory.load(inventory_folder).testbed
    (new,) = [site for site in now.sites if site.name == "MY-SITE"]
    assert new.infrastructure == "egi"
    storage, cloud = new.services
    assert storage.capabilities == {"read", "write", "scope-prefix"}
    assert storage.audience == "https://se.my-site.example"
    assert storage.settings.data == {"scope_prefix": "/vo"}
    assert cloud.settings.data["login"]["protocol"] == "openid"
    assert cloud.audience == "https://cloud.my-site.example:5000"
    assert now.sites[: len(before.sites)] == before.sites
    assert {host.connection for host in now.hosts if host.site == "MY-SITE"} == {"ssh"}
    assert {path: path.read_text() for path in texts} == texts
    lints(inventory_folder, "yamllint", "--strict", "-c", ROOT / ".yamllint", ".")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "EGI-TWIN"}, "the site `EGI-TWIN` exists already, at egi"),
        ({"name": "!"}, "needs letters or digits"),
        ({"infrastructure": "mars"}, "there is no infrastructure `mars`; there are egi, cstcloud"),
        ({"service": "webdav"}, "`webdav` is no key=value"),
        ({"service": "type=webdav implementation=x"}, "the key `endpoint` is missing"),
        ({"service": "type='webdav"}, "a quotation mark is not closed"),
        ({"service": "type=webdav endpoint=there implementation=x"}, "`there` is no endpoint"),
        (
            {"service": "type=ftp endpoint=https://f.example implementation=x"},
            "/inventory: host f.example: services[0]: unknown service type 'ftp'",
        ),
        (
            {"service": "type=webdav endpoint=https://se.egi.test implementation=x"},
            "the host se.egi.test is in the inventory already",
        ),
    ],
)
def test_a_site_that_cannot_be_is_refused(
    command: Command, inventory_folder: Path, changes: dict[str, str], said: str
) -> None:
    before = {path: path.read_text() for path in inventory_folder.rglob("*.y*ml")}
    done = command("new", "site", "-i", inventory_folder, *words_of(SITE, **changes))
    assert done.returncode == 2
    assert said in done.stderr
    assert {path: path.read_text() for path in inventory_folder.rglob("*.y*ml")} == before


# -- an infrastructure

INFRASTRUCTURE = {
    "--name": "nebula",
    "--title": "Nebula",
    "--domain": "nebula.example",
    "--issuer": "https://aai.nebula.example",
    "--jwks-uri": "https://aai.nebula.example/jwks",
    "--signing-alg": "ES256",
    "--subject-scope": "nebula.example",
    "--vo": "vo.interop.nebula.example",
    "--site": "NEBULA-1",
    "--implementation": "keycloak",
}


@pytest.mark.parametrize("shipped", ["twin", "egi-cstcloud"])
def test_an_infrastructure_loads_and_no_comment_is_lost(
    command: Command, tmp_path: Path, shipped: str
) -> None:
    folder = tmp_path / shipped
    shutil.copytree(ROOT / "inventories" / shipped, folder)
    old = (folder / "group_vars" / "all.yml").read_text().splitlines()
    before = inventory.load(folder).testbed
    done = command("new", "infrastructure", "-i", folder, *words_of(INFRASTRUCTURE))
    assert done.returncode == 0, done.stderr
    now = inventory.load(folder).testbed
    new = now.infrastructure("nebula")
    assert (new.title, new.issuer, new.signing_alg) == (
        "Nebula", "https://aai.nebula.example", "ES256",
    )  # fmt: skip
    assert now.home_site("nebula").name == "NEBULA-1"
    assert now.issuer_service("nebula").endpoint == new.issuer
    assert now.workstation("nebula").connection == "local"
    assert now.infrastructures[:-1] == before.infrastructures
    kept = iter((folder / "group_vars" / "all.yml").read_text().splitlines())
    assert all(line in kept for line in old)
    lints(folder, "yamllint", "--strict", "-c", ROOT / ".yamllint", ".")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "egi"}, "the infrastructure `egi` exists already"),
        ({"name": "Ne bula"}, "cannot name an infrastructure"),
        ({"site": "EGI-TWIN"}, "the site `EGI-TWIN` exists already"),
        ({"issuer": "http://aai.nebula.example"}, "issuer: `http://aai.nebula.example` is no URL"),
        ({"signing-alg": "HS256"}, "choose from RS256, ES256"),
    ],
)
def test_an_infrastructure_that_cannot_be_is_refused(
    command: Command, inventory_folder: Path, changes: dict[str, str], said: str
) -> None:
    words = words_of(INFRASTRUCTURE, **changes)
    done = command("new", "infrastructure", "-i", inventory_folder, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (inventory_folder / "nebula.yml").exists()


# -- what all have in common


def test_a_dry_run_prints_and_writes_nothing(command: Command, inventory_folder: Path) -> None:
    done = command("new", "site", "-i", inventory_folder, *words_of(SITE), "--dry-run")
    assert done.returncode == 0
    assert "+          site: MY-SITE" in done.stdout
    assert not (inventory_folder / "my-site.yml").exists()


def test_what_is_not_answered_is_named_by_its_option(
    command: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    done = command("new", "mutant", "--id", "forgets-names")
    assert done.returncode == 2
    assert "nobody can answer the question here. Use --fault." in done.stderr


def test_ctrl_c_at_a_question_interrupts(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> str:
        end = typer.Abort()
        end.__context__ = KeyboardInterrupt()  # as Typer raises it
        raise end

    monkeypatch.setattr(typer, "prompt", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ask.text(None, "--name", "Name")


def test_questions_list_their_choices_and_take_several_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def answer(question: str, **_: object) -> str:
        asked.append(question)
        return "webdav, XRootD"

    monkeypatch.setattr(typer, "prompt", answer)
    assert ask.several(None, "--service", "Types", choices=("a", "b")) == ("webdav", "XRootD")
    assert asked == ["Types, separate several with spaces (a, b)"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("k:\n  - a\n", "k:\n  - a\n  - new\n"),
        ("k:\n  - a", "k:\n  - a\n  - new\n"),
        ("k:\n- a  # kept\n\n# of m\nm: 1\n", "k:\n- a  # kept\n- new\n\n# of m\nm: 1\n"),
        ("k:\n  - &x a\n  - *x\n  # of k\n\nm: 1\n", "k:\n  - &x a\n  - *x\n  # of k\n  - new\n\nm: 1\n"),
        ("k:\n  - |\n    # text\n\n", "k:\n  - |\n    # text\n  - new\n\n"),
    ],
)  # fmt: skip
def test_an_entry_is_put_behind_the_last_one(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "list.yaml"
    path.write_text(before)
    assert draft.appended(path, "k", "- new\n").text == after


@pytest.mark.parametrize(
    "text", ["", "m: 1\n", "k: []\n", "k: [a]\n", "k: {a: 1}\n", "k: a\n", "k: [\n"]
)
def test_a_list_that_cannot_be_extended_is_told_with_its_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "list.yaml"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"list\.yaml"):
        draft.appended(path, "k", "- new\n")


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_text("k:\n  - a\n")
    made = draft.Draft((draft.appended(path, "k", "- new\n"),), ())
    path.write_text("k:\n  - b\n")
    with pytest.raises(BadInput, match="changed meanwhile"):
        made.write(force=True)
    assert path.read_text() == "k:\n  - b\n"

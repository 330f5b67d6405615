"""Members hold their tokens as people do, at the twin's real issuers: each source serves in scenarios."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness import files
from harness import inventory as inventories
from harness.clients.browser import Browser
from harness.clients.workstations import Workstations
from harness.conformance import outcomes
from harness.conformance.outcomes import Outcome
from harness.conformance.verdicts import Judgement, Verdict
from harness.model import MemberKind
from harness.provision import vault
from harness.services.issuer.client import DevicePrompt
from harness.services.issuer.fixtures import Issuers
from harness.services.issuer.sources import device
from harness.services.issuer.user import User
from harness.state import State
from tests.e2e.conftest import TESTBED, command
from tests.e2e.night import Night
from tests.e2e.night import Testbed as Command

PART = (
    "(test_a_file_comes_back_as_it_was_stored and MiB) or test_writing_with_a_scope_to_read_is_refused"
    " or test_a_user_keeps_the_same_account or test_a_token_tells_membership"
    " or test_capabilities_are_for_members or test_a_robot_gets_a_token_of_its_own"
    " or test_the_monitoring_runs_a_job"
)
"""Scenarios of all kinds of users: tokens for a service, for chosen scopes, and as the issuer answers."""

BEYOND = {
    ("test_capabilities_are_for_members", "egi"): (
        "bob of egi: `token-file` shows no new answer of the issuer to a request"
    ),
    ("test_capabilities_are_for_members", "cstcloud"): (
        "lihua of cstcloud: `refresh-token` gives no tokens with scopes that a scenario chooses"
    ),
    # EGI's issuer renews what a person has agreed to, and no path below it.
    ("test_writing_with_a_scope_to_read_is_refused", "egi"): (
        "alice of egi: `oidc-agent` was refused storage.create:/"
    ),
}
"""Scenarios that some homes' sources cannot show, and how the reason begins."""

_AGENT = """
umask 077
cd "$HOME" && rm -rf agent && mkdir agent && cd agent || exit
export OIDC_CONFIG_DIR="$PWD"
# The daemon tells its address after its parent has ended.
started=$(setsid oidc-agent --quiet 2> failed < /dev/null)
eval "$started" > /dev/null
echo "$OIDCD_PID" > pid
for _ in $(seq 100); do if oidc-agent --status > /dev/null 2>&1; then break; fi; sleep 0.1; done
printf %s "$CLIENT" > client.json
oidc-gen mine --flow=refresh --rt-env=REFRESH --file=client.json --pw-env=WORD --prompt=none \
    --confirm-default --no-url-call > said 2>&1 < /dev/null || { cat failed said >&2; exit 1; }
rm client.json
echo "$OIDC_SOCK"
"""
"""What a person does once: starts an agent, and lets it hold a log-in; prints the agent's socket. The
agent's process stands in `agent/pid`."""


@dataclass(frozen=True)
class People:
    """The twin's users, who get their credentials by name and password as persons do at a log-in."""

    loaded: inventories.Inventory
    workstations: Workstations
    issuers: Issuers

    def user(self, home: str, kind: MemberKind) -> User:
        return self.issuers.user(self.loaded.testbed.infrastructure(home), kind)

    @property
    def audiences(self) -> list[str]:
        """For whom tokens are wanted: EGI's issuer gives later only what a person has agreed to."""
        services = self.loaded.testbed.services()
        return sorted({one.audience for one in services if one.audience})

    def refresh_token(self, home: str, kind: MemberKind) -> str:
        """Return one with all that scenarios want, as a log-in gives it."""
        user = self.user(home, kind)
        if not self.loaded.testbed.issuer_service(home).offers("device"):
            return user.ask(scope=device.everything()).refresh_token
        asking = user.issuer.start_device(scope=device.everything(), audience=self.audiences)
        self._approve(user, asking)
        return user.issuer.await_device(asking, self.audiences[0]).refresh_token

    def agent(self, home: str, kind: MemberKind) -> str:
        """Start an oidc-agent of a user at the workstation; return its socket."""
        issuer = self.user(home, kind).issuer
        client = {
            "issuer_url": issuer.address,
            "client_id": issuer.client_id,
            "client_secret": issuer.client_secret,
            "scope": device.everything(),
        }
        env = {"CLIENT": json.dumps(client), "REFRESH": self.refresh_token(home, kind), "WORD": "w"}
        done = self.workstations.at(home).run(_AGENT, env=env)
        assert done.code == 0, done.stderr
        return done.stdout.strip()

    def approve(self, home: str, kind: MemberKind, said: str) -> None:
        """Do what a terminal asks for: open the address, log in, type the code."""
        found = re.search(r"open (\S+), log in as this user, and type the code (\S+)", said)
        assert found, said
        self._approve(self.user(home, kind), DevicePrompt(found[2], found[1]))

    def _approve(self, user: User, prompt: DevicePrompt) -> None:
        browser = Browser(self.workstations.browser(user.infrastructure.name))
        user.approve(browser, prompt)
        browser.close()


@pytest.fixture(scope="module")
def people(night: Night, inventory: Path) -> Iterator[People]:
    loaded = inventories.load(inventory)
    testbed = loaded.testbed
    state = State(testbed.name)
    workstations = Workstations(testbed, state)
    forget(state)
    yield People(loaded, workstations, Issuers(testbed, vault.load(state), workstations, state))
    forget(state)
    for home in ("egi", "cstcloud"):
        workstations.at(home).run('cd "$HOME" && kill "$(cat agent/pid)"; rm -rf agent')
    workstations.close()


@dataclass(frozen=True)
class Ran:
    """A run with these credentials: what came of it, and what the vault had before."""

    output: str
    folder: Path
    refresh: dict[str, str]

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        return outcomes.read(self.folder)

    def evidence(self, scenario: str, home: str) -> str:
        """Return the evidence of a scenario of a home's users, on all routes."""
        found = [
            (self.folder / one.evidence).read_text()
            for one in self.outcomes
            if scenario in one.scenario and one.home == home and one.evidence
        ]
        assert found, f"{scenario} of {home}: no evidence"
        return "\n".join(found)


def refresh_tokens(state: State) -> dict[str, str]:
    return {
        name: secret
        for own in vault.load(state).values()
        for name, secret in own.items()
        if name.startswith("refresh_")
    }


def forget(state: State) -> None:
    """Take the refresh tokens from the vault; those of an earlier test would let nobody be asked."""
    kept = {
        home: {name: secret for name, secret in own.items() if not name.startswith("refresh_")}
        for home, own in vault.load(state).items()
    }
    files.write_private(state.vault, json.dumps({"vault": kept}).encode())


@pytest.fixture(scope="module")
def held(people: People, inventory: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same inventory, in which nobody has a password any more."""
    folder = tmp_path_factory.mktemp("credentials") / "inventory"
    shutil.copytree(inventory, folder)
    state = State(people.loaded.testbed.name)
    vault.keep(state, "cstcloud", "refresh_lihua", people.refresh_token("cstcloud", "member"))
    token = folder.parent / "token"
    audience = people.loaded.testbed.any_audience
    token.write_text(people.user("egi", "outsider").token(audience).value)
    program = [str(TESTBED), "token", "--home", "cstcloud", "--member", "outsider"]
    program += ["--audience", "{audience}", "--scope", "{scope}", "--inventory", str(inventory)]
    chosen = {
        "alice, kind: member": {"source": "oidc-agent", "account": "mine"}
        | {"socket": people.agent("egi", "member")},
        "amelie, kind: second": {"source": "device", "request_audience": people.audiences},
        "bob, kind: outsider": {"source": "token-file", "path": str(token), "audience": audience},
        "argo, kind: monitor": {"source": "bearer-token-discovery", "audience": audience}
        | {"scope": "compute.read compute.create compute.cancel compute.modify"},
        # LemonLDAP::NG narrows no token when it renews one.
        "lihua, kind: member": {"source": "refresh-token", "without": ["scope"]}
        | {"scope": device.everything()},
        "meihua, kind: second": {"source": "oidc-agent", "account": "mine"}
        | {"socket": people.agent("cstcloud", "second")},
        "wei, kind: outsider": {"source": "command", "command": program, "timeout": 120},
    }
    file = folder / "group_vars" / "all.yml"
    text = file.read_text()
    for name, credentials in chosen.items():
        assert name in text
        text = text.replace(name, f"{name}, credentials: {json.dumps(credentials)}", 1)
    file.write_text(text)
    return folder


def test_a_person_at_a_terminal_is_asked_once(people: People, held: Path) -> None:
    """And the refresh token that comes of it is kept."""
    words = [TESTBED, "token", "--home", "egi", "--member", "second", "--inventory", held]
    mine, theirs = pty.openpty()
    with subprocess.Popen(
        words, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, text=True
    ) as asking:
        os.close(theirs)
        said = ""
        while "type the code" not in said or not said.endswith("\n"):
            said += os.read(mine, 4096).decode()
        people.approve("egi", "second", said)
        assert asking.stdout is not None
        token = asking.stdout.read()
    os.close(mine)
    assert asking.returncode == 0, said
    assert token.count(".") == 2
    kept = refresh_tokens(State(people.loaded.testbed.name))["refresh_amelie"]
    assert kept not in said
    again = subprocess.run(words, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert "type the code" not in again.stderr


@pytest.fixture(scope="module")
def ran(people: People, held: Path, pytestconfig: pytest.Config) -> Ran:
    state = State(people.loaded.testbed.name)
    before = refresh_tokens(state)
    testbed: Command = command(held.parent, held, pytestconfig)
    token = people.user("egi", "monitor").token(
        people.loaded.testbed.any_audience,
        "compute.read compute.create compute.cancel compute.modify",
    )
    done = testbed("run", "-k", PART, BEARER_TOKEN=token.value)
    assert done.returncode in (0, 1), done.stdout
    return Ran(done.stdout, held.parent / "runs" / "latest", before)


def test_every_source_serves_and_what_it_lacks_is_not_run(ran: Ran) -> None:
    """What a source cannot give is no site's deviation."""
    found = Judgement.read(ran.folder).scenarios
    fine = (Verdict.CONFORMANT, Verdict.KNOWN_DEVIATION, Verdict.NOT_RUN, Verdict.NOT_OFFERED)
    assert not [f"{one.scenario} {one.reason}" for one in found if one.verdict not in fine]
    lacking = {
        (one.scenario.partition("::")[2].partition("[")[0], one.home): one.reason
        for one in found
        if one.verdict is Verdict.NOT_RUN
    }
    assert lacking.keys() == BEYOND.keys()
    assert all(reason.startswith(BEYOND[cell]) for cell, reason in lacking.items()), lacking
    shown = Counter(
        one.scenario.partition("::")[2].partition("[")[0]
        for one in found
        if one.verdict is Verdict.CONFORMANT
    )
    assert len(shown) == 6, shown


@pytest.mark.parametrize(
    ("scenario", "home", "step"),
    [
        ("test_a_file_comes_back", "egi", "$ oidc-token"),
        ("test_a_file_comes_back", "cstcloud", "grant_type=refresh_token"),
        # The robot stands in for a member who cannot choose scopes.
        ("test_writing_with_a_scope_to_read", "cstcloud", "grant_type=client_credentials"),
        ("test_a_user_keeps_the_same_account", "egi", "grant_type=refresh_token"),
        ("test_a_user_keeps_the_same_account", "cstcloud", "$ oidc-token"),
        ("test_a_token_tells_membership", "cstcloud", "(the tokens of wei)"),
        ("test_a_robot_gets_a_token", "egi", "grant_type=client_credentials"),
        # A token that somebody else has fetched: a file's, and the environment's.
        ("test_a_token_tells_membership", "egi", "$ oidc-token"),
        ("test_the_monitoring_runs_a_job", "egi", "POST https://ce.egi.test/arex"),
    ],
)
def test_it_is_the_source_that_was_asked(ran: Ran, scenario: str, home: str, step: str) -> None:
    evidence = ran.evidence(scenario, home)
    assert step in evidence
    assert "grant_type=password" not in evidence


def test_who_has_no_credentials_in_the_inventory_logs_in_by_password(ran: Ran) -> None:
    assert "grant_type=password" in ran.evidence("test_the_monitoring_runs_a_job", "cstcloud")


def test_a_refresh_token_that_rotates_is_replaced(ran: Ran, people: People) -> None:
    """EGI's issuer declares that it rotates them."""
    now = refresh_tokens(State(people.loaded.testbed.name))
    assert now["refresh_amelie"] != ran.refresh["refresh_amelie"]
    assert not [secret for secret in (*now.values(), *ran.refresh.values()) if secret in ran.output]

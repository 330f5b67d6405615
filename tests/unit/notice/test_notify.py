"""`testbed notify`, as its users call it: with a real mail server and a real webhook."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness import inventory
from harness.conformance import history
from harness.conformance.history import History
from harness.conformance.statement import Statement
from harness.inventory import Inventory
from harness.notice import notify, settings
from harness.notice.known import Known
from tests.unit.mailserver import Mailbox, mail_server
from tests.unit.nights import COPIES, TOKENS, make_night
from tests.unit.notice.test_causes import FINDINGS
from tests.unit.routes import BACK, CROSS, HOME
from tests.unit.serving import Asked, Reply, Served, serving
from tests.unit.suites import copy_of_the_twin

Command = Callable[..., subprocess.CompletedProcess[str]]
NAMES = [f"202601{day:02}T011500Z-00aa" for day in range(1, 9)]
SECRET = "hook-secret-of-ops"


@dataclass
class Bench:
    """An inventory, its nights, and who is told of them."""

    folder: Path
    inventory: Path
    command: Command
    box: Mailbox
    hook: Served
    answers: list[int] = field(default_factory=list)
    """What the webhook answers, one after another; 200 where nothing is left."""
    nights: int = 0

    def write(self, **more: object) -> None:
        """Write the settings; `more` goes before what stands there by default."""
        mail = {
            "server": "127.0.0.1",
            "port": self.box.port,
            "tls": "none",
            "from": "o@testbed.test",
        }
        chosen = {"mail": mail, "webhooks": [{"name": "ops"}], "overdue": 10_000_000, **more}
        (self.inventory / settings.FILE).write_text(json.dumps({"notify": chosen}))

    def night(self, *failed: tuple[str, str], keyword: str = "") -> Path:
        """Make a night, and enter it into the history."""
        made = make_night(
            self.folder / "runs",
            NAMES[self.nights],
            dict.fromkeys(failed, "not so"),
            keyword=keyword,
        )
        self.nights += 1
        with History.open(self.folder / "runs" / history.FILE) as store:
            store.add(Statement.read(made))
        return made

    def tell(self, *words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        """Call the command."""
        hook = {"TESTBED_NOTIFY_WEBHOOK_OPS": f"{self.hook.url}/{SECRET}"}
        return self.command("notify", "-i", self.inventory, *words, **(hook | env))

    @property
    def mails(self) -> list[tuple[str, str]]:
        """To whom mails went, and their subjects."""
        return [(str(mail["To"]), str(mail["Subject"])) for mail in self.box.taken]

    @property
    def posts(self) -> list[dict[str, object]]:
        """What the webhook was sent."""
        return [json.loads(asked.body) for asked in self.hook.asked]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Inventory:
    """The inventory, read once: Ansible takes seconds to."""
    return inventory.load(copy_of_the_twin(tmp_path_factory.mktemp("loaded")))


@pytest.fixture
def bench(
    tmp_path: Path, loaded: Inventory, command: Command, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    """A bench with files of its own beside the inventory."""
    made: list[Bench] = []
    folder = tmp_path / "inventory"
    folder.mkdir()
    shutil.copy(loaded.folder / "agreement.yaml", folder)
    monkeypatch.setattr(inventory, "load", lambda path: dataclasses.replace(loaded, path=path))

    def reply(_: Asked) -> Reply:
        answers = made[0].answers
        return answers.pop(0) if answers else 200, {}, b""

    with mail_server(tmp_path) as box, serving(reply) as hook:
        made.append(Bench(tmp_path, folder, command, box, hook))
        made[0].write()
        yield made[0]


SUBJECT = (
    "[interop-testbed unit] New failure at CSTCLOUD-TWIN: AUTH-017 Title of "
    "`test_an_expired_token_is_refused`"
)


def test_a_failure_is_told_once_to_those_whom_the_agreement_names(bench: Bench) -> None:
    bench.night()
    assert "Nothing has changed" in bench.tell().stdout
    bench.night((TOKENS, CROSS))
    address = "https://www.example.org/interop/"
    done = bench.tell(TESTBED_ADDRESS=address)
    assert done.returncode == 0, done.stderr
    ((to, subject),) = bench.mails
    assert subject == SUBJECT
    for who in ("admins@cstcloud.test", "operations@egi.test", "operations@cstcloud.test"):
        assert who in to
    assert "admins@egi.test" not in to
    text = bench.box.taken[0].get_content()
    assert f"{address}{NAMES[1]}/cells/AUTH-017/egi.CSTCLOUD-TWIN.html" in text
    assert "What was seen: " in text
    assert "Routes: egi:CSTCLOUD-TWIN" in text
    (post,) = bench.posts
    assert (post["event"], post["key"]) == ("new", "AUTH-017 at CSTCLOUD-TWIN")
    assert bench.tell().returncode == 0
    bench.night((TOKENS, CROSS))
    assert "Nothing has changed" in bench.tell().stdout
    assert (len(bench.mails), len(bench.posts)) == (1, 1)


def test_recovery_is_told_as_an_answer(bench: Bench) -> None:
    bench.night((TOKENS, CROSS))
    bench.tell()
    bench.night()
    assert bench.tell().returncode == 0
    new, recovered = bench.box.taken
    assert str(recovered["Subject"]).startswith("[interop-testbed unit] Recovered: AUTH-017")
    assert recovered["In-Reply-To"] == new["Message-ID"]
    assert recovered["To"] == new["To"]
    assert [post["event"] for post in bench.posts] == ["new", "recovered"]
    assert bench.posts[1]["first"] == bench.posts[0]["id"]


def test_a_dry_run_shows_all_and_keeps_nothing(bench: Bench, tmp_path: Path) -> None:
    bench.night((TOKENS, CROSS))
    done = bench.tell("--dry-run")
    assert done.returncode == 0, done.stderr
    assert f"Subject: {SUBJECT}" in done.stdout
    assert "To: site administrators" not in done.stdout
    assert "admins@cstcloud.test" in done.stdout
    assert "To: webhook ops (json)" in done.stdout
    assert "2 messages would be sent; nothing was sent." in done.stdout
    assert SECRET not in done.stdout
    assert (bench.mails, bench.posts) == ([], [])
    assert not list((tmp_path / "state").rglob("notices.json"))
    assert bench.tell().returncode == 0
    assert len(bench.mails) == 1


def test_a_server_that_is_away_loses_nothing(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    there = bench.box.port
    bench.box.port = port
    bench.write()
    bench.night((TOKENS, CROSS), (COPIES, BACK))
    done = bench.tell()
    assert done.returncode == 3
    assert done.stderr.count("does not answer") == 1
    assert "2 messages wait: `testbed notify` sends what was not delivered." in done.stderr
    assert len(bench.posts) == 2  # the webhook is there
    bench.box.port = there
    bench.write()
    bench.night()
    assert bench.tell().returncode == 0
    assert [subject.split(": ")[0].rpartition("] ")[2] for _, subject in bench.mails] == [
        "New failure at CSTCLOUD-TWIN",
        "New failure at EGI-TWIN",
        "Recovered",
        "Recovered",
    ]
    assert [post["event"] for post in bench.posts] == ["new", "new", "recovered", "recovered"]


def test_who_is_refused_is_told_when_the_agreement_is_right(bench: Bench) -> None:
    bench.box.refused["admins@cstcloud.test"] = "550 No such user"
    bench.night((TOKENS, CROSS))
    done = bench.tell()
    assert done.returncode == 2
    assert "admins@cstcloud.test: 550 No such user" in done.stderr
    assert "1 message waits" in done.stderr
    path = bench.inventory / "agreement.yaml"
    path.write_text(path.read_text().replace("admins@cstcloud.test", "new@cstcloud.test"))
    assert bench.tell().returncode == 0
    first, second = bench.box.recipients
    assert "operations@egi.test" in first
    assert second == ["new@cstcloud.test"]


@pytest.mark.parametrize(("answer", "code"), [(503, 3), (404, 2)])
def test_a_webhook_that_refuses_is_asked_again(bench: Bench, answer: int, code: int) -> None:
    bench.answers.append(answer)
    bench.night((TOKENS, CROSS))
    done = bench.tell()
    assert done.returncode == code
    assert f"webhook ops (127.0.0.1) answered {answer}" in done.stderr
    assert SECRET not in done.stderr + done.stdout
    assert bench.tell().returncode == 0
    assert [post["id"] for post in bench.posts] == [bench.posts[0]["id"]] * 2
    assert len(bench.mails) == 1


def test_a_missing_address_of_a_webhook_stops_no_mail(bench: Bench) -> None:
    bench.night((TOKENS, CROSS))
    done = bench.tell(TESTBED_NOTIFY_WEBHOOK_OPS="")
    assert done.returncode == 2
    assert "Set TESTBED_NOTIFY_WEBHOOK_OPS" in done.stderr
    assert len(bench.mails) == 1


def test_each_way_gets_what_concerns_it(bench: Bench) -> None:
    hooks = [{"name": "ops", "parties": ["EGI-TWIN"]}]
    ticket = {"name": "helpdesk", "email": "tickets@egi.test", "parties": ["CSTCLOUD-TWIN"]}
    bench.write(webhooks=hooks, tickets=[ticket])
    bench.night((TOKENS, CROSS), (COPIES, BACK), (COPIES, HOME))
    assert bench.tell().returncode == 0
    assert [post["key"] for post in bench.posts] == ["XFER-001 at EGI-TWIN"]
    tickets = [subject for to, subject in bench.mails if "tickets@egi.test" in to]
    assert tickets == [SUBJECT]


def test_what_is_not_disclosed_goes_to_the_contacts_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chat that only the working group reads is marked as closed, and gets it too."""
    day = dt.date(2026, 1, 1)
    monkeypatch.setattr(notify, "Known", lambda _, __, services: Known(FINDINGS, day, services))
    ticket = {"name": "helpdesk", "email": "tickets@egi.test"}
    bench.write(webhooks=[{"name": "ops"}, {"name": "ops2", "closed": True}], tickets=[ticket])
    bench.night((TOKENS, BACK), (TOKENS, HOME))
    done = bench.tell(TESTBED_NOTIFY_WEBHOOK_OPS2=f"{bench.hook.url}/x")
    assert done.returncode == 0, done.stderr
    mail, sent_ticket = (mail.get_content() for mail in bench.box.taken)
    public, closed = (str(post["text"]) for post in bench.posts)
    for text in (mail, closed):
        assert "Tokens live on" in text
        assert "not so" in text
    for text in (sent_ticket, public, str(bench.posts[0]["subject"])):
        assert "F-XROOTD-91" in text
        assert "Tokens live on" not in text
        assert "not so" not in text


def test_a_night_that_is_missing_is_told_and_so_is_the_next(bench: Bench) -> None:
    bench.write(overdue=1)
    bench.night()
    assert bench.tell().returncode == 0
    assert bench.tell().returncode == 0
    ((_, subject),) = bench.mails
    assert "No night since 2026-01-01 01:15 UTC" in subject
    bench.write()
    bench.night()
    assert bench.tell().returncode == 0
    assert "Recovered: No night since" in bench.mails[1][1]


def test_many_causes_are_one_message(bench: Bench) -> None:
    bench.write(at_most=1)
    bench.night((TOKENS, CROSS), (COPIES, BACK))
    assert bench.tell().returncode == 0
    ((_, subject),) = bench.mails
    assert subject.endswith("2 changes in one night")
    assert "- New failure at EGI-TWIN: XFER-001" in bench.box.taken[0].get_content()


def test_own_templates_replace_ours(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    subject = tmp_path / "words" / "subject.txt"
    subject.write_text("{{ cause.key }}: {{ headline }}")
    bench.write(templates="../words")
    bench.night((TOKENS, CROSS))
    subject.write_text("{% if %}")
    assert f"{subject}:1: no template" in bench.tell("--dry-run").stderr
    subject.write_text("{{ nothing }}")
    done = bench.tell("--dry-run")
    assert done.returncode == 2
    assert "cannot be filled in: 'nothing' is undefined" in done.stderr
    subject.write_text("{{ cause.key }}")
    assert bench.tell().returncode == 0
    assert bench.mails[0][1] == "AUTH-017 at CSTCLOUD-TWIN"


def test_a_part_of_a_night_tells_nothing(bench: Bench) -> None:
    part = make_night(bench.folder / "runs", NAMES[7], keyword="tokens")
    done = bench.tell(part)
    assert done.returncode == 2
    assert "is a partial or interrupted run" in done.stderr


def test_a_night_that_is_older_than_what_was_told_is_refused(bench: Bench) -> None:
    first = bench.night()
    bench.night((TOKENS, CROSS))
    assert bench.tell().returncode == 0
    done = bench.tell(first)
    assert done.returncode == 2
    assert f"{NAMES[0]} is older than the last night with notices, {NAMES[1]}" in done.stderr


def test_without_nights_settings_or_contacts_one_is_told_what_to_do(bench: Bench) -> None:
    done = bench.tell()
    assert done.returncode == 2
    assert "the history has no night of the testbed unit" in done.stderr
    bench.night()
    (bench.inventory / "agreement.yaml").unlink()
    done = bench.tell()
    assert done.returncode == 2
    assert "agreement.yaml: there is no such file" in done.stderr
    (bench.inventory / settings.FILE).unlink()
    done = bench.tell()
    assert done.returncode == 2
    assert "docs/operations.md" in done.stderr


def test_a_memory_that_is_damaged_is_told_by_its_file(bench: Bench, tmp_path: Path) -> None:
    bench.night()
    bench.tell()
    (path,) = (tmp_path / "state").rglob("notices.json")
    assert path.stat().st_mode & 0o077 == 0
    path.write_text(path.read_text()[:-20])
    done = bench.tell()
    assert done.returncode == 2
    assert f"{path}: is damaged" in done.stderr


def test_a_secret_in_a_reason_is_not_sent(bench: Bench, tmp_path: Path) -> None:
    state = tmp_path / "state" / "unit"
    state.mkdir(parents=True, exist_ok=True)
    (state / "vault.json").write_text(
        json.dumps({"vault": {"egi": {"password_a": "it is not so at all"}}})
    )
    made = make_night(
        bench.folder / "runs", NAMES[0], {(TOKENS, CROSS): "said it is not so at all"}
    )
    assert bench.tell(made).returncode == 0
    text = bench.box.taken[0].get_content()
    assert "said [redacted]" in text
    assert "not so at all" not in json.dumps(bench.posts)


def test_a_night_begins_only_where_those_concerned_can_be_told(bench: Bench) -> None:
    (bench.inventory / settings.FILE).unlink()
    done = bench.command("nightly", "-i", bench.inventory, "--notify")
    assert done.returncode == 2
    assert f"{settings.FILE}: there is no such file" in done.stderr
    assert done.stdout == ""

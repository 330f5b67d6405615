"""Mail, at a real server: what arrives, and what is told where it does not."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from harness.errors import ExitCode
from harness.notice.delivery import Away, Undelivered
from harness.notice.mail import Mailer
from harness.notice.messages import Message
from harness.notice.settings import Secrets, Server, SettingsError
from harness.provision import vault
from tests.unit.mailserver import PASSWORD, USER, mail_server

MESSAGE = Message(subject="[interop-testbed unit] Prüfung 试验", text="Seen: 试验\n")
ADA, BOB = ("Ada", "ada@egi.test"), ("Bob", "bob@cstcloud.test")
HELD = Secrets({vault.OF_NOTICES: {"smtp_password": PASSWORD}}, {})
NOTHING = Secrets({}, {})


def server(port: int, **more: str) -> Server:
    fields = {"tls": "none", "from": "interop@testbed.test", **more}
    return Server.model_validate({"server": "127.0.0.1", "port": port, **fields})


def send(
    to: Server, secrets: Secrets = NOTHING, *people: tuple[str, str], answers: str = ""
) -> None:
    mailer = Mailer(to, secrets)
    try:
        mailer.send(MESSAGE, id_="abc.contacts", answers=answers, to=people or (ADA,))
    finally:
        mailer.close()


def test_a_mail_arrives_as_it_was_written(tmp_path: Path) -> None:
    with mail_server(tmp_path) as box:
        send(server(box.port), NOTHING, ADA, BOB, answers="first.contacts")
    (mail,) = box.taken
    assert mail["Subject"] == MESSAGE.subject
    assert mail.get_content().splitlines() == MESSAGE.text.splitlines()
    assert mail["To"] == "Ada <ada@egi.test>, Bob <bob@cstcloud.test>"
    assert mail["Message-ID"] == "<abc.contacts@testbed.test>"
    assert mail["In-Reply-To"] == "<first.contacts@testbed.test>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert box.recipients == [[ADA[1], BOB[1]]]


@pytest.mark.parametrize("way", ["starttls", "tls"])
def test_the_password_goes_out_encrypted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    with mail_server(tmp_path, starttls=way == "starttls", tls=way == "tls", login=True) as box:
        monkeypatch.setenv("SSL_CERT_FILE", str(box.certificate))
        send(server(box.port, tls=way, login=USER), HELD)
    assert box.logins == [USER.encode()]
    assert len(box.taken) == 1


def test_a_wrong_password_is_for_somebody_to_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = Secrets({}, {"TESTBED_NOTIFY_SMTP_PASSWORD": "another-password"})
    with mail_server(tmp_path, starttls=True, login=True) as box:
        monkeypatch.setenv("SSL_CERT_FILE", str(box.certificate))
        with pytest.raises(Undelivered, match=f"refused the log-in of {USER}: 535") as caught:
            send(server(box.port, tls="starttls", login=USER), wrong)
    assert caught.value.exit_code is ExitCode.USAGE
    assert "another-password" not in str(caught.value)
    assert not box.taken


def test_a_missing_password_says_where_it_belongs(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError, match=r"TESTBED_NOTIFY_SMTP_PASSWORD, or write it to vault\.json"
    ):
        send(server(25, tls="starttls", login=USER))


def test_a_server_that_is_not_known_gets_nothing(tmp_path: Path) -> None:
    with (
        mail_server(tmp_path, starttls=True) as box,
        pytest.raises(Undelivered, match="its certificate is not trusted") as caught,
    ):
        send(server(box.port, tls="starttls"))
    assert caught.value.lasting
    assert not box.taken


def test_without_starttls_nothing_is_sent_in_clear(tmp_path: Path) -> None:
    with (
        mail_server(tmp_path) as box,
        pytest.raises(Undelivered, match="STARTTLS extension not supported") as caught,
    ):
        send(server(box.port, tls="starttls"))
    assert caught.value.lasting
    assert not box.taken


def test_a_server_that_is_away_is_asked_the_next_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Away, match=f"127.0.0.1:{port} does not answer: .*refused") as caught:
        send(server(port))
    assert caught.value.exit_code is ExitCode.INCONCLUSIVE


@pytest.mark.parametrize(("answer", "lasting"), [("550 No such user", True), ("450 Later", False)])
def test_who_is_not_refused_gets_the_mail(tmp_path: Path, answer: str, lasting: bool) -> None:
    with mail_server(tmp_path) as box:
        box.refused[BOB[1]] = answer
        with pytest.raises(Undelivered, match=f"{BOB[1]}: {answer}") as caught:
            send(server(box.port), NOTHING, ADA, BOB)
        assert caught.value.arrived == (ADA[1],)
        assert caught.value.lasting is lasting
        with pytest.raises(Undelivered) as caught:
            send(server(box.port), NOTHING, BOB)
        assert caught.value.arrived == ()
    assert box.recipients == [[ADA[1]]]


@pytest.mark.parametrize(("answer", "lasting"), [("554 Spam", True), ("451 Busy", False)])
def test_a_message_that_is_refused_is_told(tmp_path: Path, answer: str, lasting: bool) -> None:
    with mail_server(tmp_path) as box:
        box.answer = answer
        with pytest.raises(Undelivered, match=f"refused the message: {answer}") as caught:
            send(server(box.port))
    assert caught.value.lasting is lasting
    assert not isinstance(caught.value, Away)


def test_what_is_no_address_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    with (
        mail_server(tmp_path) as box,
        pytest.raises(Undelivered, match="'a@b@c' is not an e-mail address"),
    ):
        send(server(box.port), NOTHING, ("Ada", "a@b@c"))
    assert not box.taken

"""The program that hands mail to a helpdesk, and the levels that role and harness both know."""

from __future__ import annotations

import json
import subprocess
import sys
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
import yaml

from harness.services.support.levels import HOURS, WARNING
from harness.services.support.mail import Attachment, Mail

ROLE = Path(__file__).resolve().parents[3] / "playbooks/roles/helpdesk"
SENDER = "alice@support.egi.test"
TEXT = "作业没有启动。"


def mail(**changes: str) -> bytes:
    fields = {"sender": SENDER, "subject": "[support.egi.test #4] 作业", "text": TEXT} | changes
    file = Attachment("log.bin", bytes(range(256)))
    return str(Mail(to="support@x", attachments=(file,), **fields)).encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def handed(folder: Path, content: bytes, *, fault: str = "none", sender: str = SENDER) -> int:
    """Return the exit code; what the helpdesk got is in `got`."""
    settings = folder / "helpdesk.json"
    settings.write_text(json.dumps({"fault": fault}))
    command = ["sh", "-c", f"cat > {folder}/got"]
    done = subprocess.run(
        [sys.executable, "-B", ROLE / "files/hand_over_mail.py", settings, *command],
        input=content,
        env={"SENDER": sender, "PATH": "/usr/bin:/bin"},
        check=False,
    )
    return done.returncode


def got(folder: Path) -> EmailMessage:
    message = message_from_bytes((folder / "got").read_bytes(), policy=SMTP)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).strip()


def test_a_mail_of_its_sender_is_handed_over_as_it_came(folder: Path) -> None:
    content = mail()
    assert handed(folder, content) == 0
    assert (folder / "got").read_bytes() == content


@pytest.mark.parametrize("sender", ["lihua@support.cstcloud.test", "alice@egi.test", ""])
def test_a_mail_with_another_sender_in_its_header_is_returned(folder: Path, sender: str) -> None:
    assert handed(folder, mail(), sender=sender) == 77
    assert not (folder / "got").exists()


def test_an_open_helpdesk_believes_any_sender(folder: Path) -> None:
    assert handed(folder, mail(), fault="open", sender="mallory@elsewhere.test") == 0


def test_a_helpdesk_that_is_busy_gets_the_mail_again(folder: Path) -> None:
    settings = folder / "helpdesk.json"
    settings.write_text('{"fault": "none"}')
    done = subprocess.run(
        [sys.executable, "-B", ROLE / "files/hand_over_mail.py", settings, "false"],
        input=mail(),
        env={"SENDER": SENDER, "PATH": "/usr/bin:/bin"},
        check=False,
    )
    assert done.returncode == 75


def test_each_fault_changes_one_thing(folder: Path) -> None:
    handed(folder, mail(), fault="answers-under-a-new-ticket")
    found = got(folder)
    assert (found["Subject"], text_of(found)) == ("作业", TEXT)
    assert len(list(found.iter_attachments())) == 1
    handed(folder, mail(), fault="loses-attachments")
    found = got(folder)
    assert (str(found["Subject"]), text_of(found)) == ("[support.egi.test #4] 作业", TEXT)
    assert not list(found.iter_attachments())
    handed(folder, mail(), fault="spoils-foreign-letters")
    found = got(folder)
    assert (str(found["Subject"]), text_of(found)) == ("[support.egi.test #4] ??", "???????")
    assert [one.get_content() for one in found.iter_attachments()] == [bytes(range(256))]


def test_role_and_harness_know_the_same_levels() -> None:
    defaults = yaml.safe_load((ROLE / "defaults/main.yml").read_text())
    assert defaults["helpdesk_levels"] == HOURS
    assert defaults["helpdesk_warning"] == WARNING

"""`notify.yaml`: what makes no sense is refused with its line, and secrets are found where they belong."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.notice import settings
from harness.notice.settings import Secrets, SettingsError, Webhook
from harness.provision import vault

PARTIES = ("EGI-TWIN", "egi")
GOOD = """\
notify:
  mail:
    server: smtp.example.org
    from: interop@example.org
    login: interop
  webhooks:
    - name: ops
      form: slack
      parties: [egi]
  tickets:
    - name: helpdesk
      email: tickets@example.org
"""


def load(folder: Path, text: str) -> settings.Settings:
    (folder / settings.FILE).write_text(text)
    return settings.load(folder / settings.FILE, parties=PARTIES)


def test_a_server_is_spoken_to_with_tls_unless_told_otherwise(tmp_path: Path) -> None:
    found = load(tmp_path, GOOD)
    assert found.mail is not None
    assert (found.mail.port, found.mail.tls, found.mail.contacts) == (587, "starttls", True)
    assert [way.name for way in found.ways] == ["ops", "helpdesk"]
    assert not any(way.closed for way in found.ways)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("smtp.example.org", "smtp example", ":3: notify.mail.server: String should match"),
        (
            "interop@example.org",
            "interop",
            ":4: notify.mail.from: .*'interop' is not an e-mail address",
        ),
        ("from: interop@example.org", "from: a@b@c", "'a@b@c' is not an e-mail address"),
        ("    login: interop", "    login: interop\n    tls: none", "`login` without TLS"),
        (
            "    login: interop",
            "    password: secret-word",
            ":5: notify.mail.password: Extra inputs",
        ),
        ("form: slack", "form: teams", ":8: notify.webhooks.0.form: .*'json', 'slack'"),
        ("name: ops", "name: helpdesk", "the name 'helpdesk' is taken"),
        ("name: ops", "name: contacts", "the name 'contacts' is taken"),
        ("name: ops", "name: ../ops", ":7: notify.webhooks.0.name: String should match"),
        ("[egi]", "[eggi]", ":7: unknown party 'eggi'; known are EGI-TWIN, egi."),
        ("form: slack", "url: 'file:///etc'", "an address that begins with https://"),
        ("tickets@example.org", "tickets", ":12: notify.tickets.0.email: .*not an e-mail address"),
        ("notify:\n", "notify:\n  templates: nowhere\n", ":2: .*nowhere is no folder"),
        (
            "notify:\n",
            "notify:\n  at_most: 0\n",
            ":2: notify.at_most: .*greater than or equal to 1",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in GOOD
    with pytest.raises(SettingsError, match=said) as caught:
        load(tmp_path, GOOD.replace(old, new, 1))
    assert str(tmp_path / settings.FILE) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("notify: {}\n", "nobody would be notified"),
        (
            "notify:\n  webhooks: [{name: a}]\n  tickets: [{name: b, email: b@example.org}]\n",
            "`tickets` are sent by mail",
        ),
        (
            "notify:\n  mail: {server: s, from: a@example.org, contacts: false}\n",
            "nobody would get mail",
        ),
    ],
)
def test_settings_by_which_nobody_is_told_are_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load(tmp_path, text)


def test_without_the_file_one_is_told_where_to_copy_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no such file.*docs/operations.md"):
        settings.load(tmp_path / settings.FILE, parties=PARTIES)


def test_a_password_in_clear_is_for_this_machine_alone(tmp_path: Path) -> None:
    plain = GOOD.replace("smtp.example.org", "localhost\n    tls: none")
    found = load(tmp_path, plain)
    assert found.mail is not None
    assert found.mail.tls == "none"


def test_the_environment_goes_before_the_vault() -> None:
    hook = Webhook(name="big-ops")
    held = {vault.OF_NOTICES: {"webhook_big_ops": "https://a.example/1"}}
    assert Secrets(held, {}).url(hook) == "https://a.example/1"
    environ = {"TESTBED_NOTIFY_WEBHOOK_BIG_OPS": "https://a.example/2"}
    assert Secrets(held, environ).url(hook) == "https://a.example/2"
    assert set(Secrets(held, environ).all()) == {"https://a.example/1", "https://a.example/2"}

"""Webhooks, at a real server: each form's body, and what is told where it is not taken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from urllib.parse import parse_qs, urlsplit

import pytest

from harness.notice.causes import Cause, Sort
from harness.notice.delivery import Away, Undelivered
from harness.notice.messages import Message, Writer
from harness.notice.news import Event, Notice
from harness.notice.settings import Form, Secrets, SettingsError, Webhook
from harness.notice.webhooks import Poster
from harness.redaction import Redactor
from tests.unit.serving import Asked, Reply, serving

TOKEN = "access-token-of-the-robot"
CAUSE = Cause(
    key="AUTH-017 at EGI-TWIN",
    sort=Sort.FAILURE,
    title="A rule",
    requirements=("AUTH-017",),
    sites=("EGI-TWIN",),
    page="cells/AUTH-017/x.html",
)
NOTICE = Notice(
    id="abc",
    event=Event.NEW,
    testbed="unit",
    night="N1",
    began="2026-01-01T01:15:00+00:00",
    cause=CAUSE,
    since="2026-01-01T01:15:00+00:00",
)
MESSAGE = Message(subject="New", text="Seen: <!channel> @channel & more\n")
WRITER = Writer(own=None, address="https://www.example.org/interop", redactor=Redactor())


def post(form: Form, url: str, key: str = "") -> None:
    environ = {"TESTBED_NOTIFY_WEBHOOK_OPS": url, "TESTBED_NOTIFY_WEBHOOK_OPS_SECRET": key}
    Poster(Webhook(name="ops", form=form), Secrets({}, environ)).send(NOTICE, MESSAGE, WRITER)


def reply(status: int, body: bytes) -> Reply:
    return status, {"Content-Type": "text/plain"}, body


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("slack", {"text": "Seen: &lt;!channel&gt; @channel &amp; more\n"}),
        ("mattermost", {"text": "Seen: <!channel> @\u200bchannel & more\n"}),
        ("dingtalk", {"msgtype": "text", "text": {"content": MESSAGE.text}}),
    ],
)
def test_a_chat_gets_its_form_and_nobody_is_called(form: Form, expected: dict[str, object]) -> None:
    with serving(lambda _: reply(200, b'{"errcode": 0}')) as served:
        post(form, f"{served.url}/hook?access_token={TOKEN}")
    (asked,) = served.asked
    assert (asked.method, asked.target) == ("POST", f"/hook?access_token={TOKEN}")
    assert asked.headers["content-type"] == "application/json"
    assert json.loads(asked.body) == expected


def test_programs_get_all_that_is_known() -> None:
    with serving(lambda _: reply(204, b"")) as served:
        post("json", served.url)
    found = json.loads(served.asked[0].body)
    assert (found["version"], found["event"], found["key"]) == (1, "new", CAUSE.key)
    assert found["page"] == "https://www.example.org/interop/N1/cells/AUTH-017/x.html"
    assert found["first"] == found["id"] == "abc"


def test_a_robot_of_dingtalk_knows_us_by_a_signature() -> None:
    """As its manual says: HMAC-SHA256 of `timestamp\\nkey` by the key, in base64."""
    with serving(lambda _: reply(200, b'{"errcode": 0}')) as served:
        post("dingtalk", f"{served.url}/robot/send?access_token={TOKEN}", key="SEC-key-of-it")
    asked = parse_qs(urlsplit(served.asked[0].target).query)
    (stamp,), (sign,) = asked["timestamp"], asked["sign"]
    assert asked["access_token"] == [TOKEN]
    right = hmac.digest(b"SEC-key-of-it", f"{stamp}\nSEC-key-of-it".encode(), hashlib.sha256)
    assert base64.b64decode(sign) == right


@pytest.mark.parametrize(
    ("form", "status", "body", "said", "lasting"),
    [
        ("slack", 403, b"invalid_token", "answered 403: invalid_token", True),
        ("slack", 302, b"", "answered 302", True),
        ("json", 503, b"busy", "answered 503: busy", False),
        ("mattermost", 429, b"slow", "answered 429: slow", False),
        ("dingtalk", 200, b'{"errcode": 310000, "errmsg": "sign not match"}', "310000", True),
        ("dingtalk", 200, b"<html>", "not an answer from a DingTalk robot", True),
    ],
)
def test_what_is_not_taken_is_told_and_no_secret_with_it(
    form: Form, status: int, body: bytes, said: str, lasting: bool
) -> None:
    def refuse(_: Asked) -> Reply:
        return reply(status, body)

    with serving(refuse) as served, pytest.raises(Undelivered, match=said) as caught:
        post(form, f"{served.url}/{TOKEN}?access_token={TOKEN}")
    assert caught.value.lasting is lasting
    assert TOKEN not in str(caught.value)
    assert "webhook ops (127.0.0.1)" in str(caught.value)


def test_a_receiver_that_is_away_is_asked_the_next_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Away, match=r"webhook ops \(127.0.0.1\) does not answer") as caught:
        post("slack", f"http://127.0.0.1:{port}/{TOKEN}")
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["", "hooks.example.org/x", "ftp://hooks.example.org", "http://[::1"]
)
def test_an_address_that_is_missing_or_none_is_told_by_its_place(url: str) -> None:
    with pytest.raises(SettingsError, match="TESTBED_NOTIFY_WEBHOOK_OPS") as caught:
        post("slack", url)
    assert "hooks.example.org" not in str(caught.value)

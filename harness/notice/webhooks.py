"""Notices by webhook: JSON, in the form that the receiver reads.

Forms: `slack` (Incoming Webhooks), `mattermost` (Incoming Webhooks), `dingtalk` (custom robots, signed
where they want it), and `json`, which is ours: docs/operations.md lists its keys.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Any
from urllib.parse import urlsplit

import httpx

from harness.clients import trust
from harness.notice.delivery import Away, Undelivered
from harness.notice.messages import Message, Writer
from harness.notice.news import Notice
from harness.notice.settings import Secrets, Webhook
from harness.printable import printable

_PATIENCE = 20.0
"""Seconds that a receiver gets."""
_LATER = frozenset({408, 425, 429})
"""Refusals that pass by themselves, beside the server's own faults (5yz)."""


class Poster:
    """Sends messages to one webhook."""

    def __init__(self, webhook: Webhook, secrets: Secrets) -> None:
        self._webhook, self._secrets = webhook, secrets

    def send(self, notice: Notice, message: Message, writer: Writer) -> None:
        """Send one notice.

        Raises
        ------
        Undelivered
            naming the webhook and the host, never its address, which gives access by itself.
        SettingsError
            where the address is missing.
        """
        url = self._secrets.url(self._webhook)
        where = f"webhook {self._webhook.name} ({urlsplit(url).hostname})"
        try:
            answer = httpx.post(
                httpx.URL(url).copy_merge_params(self._signature()),
                json=content(self._webhook, notice, message, writer),
                timeout=_PATIENCE,
                verify=trust.context(None),
                follow_redirects=False,
            )
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise Undelivered(f"{where}: its address cannot be used.", lasting=True) from error
        except httpx.HTTPError as error:
            said = printable(str(error).replace(url, "its address")) or type(error).__name__
            raise Away(
                f"{where} does not answer: {said}\n  Check its address, and that it can be reached from "
                "here."
            ) from error
        if not answer.is_success:
            code = answer.status_code
            later = code >= 500 or code in _LATER
            raise Undelivered(
                f"{where} answered {code}: {_said(answer)}\n  "
                + (
                    "The next `testbed notify` tries again."
                    if later
                    else "Check its address and its form."
                ),
                lasting=not later,
            )
        if self._webhook.form == "dingtalk":
            _check_dingtalk(answer, where)

    def _signature(self) -> dict[str, str]:
        """Return the parameters by which a DingTalk robot knows us; none where it has no key."""
        key = self._secrets.signing_key(self._webhook)
        if self._webhook.form != "dingtalk" or not key:
            return {}
        stamp = str(round(time.time() * 1000))
        digest = hmac.digest(key.encode(), f"{stamp}\n{key}".encode(), hashlib.sha256)
        return {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}


def content(webhook: Webhook, notice: Notice, message: Message, writer: Writer) -> dict[str, Any]:
    """Return the body of a request."""
    match webhook.form:
        case "slack":
            # Slack's three control characters; `<!channel>` would call everybody.
            text = message.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            return {"text": text}
        case "mattermost":
            # A zero-width space: `@channel` in a site's answer must call nobody.
            return {"text": message.text.replace("@", "@\u200b")}
        case "dingtalk":
            return {"msgtype": "text", "text": {"content": message.text}}
        case _:
            return _ours(notice, message, writer)


def _ours(notice: Notice, message: Message, writer: Writer) -> dict[str, Any]:
    cause = notice.cause
    return {
        "version": 1,
        "id": notice.id,
        "first": notice.first or notice.id,
        "testbed": notice.testbed,
        "night": notice.night,
        "began": notice.began,
        "event": notice.event.value,
        "sort": cause.sort.value,
        "key": cause.key,
        "since": notice.since,
        "requirements": list(cause.requirements),
        "sites": list(cause.sites),
        "added": list(notice.added),
        "gone": list(notice.gone),
        "routes": list(cause.routes),
        "finding": cause.finding,
        "page": writer.page(notice),
        "subject": message.subject,
        "text": message.text,
    }


def _check_dingtalk(answer: httpx.Response, where: str) -> None:
    """Refuse an answer that is 200 and tells a fault all the same."""
    try:
        told = answer.json()
        code = told["errcode"]
    except (ValueError, LookupError, TypeError) as error:
        raise Undelivered(
            f"{where}: not an answer from a DingTalk robot: {_said(answer)}", lasting=True
        ) from error
    if code != 0:
        raise Undelivered(
            f"{where} answered {_said(answer)}\n  Check the robot's key and its security settings.",
            lasting=True,
        )


def _said(answer: httpx.Response) -> str:
    text = printable(" ".join(answer.text.split()))
    return text[:200] or answer.reason_phrase

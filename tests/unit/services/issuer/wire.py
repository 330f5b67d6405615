"""An issuer that answers from a list."""

from __future__ import annotations

import base64
import json

from harness.answer import Answer

METADATA = {
    "token_endpoint": "https://aai.home.test/token",
    "authorization_endpoint": "https://aai.home.test/auth",
    "device_authorization_endpoint": "https://aai.home.test/device",
}


def jwt(**claims: object) -> str:
    def part(fields: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(fields).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'ES256'})}.{part(claims)}.c2lnbmF0dXJl"


class Wire:
    """Answers each request from a list, the discovery document apart, and keeps what was sent."""

    def __init__(self, *answers: tuple[int, dict[str, object]]) -> None:
        self.answers = list(answers)
        self.sent: list[dict[str, str]] = []

    def request(self, method: str, url: str, **rest: object) -> Answer:
        if url.endswith("openid-configuration"):
            return self._answer(url, 200, METADATA)
        self.sent.append(dict(rest.get("data") or {}))
        return self._answer(url, *self.answers.pop(0))

    def _answer(self, url: str, status: int, fields: dict[str, object]) -> Answer:
        return Answer(
            what=f"POST {url}",
            status=status,
            ok=status < 300,
            denied=status in (401, 403),
            body=json.dumps(fields).encode(),
        )

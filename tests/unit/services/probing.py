"""Services that answer probes as they are told to."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from harness.answer import Answer
from harness.engine.probes import Probes
from harness.errors import Unreachable
from harness.evidence import step
from harness.model import Infrastructure, Service, ServiceType, Site
from harness.services.issuer.client import Issuer
from harness.services.issuer.probes import NO_GRANT
from harness.services.issuer.tokens import Token

HOME = cast(
    Infrastructure, SimpleNamespace(name="egi", issuer="https://aai.egi.test", address=None)
)


class Server:
    """Answers each method as it is told; takes note of what it was asked."""

    def __init__(self, **answers: Answer) -> None:
        self.answers, self.asked = answers, list[str]()
        self.unknown = answer(400, '{"error": "unsupported_grant_type"}')

    def request(self, method: str, url: str, **rest: Any) -> Answer:
        self.asked.append(f"{method} {url}")
        with step(f"{method} {url}"):
            if method not in self.answers:
                raise Unreachable(f"{method} {url}: nobody", "se.egi.test")
            if (grant := rest.get("data", {}).get("grant_type")) == NO_GRANT:
                return self.unknown
            return self.answers[method] if grant is None else self.answers["POST"]


class Member:
    def token(self, audience: str, scope: str) -> Token:
        return Token("e30.e30.x")


class World:
    """Stands for issuers and workstations at once."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def issuer(self, infrastructure: Infrastructure) -> Issuer:
        return Issuer(
            infrastructure, http=cast(Any, self._server), client_id="c", client_secret="canary-s3"
        )

    def user(self, infrastructure: Infrastructure, kind: str) -> Member:
        return Member()

    def http(self, infrastructure: str) -> Server:
        return self._server


def answer(status: int = 200, body: str = "", **headers: str) -> Answer:
    return Answer(
        what="it",
        status=status,
        ok=status < 300,
        denied=status in (401, 403),
        body=body.encode(),
        headers=headers,
    )


def site(*types: ServiceType) -> Site:
    services = [
        Service(
            type=type_,
            endpoint=f"https://{type_}.egi.test/vo",
            implementation="a make",
            host="se.egi.test",
            site="S",
            infrastructure="egi",
            token_profile="wlcg",
            audience="https://se.egi.test",
        )
        for type_ in types
    ]
    return Site(name="S", infrastructure="egi", services=tuple(services))


def probes(server: Server) -> Probes:
    return Probes(dict.fromkeys(("issuers", "workstations"), World(server)).__getitem__)

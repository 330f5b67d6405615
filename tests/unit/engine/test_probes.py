"""What is not declared is looked for: at services that answer as they are told to here."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.answer import Answer
from harness.engine.needs import Need
from harness.engine.probes import NO_ENDPOINT, NO_GRANT, NO_PROBE, Finding, Probes, _rotation
from harness.errors import Unreachable
from harness.evidence import Step, collect, step
from harness.model import Infrastructure, Service, ServiceType, Site
from harness.services.issuer.client import Issuer, Token, User

HOME = cast(
    Infrastructure, SimpleNamespace(name="egi", issuer="https://aai.egi.test", address=None)
)
PULLED = "Perf Marker\nEnd\nsuccess: Created\n"
FAILED = "failure: Remote side failed with status code 404\n"


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


@pytest.fixture
def probe() -> Callable[..., tuple[Finding, list[str]]]:
    """Probe a capability; return what was found, and what the server was asked."""

    def ask(type_: ServiceType, capability: str, **answers: Answer) -> tuple[Finding, list[str]]:
        server = Server(**answers)
        (found,) = probes(server).ask(Need(type_, capability), site(type_), HOME)
        return found, server.asked

    return ask


def probes(server: Server) -> Probes:
    world = cast(Any, World(server))
    return Probes(world, world)


STORES = {"PUT": answer(201), "DELETE": answer(204)}


@pytest.mark.parametrize(
    ("capability", "answers", "there", "seen"),
    [
        ("third-party-copy", STORES | {"COPY": answer(201, PULLED)}, True, "success: Created"),
        ("third-party-copy", STORES | {"COPY": answer(202, FAILED)}, True, "failure: Remote"),
        ("third-party-copy", STORES | {"COPY": answer(400)}, False, "HTTP 400 and told no result"),
        ("third-party-copy", STORES | {"COPY": answer(201)}, False, "HTTP 201 and told no result"),
        ("checksum", STORES | {"HEAD": answer(digest="ADLER32=01")}, True, "ADLER32=01"),
        ("checksum", STORES | {"HEAD": answer(digest="md5=aa==")}, False, "md5=aa=="),
        ("checksum", STORES | {"HEAD": answer()}, False, "none was told"),
        ("read", STORES | {"GET": answer()}, True, "HTTP 200"),
        ("read", STORES | {"GET": answer(403)}, False, "HTTP 403"),
        ("scope-prefix", STORES | {"GET": answer()}, True, "HTTP 200"),
        ("scope-prefix", STORES | {"GET": answer(403)}, False, "HTTP 403"),
        ("write", STORES, True, "HTTP 201"),
        ("write", {"PUT": answer(405)}, False, "HTTP 405"),
        ("checksum", {"PUT": answer(403)}, False, "it could not be probed: expected success"),
        ("checksum", {}, False, "it could not be probed: PUT "),
    ],
)
def test_a_storage_is_asked_to_do_it(
    probe: Any, capability: str, answers: dict[str, Answer], there: bool, seen: str
) -> None:
    found, _ = probe("webdav", capability, **answers)
    assert found.there is there
    assert seen in found.seen


@pytest.mark.parametrize(
    "capability", ["third-party-copy", "checksum", "read", "write", "scope-prefix"]
)
def test_what_a_probe_stores_it_removes(probe: Any, capability: str) -> None:
    _, asked = probe(
        "webdav", capability, COPY=answer(201, PULLED), HEAD=answer(), GET=answer(), **STORES
    )
    stored = {line.split()[1] for line in asked if line.startswith(("PUT", "COPY"))}
    removed = {line.split()[1] for line in asked if line.startswith("DELETE")}
    assert stored == removed != set()


def metadata(**fields: Any) -> Answer:
    return answer(body=json.dumps({"token_endpoint": "https://aai.egi.test/token"} | fields))


@pytest.mark.parametrize(
    ("capability", "fields"),
    [
        ("device", {"device_authorization_endpoint": "https://x"}),
        ("device", {"grant_types_supported": ["urn:ietf:params:oauth:grant-type:device_code"]}),
        ("revocation", {"revocation_endpoint": "https://x"}),
        ("refresh", {"grant_types_supported": ["refresh_token"]}),
    ],
)
def test_what_an_issuer_advertises_is_there(
    probe: Any, capability: str, fields: dict[str, Any]
) -> None:
    found, asked = probe("egi.aai.oidc", capability, GET=metadata(**fields))
    assert found == Finding(True, "https://aai.egi.test advertises it", found.steps)
    assert asked == ["GET https://aai.egi.test/.well-known/openid-configuration"]


@pytest.mark.parametrize(
    ("status", "error", "there"),
    [
        (400, "invalid_request", True),
        (400, "invalid_grant", True),
        (200, "", True),
        (400, "unsupported_grant_type", False),
        (400, "unauthorized_client", False),
    ],
)
def test_a_grant_that_is_not_advertised_is_asked_for(
    probe: Any, status: int, error: str, there: bool
) -> None:
    """Beside one that nobody knows: some issuers serve more than their metadata tell."""
    said = answer(status, json.dumps({"error": error} if error else {}))
    found, asked = probe("egi.aai.oidc", "token-exchange", GET=metadata(), POST=said)
    assert found.there is there
    assert asked[1:].count("POST https://aai.egi.test/token") == 2


def test_an_answer_that_every_grant_gets_shows_nothing(probe: Any) -> None:
    """An issuer that calls each unknown grant `invalid_request` does not thereby know it."""
    server = Server(GET=metadata(), POST=answer(400, '{"error": "invalid_request"}'))
    server.unknown = server.answers["POST"]
    (found,) = probes(server).ask(Need("egi.aai.oidc", "refresh"), site("egi.aai.oidc"), HOME)
    assert not found.there


def test_an_endpoint_that_is_not_named_cannot_be_asked(probe: Any) -> None:
    found, asked = probe("egi.aai.oidc", "revocation", GET=metadata())
    assert not found.there
    assert found.seen.endswith("names no revocation_endpoint, so there is none to ask")
    assert len(asked) == 1


@pytest.mark.parametrize("answers", [{}, {"GET": answer(500)}])
def test_metadata_that_cannot_be_read_are_no_proof_of_absence(probe: Any, answers: Any) -> None:
    found, _ = probe("egi.aai.oidc", "device", **answers)
    assert not found.there
    assert found.seen.startswith("it could not be probed: ")


def test_a_missing_secret_is_named(probe: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """At real sites, whoever runs the testbed may have none."""
    monkeypatch.setattr(World, "user", lambda *_: {}["password_alice"])
    found, _ = probe("webdav", "read")
    assert not found.there
    assert "secrets lack 'password_alice' of egi" in found.seen


@pytest.mark.parametrize("capability", ["submit", "cancel", "output"])
def test_where_there_is_no_probe_absence_is_not_claimed(probe: Any, capability: str) -> None:
    found, asked = probe("org.nordugrid.arex", capability)
    assert (found.there, found.seen, asked) == (False, NO_PROBE, [])


@pytest.mark.parametrize(
    "need",
    [Need("XRootD"), Need("webdav", "read", implementation="another"), Need("XRootD", "read")],
)
def test_without_an_endpoint_nothing_is_probed(need: Need) -> None:
    (found,) = probes(Server()).ask(need, site("webdav"), HOME)
    assert (found.there, found.seen) == (False, NO_ENDPOINT)


def _titles(steps: list[Step]) -> list[str]:
    return [title for one in steps for title in (one.title, *_titles(one.steps))]


def test_a_service_is_asked_once_and_every_scenario_is_shown_what_was_seen() -> None:
    server = Server(HEAD=answer(), **STORES)
    asking = probes(server)
    shown = []
    for _ in range(3):
        with collect() as steps:
            asking.ask(Need("webdav", "checksum"), site("webdav"), HOME)
        shown.append(_titles(steps))
    assert len(server.asked) == 3, "one PUT, one HEAD, one DELETE"
    first, *others = shown
    assert first[0] == "probe: checksum of https://webdav.egi.test/vo, which is not declared"
    assert len(first) == 4
    for other in others:
        assert other == [f"{title} (seen earlier in this session)" for title in first]


@pytest.mark.parametrize(
    ("first", "then", "there", "seen"),
    [
        ({"refresh_token": "a"}, {"refresh_token": "b"}, True, "a renewal left another"),
        ({"refresh_token": "a"}, {"refresh_token": "a"}, False, "a renewal left the same"),
        ({"refresh_token": "a"}, {}, False, "a renewal left the same"),
        ({}, {}, False, "no refresh token was given"),
    ],
)
def test_rotation_is_another_refresh_token_at_a_renewal(
    first: dict[str, str], then: dict[str, str], there: bool, seen: str
) -> None:
    renewal = SimpleNamespace(refresh=lambda _token: answer(200, json.dumps(then)))
    user = SimpleNamespace(ask=lambda scope: answer(200, json.dumps(first)), issuer=renewal)
    found = _rotation(cast(User, user))
    assert found.there is there
    assert found.seen.startswith(seen)

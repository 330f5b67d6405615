"""What an issuer does not declare is looked for in its metadata, and asked for."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.answer import Answer
from harness.engine.needs import Need
from harness.engine.probes import Finding
from harness.services.issuer.kind import KIND
from harness.services.issuer.probes import ENDPOINTS, GRANTS, rotation
from harness.services.issuer.user import User
from tests.unit.services.probing import HOME, Server, answer, probes, site


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
    assert found.seen.endswith("names no revocation_endpoint, so there is nothing to probe")
    assert len(asked) == 1


@pytest.mark.parametrize("answers", [{}, {"GET": answer(500)}])
def test_metadata_that_cannot_be_read_are_no_proof_of_absence(probe: Any, answers: Any) -> None:
    found, _ = probe("egi.aai.oidc", "device", **answers)
    assert not found.there
    assert found.seen.startswith("the probe failed: ")


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
    found = rotation(cast(User, user))
    assert found.there is there
    assert found.seen.startswith(seen)


def test_every_capability_that_can_be_probed_can_be_declared() -> None:
    assert {*GRANTS, *ENDPOINTS} <= KIND.capabilities.keys()

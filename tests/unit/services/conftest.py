"""An infrastructure with one member, for tests that need a user; a probe, for those of absence."""

from collections.abc import Callable

import pytest

from harness.answer import Answer
from harness.engine.needs import Need
from harness.engine.probes import Finding
from harness.model import Infrastructure, Member, ServiceType
from tests.unit.services.probing import HOME, Server, probes, site


@pytest.fixture
def home() -> Infrastructure:
    return Infrastructure(
        name="home",
        title="Home",
        domain="home.test",
        issuer="https://aai.home.test",
        jwks_uri="https://aai.home.test/jwks",
        signing_alg="ES256",
        subject_scope="home.test",
        vo="vo.home.test",
        entitlement="urn:mace:home.test:group:vo:role=member",
        robot_entitlement="urn:mace:home.test:group:vo:role=robot",
        other_entitlement="urn:mace:home.test:group:other:role=member",
        members=(Member(name="ada", kind="member"),),
    )


@pytest.fixture
def probe() -> Callable[..., tuple[Finding, list[str]]]:
    """Probe a capability; return what was found, and what the server was asked."""

    def ask(type_: ServiceType, capability: str, **answers: Answer) -> tuple[Finding, list[str]]:
        server = Server(**answers)
        (found,) = probes(server).ask(Need(type_, capability), site(type_), HOME)
        return found, server.asked

    return ask

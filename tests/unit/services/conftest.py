"""An infrastructure with one member, for tests that need a user."""

import pytest

from harness.model import Infrastructure, Member


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

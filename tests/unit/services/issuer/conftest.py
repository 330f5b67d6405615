"""An issuer, as a client sees it that sends nothing over a network."""

from collections.abc import Callable

import pytest

from harness.model import Infrastructure
from harness.services.issuer.client import Issuer
from tests.unit.services.issuer.wire import Wire


@pytest.fixture
def issuer(home: Infrastructure) -> Callable[[Wire], Issuer]:
    def made(wire: Wire) -> Issuer:
        return Issuer(
            home,
            http=wire,
            client_id="cli",
            client_secret="cli-secret-0",
            redirect_uri="http://localhost/cb",
        )

    return made

"""A client that stands on this machine, with nothing of its environment but what a test sets."""

from collections.abc import Iterator

import pytest

from harness.clients import trust
from harness.clients.http import Http

VARIABLES = "HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY REQUEST_METHOD".split()
AUTHORITIES = "SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE X509_CERT_DIR".split()


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    for name in (*VARIABLES, *AUTHORITIES):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setattr(trust, "GRID_AUTHORITIES", tmp_path / "no-grid")


@pytest.fixture
def client() -> Iterator[Http]:
    made = Http(proxy=None, ca_bundle=None)
    yield made
    made.close()

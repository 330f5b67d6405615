"""What a registry says, and what it must say."""

from __future__ import annotations

from typing import Any

import pytest

from harness.answer import Answer
from harness.model import Service
from harness.services.information.registry import MANDATORY, Registry
from harness.services.issuer.tokens import Token

TOKEN = Token("e30.e30.secret")


class Http:
    """Gives one answer to all requests, and keeps what it was asked."""

    def __init__(self, body: str, status: int = 200) -> None:
        self._body, self._status = body, status
        self.asked: list[tuple[str, str | None]] = []

    def request(self, method: str, url: str, *, token: str | None, **_: Any) -> Answer:
        self.asked.append((url, token))
        return Answer(
            what=f"{method} {url}",
            status=self._status,
            ok=self._status == 200,
            denied=self._status in (401, 403),
            body=self._body.encode(),
        )


def registry(http: Http) -> Registry:
    service = Service(
        type="egi.GOCDB",
        endpoint="https://goc.a.test/gocdbpi/",
        implementation="registry",
        host="goc.a.test",
        site="A",
        infrastructure="a",
        token_profile="wlcg",
    )
    return Registry(service, http)  # type: ignore[arg-type]


def site(**changes: str) -> str:
    fields = dict.fromkeys(MANDATORY, "x") | changes
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f'<results><SITE NAME="A">{inner}</SITE></results>'


def test_protected_methods_are_asked_with_the_token() -> None:
    http = Http(site())
    registry(http).ask("get_site_contacts", by=TOKEN)
    registry(http).ask("get_site_contacts", by=None)
    registry(http).ask("get_downtime")
    base = "https://goc.a.test/gocdbpi"
    assert http.asked == [
        (f"{base}/private/?method=get_site_contacts", TOKEN.value),
        (f"{base}/private/?method=get_site_contacts", None),
        (f"{base}/public/?method=get_downtime", None),
    ]


def test_a_site_lacks_what_is_empty() -> None:
    client = registry(Http(site(ROC="", CSIRT_EMAIL="csirt@a.test", CONTACT_EMAIL="all@a.test")))
    found = client.site("A", by=TOKEN)  # type: ignore[arg-type]
    assert found.missing == ("ROC",)
    assert found.security_contact == "csirt@a.test"
    assert found.public_contacts == {"all@a.test"}
    with pytest.raises(AssertionError, match="the registry has no B; it has A"):
        client.site("B", by=TOKEN)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("<results>", "no XML"),
        ("<html></html>", "`results` is expected, not `html`"),
        ("<results><SITE/></results>", "`DOWNTIME` is expected, not `SITE`"),
        ("<results><DOWNTIME PRIMARY_KEY='1G0'/></results>", "DOWNTIME 1G0 .* lacks HOSTNAME"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><results>&a;</results>", "no XML"),
    ],
)
def test_another_form_is_told(body: str, told: str) -> None:
    with pytest.raises(AssertionError, match=told):
        registry(Http(body)).downtimes()


def test_an_error_is_told() -> None:
    with pytest.raises(AssertionError, match="expected success"):
        registry(Http("", status=500)).services()

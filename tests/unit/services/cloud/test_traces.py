"""The log of the web server before a Keystone, as Apache with mod_auth_openidc writes it."""

from __future__ import annotations

from harness.engine.site_records import Trace
from harness.services.cloud.traces import of_keystone

LINE = (
    "127.0.0.1 - u1@egi.eu [30/Nov/2026:22:38:09 +0000] "
    '"POST /v3/OS-FEDERATION/identity_providers/egi/protocols/oidc/auth HTTP/1.1" 201 1079 "-" "agent1"'
)
END = ' client="10.111.1.50" iss="https://aai.egi.test" sub="u1@egi.eu" jti="zRNs"'


def test_a_login_ends_in_client_and_claims():
    assert of_keystone(f"{LINE}{END}\n{LINE}\n") == (
        Trace("https://aai.egi.test", "u1@egi.eu", "zRNs", "10.111.1.50"),
    )


def test_a_login_without_a_token_names_nobody():
    assert of_keystone(f'{LINE} client="10.111.1.50" iss="-" sub="-" jti="-"') == (
        Trace(address="10.111.1.50"),
    )

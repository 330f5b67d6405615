"""openstacksdk, as a user's program opens it; what it sends are steps, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.clients.http import Http
from harness.clients.proxies import proxy_for
from harness.evidence import step
from harness.redaction import redactor
from harness.services.cloud.client import Keystone
from harness.services.issuer.tokens import Token

if TYPE_CHECKING:
    import requests


def connect(keystone: Keystone, token: Token, *, project_id: str, http: Http) -> Any:
    """Return an `openstack.connection.Connection`, as a user's program opens it.

    Its requests start where those of `http` do, and trust the same authorities.
    """
    # Here, since it takes a second to import, and few scenarios need it.
    import openstack  # noqa: PLC0415
    from keystoneauth1 import session  # noqa: PLC0415
    from keystoneauth1.identity.v3 import OidcAccessToken  # noqa: PLC0415

    login = OidcAccessToken(
        auth_url=keystone.service.endpoint,
        identity_provider=keystone.provider(),
        protocol=keystone.terms.protocol,
        access_token=token.value,
        project_id=project_id,
    )
    return openstack.connection.Connection(
        # Keystoneauth would take the token along to any other host that an answer names.
        session=session.Session(auth=login, session=transport(http), redirect=False),
        **({"region_name": region} if (region := keystone.terms.region) else {}),
    )


def transport(http: Http) -> requests.Session:
    """Return a session of requests that goes the way of `http`, and trusts whom it trusts."""
    from requests.adapters import HTTPAdapter  # noqa: PLC0415

    from harness.services.cloud.transport import Session  # noqa: PLC0415

    class OfWorkstation(HTTPAdapter):
        """Takes proxy and authorities from `http`: requests knows neither IGTF's nor the system's store."""

        def init_poolmanager(self, *args: Any, **options: Any) -> None:
            super().init_poolmanager(*args, ssl_context=http.context, **options)

        def proxy_manager_for(self, proxy: Any, **options: Any) -> Any:
            return super().proxy_manager_for(proxy, ssl_context=http.context, **options)

        def cert_verify(self, conn: Any, *_: Any) -> None:
            """Leave it to `http`: requests would trust authorities of its own, too."""
            conn.cert_reqs = "CERT_REQUIRED"

        def send(self, request: Any, **options: Any) -> Any:  # type: ignore[override]
            proxy = http.proxy or proxy_for(request.url)
            options["proxies"] = {"https": proxy, "http": proxy} if proxy else {}
            return super().send(request, **options | {"verify": True})

    made = Session()
    made.headers["User-Agent"] = http.agent
    made.trust_env = False  # or it would look for passwords in ~/.netrc
    for scheme in ("https://", "http://"):
        made.mount(scheme, OfWorkstation())
    made.hooks["response"].append(_record)
    return made


def _record(response: Any, *_: Any, **__: Any) -> None:
    """Make a step of what openstacksdk sent, and remember the token that came."""
    redactor.remember(response.headers.get("X-Subject-Token", ""))
    with step(f"{response.request.method} {response.url} (openstacksdk)") as record:
        record.send(f"{response.request.method} {response.url}")
        record.receive(f"HTTP {response.status_code} in {response.elapsed.total_seconds():.3f} s")

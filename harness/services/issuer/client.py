"""OAuth 2.0 and OpenID Connect as a user's tools speak them, at the issuer of an infrastructure."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote_plus, urlencode

from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_delay
from tenacity.wait import wait_base

from harness.clients.http import Http
from harness.model import Infrastructure
from harness.redaction import redactor
from harness.services.issuer import metadata
from harness.services.issuer.answers import IssuerAnswer, judged
from harness.services.issuer.tokens import Token, seconds

SCOPE = "openid profile email entitlements"
"""What a user's tool asks for when it wants to know, and to tell, who the user is."""

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105, a type, not a token
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE_GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"

_PENDING = frozenset({"authorization_pending", "slow_down"})


class _DeviceInterval(wait_base):
    """Waits the interval that the issuer named, 5 s more after each `slow_down` (RFC 8628, 3.5)."""

    def __init__(self, interval: float) -> None:
        self._interval = interval

    def __call__(self, retry_state: RetryCallState) -> float:
        if _last_answer(retry_state).error == "slow_down":
            self._interval += 5
        return self._interval


def _last_answer(retry_state: RetryCallState) -> IssuerAnswer:
    if retry_state.outcome is None:  # tenacity asks only after an attempt
        raise RuntimeError("no answer yet")
    answer: IssuerAnswer = retry_state.outcome.result()
    return answer


@dataclass(frozen=True)
class Authorization:
    """A log-in that waits for its code: PKCE's verifier stays here (RFC 7636)."""

    url: str
    redirect_uri: str
    audience: str | None
    state: str
    verifier: str = field(repr=False)

    @property
    def challenge(self) -> str:
        """What everybody sees of the verifier (RFC 7636, section 4.2)."""
        return _challenge(self.verifier)


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True)
class DevicePrompt:
    """What a device shows to its user (RFC 8628, section 3.3)."""

    user_code: str
    verification_uri: str


@dataclass(frozen=True)
class Device(DevicePrompt):
    """A device that asked to be signed in (RFC 8628, section 3.2); times in seconds."""

    device_code: str = field(repr=False)
    interval: float
    expires_in: float


class Issuer:
    """The issuer of an infrastructure, as one of its registered clients sees it.

    Parameters
    ----------
    http
        where the requests start.
    client_id, client_secret
        the client as it is registered; it authenticates by HTTP Basic, or by the fields of its request
        where the issuer's metadata say that Basic is not taken (RFC 6749, section 2.3.1). A public client
        has no secret, and only names itself (section 3.2.1).
    """

    def __init__(
        self,
        infrastructure: Infrastructure,
        *,
        http: Http,
        client_id: str,
        client_secret: str,
        redirect_uri: str = "",
    ) -> None:
        self.infrastructure = infrastructure
        self.client_id = client_id
        self.redirect_uri = redirect_uri
        self._http = http
        self._secret = redactor.remember(client_secret)
        # What Basic carries is encoded as a form's fields are (RFC 6749, section 2.3.1).
        self._basic = (quote_plus(client_id), redactor.remember(quote_plus(client_secret)))

    @property
    def address(self) -> str:
        """The address of the issuer: its own, unless this client was given a broken one."""
        return self.infrastructure.address or self.infrastructure.issuer

    @property
    def client_secret(self) -> str:
        """The client's secret: for the user's other tools, and to look for it in logs."""
        return self._secret

    def of_impostor(self) -> Issuer:
        """Return the issuer for a client that pretends to be this one, and guesses its secret."""
        return Issuer(
            self.infrastructure,
            http=self._http,
            client_id=self.client_id,
            client_secret=secrets.token_urlsafe(24),
            redirect_uri=self.redirect_uri,
        )

    # -- metadata

    def discover(self) -> IssuerAnswer:
        """Fetch the discovery document (OpenID Connect Discovery 1.0, section 4)."""
        return self._get(metadata.address(self.address))

    def keys(self) -> IssuerAnswer:
        """Fetch the key set from the address in the discovery document (RFC 7517, section 5)."""
        return self._get(self.endpoint("jwks_uri"))

    def key_set(self) -> list[Mapping[str, Any]]:
        """Return the published keys.

        Raises
        ------
        AssertionError
            where what the issuer publishes is no key set (RFC 7517, section 5).
        """
        answer = self.keys().expect_ok()
        if answer.json is not answer.document:
            raise AssertionError(
                f"{answer.what} publishes something other than a key set: {answer.text[:200]!r}"
            )
        keys = answer.json["keys"]
        if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
            raise AssertionError(
                f"{answer.what} publishes something other than a list of keys: {keys!r}"[:500]
            )
        return keys

    def endpoint(self, name: str) -> str:
        """Return an endpoint of the discovery document: `token_endpoint`.

        Raises
        ------
        AssertionError
            where the issuer names none, or one that is not a web URL.
        """
        return metadata.endpoint(self._metadata, name, issuer=self.infrastructure.issuer)

    @property
    def authorization_endpoint(self) -> str:
        """The address to which services send browsers.

        They know the real one, also where this client has been given a broken one's address.
        """
        address = self.infrastructure.address
        endpoint = self.endpoint("authorization_endpoint")
        if not address:
            return endpoint
        return endpoint.replace(
            address.removesuffix("/"), self.infrastructure.issuer.removesuffix("/"), 1
        )

    @cached_property
    def _metadata(self) -> Mapping[str, Any]:
        return metadata.read(self.discover())

    def _for(self, audience: str | None) -> dict[str, str]:
        """Return the fields by which this issuer is asked for an audience."""
        names = self.infrastructure.audience_parameter if audience else ()
        return {name: audience for name in names if audience}

    # -- grants

    def password(
        self, username: str, password: str, *, scope: str = SCOPE, audience: str | None = None
    ) -> IssuerAnswer:
        """Ask for tokens with the user's name and password (RFC 6749, section 4.3)."""
        redactor.remember(password)
        return self.grant(
            "password", audience=audience, scope=scope, username=username, password=password
        )

    def client_credentials(self, *, scope: str, audience: str | None = None) -> IssuerAnswer:
        """Ask for a token for the client itself (RFC 6749, section 4.4)."""
        return self.grant("client_credentials", audience=audience, scope=scope)

    def refresh(
        self, refresh_token: str, *, scope: str | None = None, audience: str | None = None
    ) -> IssuerAnswer:
        """Ask for a new access token (RFC 6749, section 6)."""
        return self.grant(
            "refresh_token", audience=audience, scope=scope, refresh_token=refresh_token
        )

    def exchange(
        self, token: Token, *, scope: str | None = None, audience: str | None = None
    ) -> IssuerAnswer:
        """Exchange an access token for another (RFC 8693, section 2.1)."""
        return self.grant(
            EXCHANGE_GRANT,
            audience=audience,
            scope=scope,
            subject_token=token.value,
            subject_token_type=ACCESS_TOKEN,
        )

    def grant(
        self, kind: str, *, audience: str | None = None, scope: str | None = None, **rest: str
    ) -> IssuerAnswer:
        """Send a request to the token endpoint, with the audience in the parameter that this issuer
        uses.
        """
        data = {"grant_type": kind, "scope": scope, **self._for(audience), **rest}
        return self._post("token_endpoint", data, note=kind.rsplit(":", 1)[-1])

    # -- authorization code

    def authorize(
        self,
        *,
        scope: str = SCOPE,
        audience: str | None = None,
        redirect_uri: str | None = None,
        method: str = "S256",
    ) -> Authorization:
        """Prepare a log-in by code and PKCE (RFC 6749, section 4.1; RFC 7636).

        By the method `plain` the verifier itself is sent, for all to see who see the request.
        """
        verifier = redactor.remember(secrets.token_urlsafe(48))
        state = secrets.token_urlsafe(16)
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri or self.redirect_uri,
            "scope": scope,
            "state": state,
            "code_challenge": verifier if method == "plain" else _challenge(verifier),
            "code_challenge_method": method,
            **self._for(audience),
            # Without it, no refresh token may be issued (OpenID Connect Core 1.0, section 11).
            **({"prompt": "consent"} if "offline_access" in scope.split() else {}),
        }
        return Authorization(
            url=f"{self.endpoint('authorization_endpoint')}?{urlencode(query)}",
            redirect_uri=query["redirect_uri"],
            audience=audience,
            state=state,
            verifier=verifier,
        )

    def redeem(
        self,
        authorization: Authorization,
        code: str,
        *,
        verifier: str | None = None,
        redirect_uri: str | None = None,
    ) -> IssuerAnswer:
        """Exchange a code for tokens, with the verifier and redirect URI of its log-in or with
        others.

        An empty verifier is not sent at all.
        The audience is named again, as RFC 8707, section 2.2, allows: not every issuer remembers it.
        """
        sent = authorization.verifier if verifier is None else verifier
        return self.grant(
            "authorization_code",
            audience=authorization.audience,
            code=code,
            redirect_uri=redirect_uri or authorization.redirect_uri,
            **({"code_verifier": sent} if sent else {}),
        )

    # -- device

    def start_device(
        self, *, scope: str = SCOPE, audience: str | Sequence[str] | None = None
    ) -> Device:
        """Ask for the code that the user types into a browser (RFC 8628, section 3.1).

        Of several audiences, each is named by a parameter of its own (RFC 8707, section 2).
        """
        asked: dict[str, str | Sequence[str] | None] = {"client_id": self.client_id, "scope": scope}
        asked |= {name: audience for name in self.infrastructure.audience_parameter if audience}
        answer = self._post("device_authorization_endpoint", asked)
        return Device(
            device_code=answer.text_of("device_code"),
            user_code=answer.text_of("user_code"),
            verification_uri=_verification(answer),
            interval=_span(answer, "interval", 5),
            expires_in=_span(answer, "expires_in"),
        )

    def poll_device(self, device: Device, audience: str | None = None) -> IssuerAnswer:
        """Poll once whether the user has approved (RFC 8628, section 3.4).

        Of several audiences that the device asked for, one is named here (RFC 8707, section 2.2).
        """
        return self.grant(DEVICE_GRANT, audience=audience, device_code=device.device_code)

    def await_device(self, device: Device, audience: str | None = None) -> IssuerAnswer:
        """Poll until the issuer decides, at the interval that it allows (RFC 8628, section 3.5)."""
        return Retrying(
            retry=retry_if_result(lambda answer: answer.error in _PENDING),
            wait=_DeviceInterval(device.interval),
            stop=stop_after_delay(device.expires_in),
            retry_error_callback=_last_answer,
        )(self.poll_device, device, audience)

    # -- life of a token

    def introspect(self, token: str | Token) -> IssuerAnswer:
        """Ask whether a token is active (RFC 7662)."""
        return self._post("introspection_endpoint", {"token": _value(token)})

    def revoke(self, token: str | Token) -> IssuerAnswer:
        """Revoke a token (RFC 7009)."""
        return self._post("revocation_endpoint", {"token": _value(token)})

    def user_info(self, token: str | Token) -> IssuerAnswer:
        """Ask who the user of an access token is (OpenID Connect Core 1.0, section 5.3).

        Raises
        ------
        AssertionError
            where the issuer names no such endpoint.
        """
        return self._get(self.endpoint("userinfo_endpoint"), token=_value(token))

    # -- the wire

    def _get(self, url: str, *, token: str | None = None) -> IssuerAnswer:
        return judged(self._http.request("GET", url, token=token))

    def _post(
        self, endpoint: str, data: Mapping[str, str | Sequence[str] | None], *, note: str = ""
    ) -> IssuerAnswer:
        sent = {name: value for name, value in data.items() if value is not None}
        proof: dict[str, Any] = {"auth": self._basic}
        if not self._secret:
            sent |= {"client_id": self.client_id}
            proof = {}
        elif metadata.authentication(self._metadata, endpoint) == metadata.POST:
            sent |= {"client_id": self.client_id, "client_secret": self._secret}
            proof = {}
        url = self.endpoint(endpoint)
        return judged(self._http.request("POST", url, data=sent, note=note, **proof))


def _value(token: str | Token) -> str:
    return token.value if isinstance(token, Token) else token


def _verification(answer: IssuerAnswer) -> str:
    """Return where the user approves: with the code in the address, where the issuer has such a one.

    `verification_url` is the name from before RFC 8628, which some issuers send alone.
    """
    complete, older = map(answer.json.get, ("verification_uri_complete", "verification_url"))
    if isinstance(complete, str) and complete:
        return complete
    if "verification_uri" not in answer.json and isinstance(older, str) and older:
        return older
    return answer.text_of("verification_uri")


def _span(answer: IssuerAnswer, name: str, default: float | None = None) -> float:
    """Return a field with seconds.

    Raises
    ------
    AssertionError
        where it is no such number, or is missing and has no default.
    """
    told = answer.json.get(name)
    found = default if told is None else seconds(told)
    if found is None or found < 0:
        shown = repr(told) if name in answer.json else "missing"
        raise AssertionError(
            f"{answer.what} answered {answer.status}, and its `{name}` is not a number of seconds: {shown}"
        )
    return found

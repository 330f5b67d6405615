"""OAuth 2.0 and OpenID Connect as a user's tools speak them, at the issuer of an infrastructure."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_delay
from tenacity.wait import wait_base

from harness.answer import Answer
from harness.clients.browser import Browser, Form, Page
from harness.clients.http import Http
from harness.model import Infrastructure, Member
from harness.redaction import redactor

SCOPE = "openid profile email entitlements"
"""What a user's tool asks for when it wants to know, and to tell, who the user is."""

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105, a type, not a token
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE_GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"

_REFUSALS = frozenset(
    "access_denied expired_token invalid_client invalid_grant invalid_scope invalid_target "
    "invalid_token unauthorized_client".split()
)
"""Error codes that deny; the token endpoint sends them with HTTP 400 (RFC 6749, section 5.2)."""


@dataclass(frozen=True)
class Token:
    """A JSON Web Token; shows its claims, and its value to nobody who prints it."""

    value: str = field(repr=False)

    def __post_init__(self) -> None:
        redactor.remember(self.value)

    @cached_property
    def header(self) -> Mapping[str, Any]:
        """The JOSE header."""
        return _part(self.value, 0)

    @cached_property
    def claims(self) -> Mapping[str, Any]:
        """The claims, unverified."""
        return _part(self.value, 1)

    @property
    def scopes(self) -> frozenset[str]:
        """The single scopes of the claim `scope`."""
        return frozenset(str(self.claims.get("scope", "")).split())

    def __str__(self) -> str:
        audience = self.claims.get("aud")
        return f"[token of {self.claims.get('iss')} for {audience}, {self.claims.get('scope')}]"


def _part(value: str, number: int) -> dict[str, Any]:
    part = value.split(".")[number]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


@dataclass(frozen=True, repr=False)
class IssuerAnswer(Answer):
    """What an endpoint of the issuer answered; `denied` follows the error codes of OAuth."""

    @property
    def error(self) -> str:
        """The error code, or an empty string."""
        return str(self.json.get("error", ""))

    @property
    def token(self) -> Token:
        """The access token.

        Raises
        ------
        AssertionError
            where none was issued.
        """
        return Token(str(self.expect_ok().json["access_token"]))

    @property
    def id_token(self) -> Token:
        """The ID token."""
        return Token(str(self.expect_ok().json["id_token"]))

    @property
    def refresh_token(self) -> str:
        """The refresh token."""
        return str(self.expect_ok().json["refresh_token"])

    @property
    def active(self) -> bool:
        """What introspection says of the token (RFC 7662, section 2.2)."""
        return self.expect_ok().json.get("active") is True

    def __repr__(self) -> str:
        # The body may hold tokens, and a failed assertion shows what this returns.
        return f"[{self.what} -> {self.status} {self.error or sorted(self.json)}]"


_SECRET_FIELDS = ("access_token", "refresh_token", "id_token", "device_code")


def _judged(answer: Answer) -> IssuerAnswer:
    """Remember what was issued, and read the refusal out of the error code."""
    values = {f.name: getattr(answer, f.name) for f in fields(Answer)}
    judged = IssuerAnswer(**values)
    for name in _SECRET_FIELDS:
        if value := judged.json.get(name):
            redactor.remember(str(value))
    denied = answer.denied or (not answer.ok and judged.error in _REFUSALS)
    return IssuerAnswer(**values | {"denied": denied})


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
        digest = hashlib.sha256(self.verifier.encode()).digest()
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
    """The issuer of an infrastructure, seen by one registered client of it.

    Parameters
    ----------
    http
        where the requests start.
    client_id, client_secret
        the client as it is registered; it authenticates by HTTP Basic (RFC 6749, section 2.3.1).
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
        self._auth = (client_id, redactor.remember(client_secret))

    @property
    def address(self) -> str:
        """Where the issuer is asked: by its own name, but where this client was given a broken one."""
        return self.infrastructure.address or self.infrastructure.issuer

    @property
    def client_secret(self) -> str:
        """What the client proves itself by: for the user's other tools, and to see if it got about."""
        return self._auth[1]

    def of_impostor(self) -> Issuer:
        """Return the issuer as seen by one who says to be the same client and guesses its secret."""
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
        return self._get(f"{self.address}/.well-known/openid-configuration")

    def keys(self) -> IssuerAnswer:
        """Fetch the key set from where the discovery document says (RFC 7517, section 5)."""
        return self._get(self.endpoint("jwks_uri"))

    def endpoint(self, name: str) -> str:
        """Return an endpoint of the discovery document: `token_endpoint`.

        Raises
        ------
        AssertionError
            where the issuer names none.
        """
        address = self._metadata.get(name)
        if not address:
            raise AssertionError(f"discovery at {self.infrastructure.issuer} names no {name}")
        return str(address)

    @property
    def authorization_endpoint(self) -> str:
        """Where services send browsers, by the issuer's own name.

        They know the real one, also where this client has been given a broken one's address.
        """
        address = self.infrastructure.address
        endpoint = self.endpoint("authorization_endpoint")
        return endpoint.replace(address, self.infrastructure.issuer, 1) if address else endpoint

    @cached_property
    def _metadata(self) -> Mapping[str, Any]:
        return self.discover().expect_ok().json

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
        """Send a request to the token endpoint; the audience as `resource` (RFC 8707)."""
        data = {"grant_type": kind, "scope": scope, "resource": audience, **rest}
        return self._post("token_endpoint", data, note=kind.rsplit(":", 1)[-1])

    # -- authorization code

    def authorize(
        self,
        *,
        scope: str = SCOPE,
        audience: str | None = None,
        redirect_uri: str | None = None,
    ) -> Authorization:
        """Prepare a log-in by code and PKCE (RFC 6749, section 4.1; RFC 7636)."""
        verifier = redactor.remember(secrets.token_urlsafe(48))
        digest = hashlib.sha256(verifier.encode()).digest()
        state = secrets.token_urlsafe(16)
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri or self.redirect_uri,
            "scope": scope,
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **({"resource": audience} if audience else {}),
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
        """Exchange a code for tokens, with the verifier and address of its own log-in or others.

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

    def start_device(self, *, scope: str = SCOPE, audience: str | None = None) -> Device:
        """Ask for a code that the user types into a browser (RFC 8628, section 3.1)."""
        answer = self._post(
            "device_authorization_endpoint",
            {"client_id": self.client_id, "scope": scope, "resource": audience},
        )
        fields_ = answer.expect_ok().json
        return Device(
            device_code=str(fields_["device_code"]),
            user_code=str(fields_["user_code"]),
            verification_uri=str(
                fields_.get("verification_uri_complete", fields_["verification_uri"])
            ),
            interval=float(fields_.get("interval", 5)),
            expires_in=float(fields_["expires_in"]),
        )

    def poll_device(self, device: Device) -> IssuerAnswer:
        """Ask once whether the user has approved (RFC 8628, section 3.4)."""
        return self.grant(DEVICE_GRANT, device_code=device.device_code)

    def await_device(self, device: Device) -> IssuerAnswer:
        """Ask until the issuer decides, as often as it allows (RFC 8628, section 3.5)."""
        return Retrying(
            retry=retry_if_result(lambda answer: answer.error in _PENDING),
            wait=_DeviceInterval(device.interval),
            stop=stop_after_delay(device.expires_in),
            retry_error_callback=_last_answer,
        )(self.poll_device, device)

    # -- life of a token

    def introspect(self, token: str | Token) -> IssuerAnswer:
        """Ask whether a token is active (RFC 7662)."""
        return self._post("introspection_endpoint", {"token": _value(token)})

    def revoke(self, token: str | Token) -> IssuerAnswer:
        """Take a token back (RFC 7009)."""
        return self._post("revocation_endpoint", {"token": _value(token)})

    # -- the wire

    def _get(self, url: str) -> IssuerAnswer:
        return _judged(self._http.request("GET", url))

    def _post(
        self, endpoint: str, data: Mapping[str, str | None], *, note: str = ""
    ) -> IssuerAnswer:
        return _judged(
            self._http.request(
                "POST",
                self.endpoint(endpoint),
                data={name: value for name, value in data.items() if value is not None},
                auth=self._auth,
                note=note,
            )
        )


def _value(token: str | Token) -> str:
    return token.value if isinstance(token, Token) else token


class Wallet:
    """The tokens that a user holds: one for each audience and scope, renewed in time."""

    def __init__(self, ask: Callable[[str | None, str], IssuerAnswer]) -> None:
        self._ask = ask
        self._held: dict[tuple[str | None, str], tuple[float, Token]] = {}

    def token(self, audience: str | None, scope: str) -> Token:
        """Return a token with at least half of its life before it."""
        until, token = self._held.get((audience, scope), (0.0, None))
        if token is None or time.time() >= until:
            token = self._ask(audience, scope).token
            now = time.time()
            until = now + (float(token.claims["exp"]) - now) / 2
            self._held[audience, scope] = (until, token)
        return token


class User:
    """A member of an infrastructure who holds tokens; a robot is a client of its own.

    Parameters
    ----------
    issuer
        the home issuer, as the user's tools speak to it; for a robot, as the robot itself does.
    password
        of the user; a robot has none.
    """

    def __init__(self, member: Member, *, issuer: Issuer, password: str = "") -> None:
        self.member = member
        self.issuer = issuer
        self._password = redactor.remember(password)
        self._wallet = Wallet(lambda audience, scope: self.ask(audience=audience, scope=scope))

    @property
    def name(self) -> str:
        """The name that the user types at the log-in."""
        return self.member.name

    @property
    def infrastructure(self) -> Infrastructure:
        """The user's home."""
        return self.issuer.infrastructure

    def token(self, audience: str | None = None, scope: str = SCOPE) -> Token:
        """Return an access token for an audience, a remembered one where it lives long enough.

        Raises
        ------
        AssertionError
            where the issuer gives none; `ask` returns its answer instead.
        """
        return self._wallet.token(audience, scope)

    def ask(self, *, audience: str | None = None, scope: str = SCOPE) -> IssuerAnswer:
        """Ask the issuer for a new token and return its answer."""
        if self.member.kind == "robot":
            return self.issuer.client_credentials(audience=audience, scope=scope)
        return self.issuer.password(self.name, self._password, audience=audience, scope=scope)

    def log_in(self, browser: Browser, authorization: Authorization) -> str:
        """Log in with a browser, consent, and return the code that comes back.

        Raises
        ------
        AssertionError
            where the issuer sends no code; says where the browser stands instead.
        """
        page = self.go_through(browser, authorization)
        query = parse_qs(urlsplit(page.url).query)
        if page.answer is not None:
            raise AssertionError(f"no code came back; the browser stands at {page.answer}")
        if query.get("state") != [authorization.state]:
            raise AssertionError("the code that came back belongs to another log-in")
        if "code" not in query:
            raise AssertionError(f"no code came back but {sorted(query.items())}")
        return redactor.remember(query["code"][0])

    def go_through(self, browser: Browser, authorization: Authorization) -> Page:
        """Log in with a browser and consent; return the page on which that ended.

        Its `answer` is None where the issuer sent the browser on to the client's address.
        """
        address = authorization.redirect_uri
        page = browser.open(authorization.url, until=address)
        return self._through_forms(browser, page, until=address)

    def sign_in(self, browser: Browser, url: str, *, back_to: str) -> Page:
        """Log in where a service has sent the browser, and follow it back to that.

        Return the page that has a form to the address `back_to`, or that on which the login ended without.
        """
        return self._through_forms(browser, browser.open(url), back_to=back_to)

    def approve(self, browser: Browser, device: DevicePrompt) -> Page:
        """Sign a device in with a browser; return the page on which that ended."""
        return self._through_forms(
            browser, browser.open(device.verification_uri), user_code=device.user_code
        )

    def deny(self, browser: Browser, device: DevicePrompt) -> Page:
        """Say at the issuer, with a browser, that a device shall not be signed in."""
        return self._through_forms(
            browser, browser.open(device.verification_uri), user_code=device.user_code, deny=True
        )

    def _through_forms(
        self,
        browser: Browser,
        page: Page,
        *,
        until: str | None = None,
        user_code: str = "",
        back_to: str = "",
        deny: bool = False,
    ) -> Page:
        """Fill in every form that comes: code, name and password, consent; stop at one that leads back.

        Where the user denies, a form that can be aborted is.
        """
        for _ in range(_MOST_FORMS):
            if not page.forms or page.form_to(back_to):
                break
            form = _form_to_fill(page)
            values = {
                name: value
                for names, value in (
                    (_NAME_FIELDS, self.name),
                    (_PASSWORD_FIELDS, self._password),
                    (_CODE_FIELDS, user_code),
                )
                for name in names
                if name in form.fields and value
            }
            if deny and "confirm" in form.fields:
                values["abort"] = "yes"
            page = browser.submit(form, values, until=until)
        return page


_MOST_FORMS = 6
_NAME_FIELDS = ("username", "user")
_PASSWORD_FIELDS = ("password",)
_CODE_FIELDS = ("user_code",)


def _form_to_fill(page: Page) -> Form:
    """Return the log-in form where there is one, else the first."""
    for form in page.forms:
        if any(name in form.fields for name in _PASSWORD_FIELDS):
            return form
    return page.forms[0]

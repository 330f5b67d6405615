"""Issuers that publish, issue, or say of a token what they must not.

What an issuer issues is altered and signed anew with its own key; what it refuses is granted by a token of
its first member, signed likewise.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc.jwk import ECKey

from gateway import tokens
from gateway.exchange import Request, Response
from gateway.faults.registry import fault
from gateway.settings import Home
from gateway.site import Site
from gateway.tokens import Token

DISCOVERY = "/.well-known/openid-configuration"
AUTHORIZATION = "authorization_endpoint"
TOKEN = "token_endpoint"  # noqa: S105, a name, not a token
INTROSPECTION = "introspection_endpoint"
REVOCATION = "revocation_endpoint"
KEYS = "jwks_uri"

_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105, a type
_PENDING = "authorization_pending"

Form = dict[str, str]


async def place_of(request: Request, site: Site) -> str:
    """Return the name by which the issuer publishes the address (`token_endpoint`), or else its path."""
    path = urlsplit(request.path).path
    if path == DISCOVERY:
        return DISCOVERY
    key = ("addresses", request.endpoint.host)
    if key not in site.memory:
        document = await (await site.send(request.another("GET", DISCOVERY))).json()
        named = {k: v for k, v in document.items() if k.endswith(("_endpoint", "_uri"))}
        site.memory[key] = {urlsplit(address).path: name for name, address in named.items()}
    return str(site.memory[key].get(path, path))


async def form_of(request: Request) -> Form:
    """Return the fields of a form."""
    return dict(parse_qsl((await request.read()).decode()))


def granted(form: Form, site: Site) -> Response:
    """Give a token of the issuer's own member, for whatever was asked."""
    scope = form.get("scope", "openid")
    audience = form.get("resource", site.settings.any_audience)
    token = site.tokens.of_member(audience, site.settings.own, scope=scope)
    named = {"access_token": token, "token_type": "Bearer", "scope": scope}
    return Response.of_json(200, {**named, "issued_token_type": _ACCESS_TOKEN})


async def opened(request: Request, site: Site) -> Response:
    """Give a token to whoever asks, and call every token active."""
    place, form = await place_of(request, site), await form_of(request)
    response = await site.send(request)
    if place == TOKEN and not response.ok:
        return granted(form, site)
    return Response.of_json(200, {"active": True}) if place == INTROSPECTION else response


# -- metadata and keys

Document = dict[str, Any]


def _publishing(name: str, place: str) -> Callable[[Callable[[Document, Home], None]], None]:
    """Enter an issuer that publishes an altered document at a place."""

    def enter(alter: Callable[[Document, Home], None]) -> None:
        async def serve(request: Request, site: Site) -> Response:
            found = await place_of(request, site)
            response = await site.send(request)
            if found == place and response.ok:
                document = await response.json()
                alter(document, site.settings.own)
                response.replace_json(document)
            return response

        fault(name)(serve)

    return enter


@_publishing("names-another-issuer", DISCOVERY)
def _(document: Document, _: Home) -> None:
    """The discovery document is another issuer's."""
    document["issuer"] = "https://issuer.invalid"


@_publishing("names-another-key-set", DISCOVERY)
def _(document: Document, _: Home) -> None:
    """The discovery document names keys that are elsewhere."""
    document[KEYS] = "https://issuer.invalid/jwks"


@_publishing("offers-plain-http", DISCOVERY)
def _(document: Document, _: Home) -> None:
    """Codes and passwords go over the wire unprotected."""
    document[TOKEN] = document[TOKEN].replace("https://", "http://")


@_publishing("publishes-a-private-key", KEYS)
def _(document: Document, home: Home) -> None:
    """The key set tells the private parts of the signing key."""
    document["keys"] = [dict(home.key) if _signs(key, home) else key for key in document["keys"]]


@_publishing("serves-an-old-key-set", KEYS)
def _(document: Document, home: Home) -> None:
    """The key set is that of before the keys were changed."""
    document["keys"] = [_another_key() if _signs(key, home) else key for key in document["keys"]]


@_publishing("publishes-another-key", KEYS)
def _(document: Document, home: Home) -> None:
    """By the name of the signing key, another one is published."""
    for key in [key for key in document["keys"] if _signs(key, home)]:
        document["keys"].remove(key)
        document["keys"].append({**_another_key(), "kid": home.key["kid"]})


@_publishing("publishes-no-key-ahead", KEYS)
def _(document: Document, home: Home) -> None:
    """The key set holds the key that signs now, and none of those that will."""
    document["keys"] = [key for key in document["keys"] if _signs(key, home)]


@_publishing("repeats-key-ids", KEYS)
def _(document: Document, home: Home) -> None:
    """Two keys have the name of the one that signs."""
    document["keys"].append({**_another_key(), "kid": home.key["kid"]})


def _signs(key: Document, home: Home) -> bool:
    return bool(key.get("kid") == home.key["kid"])


def _another_key() -> Document:
    made = ECKey.generate_key("P-256", {"alg": "ES256", "use": "sig"}, private=True, auto_kid=True)
    return dict(made.as_dict(private=False))


# -- what tokens say


@dataclass
class Issued:
    """An answer with a token, before it goes out."""

    form: Form
    """What was asked for."""
    answer: Document
    claims: Document
    home: Home

    @property
    def grant(self) -> str:
        """How the token was asked for."""
        return self.form.get("grant_type", "")


def _issuing(name: str) -> Callable[[Callable[[Issued], None]], None]:
    """Enter an issuer whose tokens are altered."""

    def enter(alter: Callable[[Issued], None]) -> None:
        async def serve(request: Request, site: Site) -> Response:
            if await place_of(request, site) != TOKEN:
                return await site.send(request)
            form = await form_of(request)
            response = await site.send(request)
            answer = await response.json()
            token = Token.parse(answer.get("access_token"))
            if token is not None:
                issued = Issued(form, answer, dict(token.claims), site.settings.own)
                alter(issued)
                value = site.tokens.signed_as_is(issued.home, issued.claims)
                response.replace_json({**issued.answer, "access_token": value})
            return response

        fault(name)(serve)

    return enter


@_issuing("issues-in-another-name")
def _(issued: Issued) -> None:
    """Tokens name an issuer that is not this one."""
    issued.claims["iss"] = "https://issuer.invalid"


@_issuing("issues-for-another-audience")
def _(issued: Issued) -> None:
    """Tokens are for another service than was asked for."""
    issued.claims["aud"] = "https://another.invalid"


@_issuing("issues-too-long-lives")
def _(issued: Issued) -> None:
    """Tokens live for a week."""
    issued.claims["exp"] = issued.claims["iat"] + 7 * 24 * 3600


@_issuing("issues-without-version")
def _(issued: Issued) -> None:
    """Tokens do not name the profile that they follow."""
    issued.claims.pop("wlcg.ver")


@_issuing("repeats-token-ids")
def _(issued: Issued) -> None:
    """All tokens have one `jti`."""
    issued.claims["jti"] = "the-only-one"


@_issuing("changes-subjects")
def _(issued: Issued) -> None:
    """A user has another subject in each token."""
    issued.claims["sub"] = f"{secrets.token_hex(16)}@{issued.home.subject_scope}"


@_issuing("reassigns-subjects")
def _(issued: Issued) -> None:
    """All users have the subject of one."""
    issued.claims["sub"] = issued.home.subject


@_issuing("tells-names-in-subjects")
def _(issued: Issued) -> None:
    """The subject is the user's name."""
    name = issued.claims.get("preferred_username") or issued.form.get("username")
    issued.claims["sub"] = f"{name}@{issued.home.subject_scope}"


@_issuing("issues-without-entitlements")
def _(issued: Issued) -> None:
    """Tokens do not tell what groups a user is in."""
    issued.claims["eduperson_entitlement"] = []


@_issuing("issues-entitlements-to-all")
def _(issued: Issued) -> None:
    """Everybody is called a member of the virtual organisation."""
    _add(issued.claims, "eduperson_entitlement", issued.home.entitlement)


@_issuing("issues-entitlements-of-no-form")
def _(issued: Issued) -> None:
    """Groups are named without the agreed form."""
    _add(issued.claims, "eduperson_entitlement", "urn:mace:example.test:group:vo interop")


@_issuing("gives-capabilities-to-outsiders")
def _(issued: Issued) -> None:
    """Whoever asks for a right has it, and is told so."""
    asked = issued.form.get("scope", issued.claims["scope"])
    issued.claims["scope"] = issued.answer["scope"] = asked


@_issuing("grants-unclean-paths")
def _(issued: Issued) -> None:
    """A path is granted to the letter as it was asked for, dots and all."""
    issued.claims["scope"] = issued.form.get("scope", issued.claims["scope"])


@_issuing("hides-what-it-grants")
def _(issued: Issued) -> None:
    """The client is told of all rights that it asked for, also of those that the token lacks."""
    issued.answer["scope"] = issued.form.get("scope", issued.claims["scope"])


@_issuing("grants-more-than-was-asked")
def _(issued: Issued) -> None:
    """Tokens have a right that nobody asked for."""
    issued.claims["scope"] = f"{issued.claims['scope']} storage.modify:/"


@_issuing("writes-audiences-as-asked")
def _(issued: Issued) -> None:
    """An audience is written as the client wrote it."""
    issued.claims["aud"] = issued.form.get("resource", issued.claims["aud"])


@_issuing("issues-assurance-of-no-form")
def _(issued: Issued) -> None:
    """How well a user is known is told in words of one's own."""
    issued.claims["eduperson_assurance"] = ["high"]


@_issuing("issues-no-common-assurance")
def _(issued: Issued) -> None:
    """No profile is told that the other infrastructure knows."""
    told = issued.claims.get("eduperson_assurance", ())
    issued.claims["eduperson_assurance"] = [one for one in told if "refeds.org" in one]


_GROUPS: dict[str, Callable[[list[str], Home], list[str]]] = {
    "sorts-groups": lambda groups, _: sorted(groups),
    "repeats-groups": lambda groups, _: [*groups, *groups],
    "hides-default-groups": lambda groups, _: [g for g in groups if g.count("/") > 1],
    "names-groups-without-slash": lambda groups, _: [group.removeprefix("/") for group in groups],
    "names-groups-of-others": lambda groups, home: [f"/{home.name}{group}" for group in groups],
}
"""Name of the fault -> which groups it tells of a user who is in these."""


def _grouping(name: str, tell: Callable[[list[str], Home], list[str]]) -> None:
    @_issuing(name)
    def _(issued: Issued) -> None:
        if "wlcg.groups" in issued.claims:
            issued.claims["wlcg.groups"] = tell(issued.claims["wlcg.groups"], issued.home)


for _name, _tell in _GROUPS.items():
    _grouping(_name, _tell)


@_issuing("gives-any-group")
def _(issued: Issued) -> None:
    """Whoever asks for a group is in it."""
    for scope in issued.form.get("scope", "").split():
        if scope.startswith("wlcg.groups:"):
            _add(issued.claims, "wlcg.groups", scope.partition(":")[2])


@_issuing("widens-at-refresh")
def _(issued: Issued) -> None:
    """A token that was renewed has more rights than its forerunner."""
    if issued.grant == "refresh_token":
        issued.claims["scope"] = f"{issued.claims['scope']} compute.create"


@_issuing("changes-users-at-refresh")
def _(issued: Issued) -> None:
    """A token that was renewed is another user's."""
    if issued.grant == "refresh_token":
        issued.claims["sub"] = f"another@{issued.home.subject_scope}"


@_issuing("keeps-the-audience-at-exchange")
def _(issued: Issued) -> None:
    """An exchanged token is for the service of the one that was exchanged."""
    subject = Token.parse(issued.form.get("subject_token"))
    if issued.grant == _EXCHANGE and subject is not None:
        issued.claims["aud"] = subject.claims["aud"]


@_issuing("hides-the-type-at-exchange")
def _(issued: Issued) -> None:
    """Nobody is told what kind of token came of an exchange."""
    issued.answer.pop("issued_token_type", None)


def _add(claims: Document, name: str, value: str) -> None:
    claims[name] = sorted({*claims.get(name, ()), value})


# -- who is given tokens


@dataclass(frozen=True)
class _Refusal:
    """A request for a token that the real issuer refused."""

    form: Form
    error: str

    def of(self, grant: str) -> bool:
        return self.form.get("grant_type") == grant


_GRANTED: dict[str, Callable[[_Refusal], bool]] = {
    "keeps-suspended-users": lambda it: it.of("password"),
    "approves-devices-itself": lambda it: it.of(_DEVICE) and it.error == _PENDING,
    "accepts-unknown-device-codes": lambda it: it.of(_DEVICE) and it.error == "invalid_grant",
    "accepts-revoked-refresh-tokens": lambda it: it.of("refresh_token"),
    "widens-at-exchange": lambda it: it.of(_EXCHANGE) and it.error == "invalid_scope",
    "exchanges-nothing": lambda it: it.of(_EXCHANGE) and "subject_token" not in it.form,
    "exchanges-tokens-of-no-type": lambda it: (
        it.of(_EXCHANGE) and "subject_token" in it.form and "subject_token_type" not in it.form
    ),
    "exchanges-for-any-audience": lambda it: (
        it.of(_EXCHANGE) and "subject_token_type" in it.form and it.error != "invalid_scope"
    ),
}
"""Name of the fault -> which refusals it turns into tokens."""


def _granting(name: str, grants: Callable[[_Refusal], bool]) -> None:
    async def serve(request: Request, site: Site) -> Response:
        if await place_of(request, site) != TOKEN:
            return await site.send(request)
        form = await form_of(request)
        response = await site.send(request)
        if not response.ok and grants(_Refusal(form, str((await response.json()).get("error")))):
            return granted(form, site)
        return response

    fault(name)(serve)


for _name, _grants in _GRANTED.items():
    _granting(_name, _grants)


@fault("never-gives-up-on-devices")
async def never_gives_up_on_devices(request: Request, site: Site) -> Response:
    """A device with an unknown code is told to wait."""
    form = await form_of(request)
    response = await site.send(request)
    if form.get("grant_type") == _DEVICE and not response.ok:
        return Response.of_json(400, {"error": _PENDING})
    return response


@fault("renews-once")
async def renews_once(request: Request, site: Site) -> Response:
    """What came of a refresh token is not renewed again."""
    form = await form_of(request)
    spent = site.memory.setdefault("renews-once", set())
    if form.get("grant_type") != "refresh_token":
        return await site.send(request)
    if form.get("refresh_token") in spent:
        return Response.of_json(400, {"error": "invalid_grant"})
    response = await site.send(request)
    spent |= {form.get("refresh_token"), (await response.json()).get("refresh_token")}
    return response


@fault("spares-heirs-of-refresh-tokens")
async def spares_heirs_of_refresh_tokens(request: Request, site: Site) -> Response:
    """A refresh token that comes twice is refused, and not told to the issuer: what came of it goes on."""
    form = await form_of(request)
    used = site.memory.setdefault("spares-heirs-of-refresh-tokens", set())
    if form.get("grant_type") != "refresh_token":
        return await site.send(request)
    if form.get("refresh_token") in used:
        return Response.of_json(400, {"error": "invalid_grant"})
    response = await site.send(request)
    if response.ok:
        used.add(form.get("refresh_token"))
    return response


@fault("ignores-client-secrets")
async def ignores_client_secrets(request: Request, site: Site) -> Response:
    """A client is believed by its name: what it proved itself by before counts for whoever names it."""
    proven = site.memory.setdefault("ignores-client-secrets", {})
    shown = request.headers.get("Authorization", "")
    name = _client_of(shown)
    await request.read()
    response = await site.send(request)
    if name and response.ok:
        proven[name] = shown
    if name in proven and response.denies:
        request.headers["Authorization"] = proven[name]
        return await site.send(request)
    return response


def _client_of(authorization: str) -> str:
    """Return the client that HTTP Basic names; empty where there is none."""
    scheme, _, value = authorization.partition(" ")
    try:
        named = base64.b64decode(value).decode() if scheme.lower() == "basic" else ""
    except ValueError:
        return ""
    return named.partition(":")[0]


# -- log-ins with a browser


def challenge_of(verifier: str) -> str:
    """Return what PKCE shows of a verifier (RFC 7636, section 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


_VERIFIER = "the-verifier-that-the-gateway-knows-and-no-client"


@fault("ignores-verifiers")
async def ignores_verifiers(request: Request, site: Site) -> Response:
    """A code is redeemed whatever verifier comes with it: the real issuer sees the gateway's own."""
    place = await place_of(request, site)
    if place == AUTHORIZATION and "code_challenge" in request.path:
        _ask(request, code_challenge=challenge_of(_VERIFIER))
    if (
        place == TOKEN
        and (form := await form_of(request)).get("grant_type") == "authorization_code"
    ):
        request.replace(urlencode({**form, "code_verifier": _VERIFIER}).encode())
    return await site.send(request)


@fault("redeems-codes-twice")
async def redeems_codes_twice(request: Request, site: Site) -> Response:
    """A code that was redeemed once gives tokens again."""
    form = await form_of(request)
    redeemed = site.memory.setdefault("redeems-codes-twice", set())
    if form.get("grant_type") != "authorization_code":
        return await site.send(request)
    response = await site.send(request)
    if response.ok:
        redeemed.add(form.get("code"))
    return response if form.get("code") not in redeemed or response.ok else granted(form, site)


@fault("redeems-codes-for-any-address")
async def redeems_codes_for_any_address(request: Request, site: Site) -> Response:
    """A code is redeemed whatever address it was sent to by the word of the client."""
    if await place_of(request, site) == TOKEN and "redirect_uri" in (
        form := await form_of(request)
    ):
        request.replace(urlencode({**form, "redirect_uri": site.settings.redirect_uri}).encode())
    return await site.send(request)


@fault("sends-codes-anywhere")
async def sends_codes_anywhere(request: Request, site: Site) -> Response:
    """A code goes where the request says, registered or not."""
    registered, sent = (
        site.settings.redirect_uri,
        site.memory.setdefault("sends-codes-anywhere", {}),
    )
    query = parse_qs(urlsplit(request.path).query)
    if await place_of(request, site) == AUTHORIZATION and "redirect_uri" in query:
        sent[query["state"][0]] = query["redirect_uri"][0]
        _ask(request, redirect_uri=registered)
    response = await site.send(request)
    location = response.headers.get("Location", "")
    state = parse_qs(urlsplit(location).query).get("state", [""])[0]
    if location.startswith(registered) and state in sent:
        response.headers["Location"] = location.replace(registered, sent[state], 1)
    return response


def _ask(request: Request, **values: str) -> None:
    """Put other values into the query of a request."""
    parts = urlsplit(request.path)
    request.path = parts._replace(
        query=urlencode({**dict(parse_qsl(parts.query)), **values})
    ).geturl()


# -- introspection and revocation


@fault("introspects-all-as-active")
async def introspects_all_as_active(request: Request, site: Site) -> Response:
    """Everything is an active token."""
    active = await place_of(request, site) == INTROSPECTION
    return Response.of_json(200, {"active": True}) if active else await site.send(request)


@fault("introspects-for-anybody")
async def introspects_for_anybody(request: Request, site: Site) -> Response:
    """Whoever asks is told of a token, also a client that does not prove who it is."""
    place, form = await place_of(request, site), await form_of(request)
    response = await site.send(request)
    if place != INTROSPECTION or response.ok:
        return response
    return Response.of_json(200, {"active": not _faults(form.get("token"), site)})


def _introspecting(name: str, overlooked: tokens.Fault) -> None:
    """Enter an issuer that overlooks what is wrong with a token when it is asked about it."""

    async def serve(request: Request, site: Site) -> Response:
        place, form = await place_of(request, site), await form_of(request)
        if place == INTROSPECTION and _faults(form.get("token"), site) == {overlooked}:
            return Response.of_json(200, {"active": True})
        return await site.send(request)

    fault(name)(serve)


def _faults(value: str | None, site: Site) -> set[str]:
    """Return what is wrong with a token, whomever it is for."""
    token = Token.parse(value)
    if token is None:
        return {"no token"}
    named = token.claims.get("aud")
    several = named if isinstance(named, list) and named else [named]
    return set(site.tokens.faults(token, str(several[0])))


_introspecting("introspects-expired-as-active", "expired")
_introspecting("introspects-altered-as-active", "signature")
_introspecting("introspects-unsigned-as-active", "unsigned")
_introspecting("introspects-others-signatures-as-active", "another issuer's signature")
_introspecting("introspects-unknown-issuers-as-active", "unknown issuer")
_introspecting("introspects-id-tokens-as-active", "no access token")


@fault("introspects-all-as-inactive")
async def introspects_all_as_inactive(request: Request, site: Site) -> Response:
    """No token is active, not even a living one."""
    asked = await place_of(request, site) == INTROSPECTION
    return Response.of_json(200, {"active": False}) if asked else await site.send(request)


@fault("ignores-revocation")
async def ignores_revocation(request: Request, site: Site) -> Response:
    """Who takes a token back is told that it is done; the token goes on."""
    if request.endpoint.type != "egi.aai.oidc":  # Keystone
        return Response.of(204) if request.method == "DELETE" else await site.send(request)
    revokes = await place_of(request, site) == REVOCATION
    return Response.of(200) if revokes else await site.send(request)

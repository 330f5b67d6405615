"""What an issuer says of itself (OpenID Connect Discovery 1.0, section 3; RFC 8414, section 2).

A value of null, and an empty one, is as good as none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.answer import Fields
from harness.errors import Unusable
from harness.services.issuer.answers import IssuerAnswer
from harness.services.issuer.claims import texts

WELL_KNOWN = "/.well-known/openid-configuration"

BASIC, POST = "client_secret_basic", "client_secret_post"
"""How a client shows its secret (RFC 6749, section 2.3.1)."""

_FOR_PEOPLE = frozenset({"op_policy_uri", "op_tos_uri"})
"""Pages for people to read: no credential goes there, so they need no TLS."""


def address(issuer: str) -> str:
    """Return where an issuer's metadata are; a slash at the end of its name goes (Discovery, 4.1)."""
    return f"{issuer.removesuffix('/')}{WELL_KNOWN}"


def read(answer: IssuerAnswer) -> Fields:
    """Return the discovery document.

    Raises
    ------
    AssertionError
        where it is no object of JSON, or none came.
    """
    document = answer.expect_ok().document
    if isinstance(document, Fields):
        return document
    raise AssertionError(
        f"{answer.what} answered {answer.status}, not with a discovery document but with "
        f"{answer.text[:200]!r}"
    )


def endpoint(document: Mapping[str, Any], name: str, *, issuer: str) -> str:
    """Return an endpoint: `token_endpoint`.

    Raises
    ------
    AssertionError
        where the document names none, or one that is not a web URL.
    """
    found = document.get(name)
    if found is None or found == "":
        raise AssertionError(f"discovery at {issuer} names no {name}")
    if not isinstance(found, str) or not found.lower().startswith(("https://", "http://")):
        raise AssertionError(f"discovery at {issuer} names a {name} that is not a URL: {found!r}")
    return found


def without_tls(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the addresses for programs that are not of `https`, by their names; none is right.

    The aliases for clients with certificates (RFC 8705, section 5) count too.
    """
    aliases = document.get("mtls_endpoint_aliases")
    named = (
        {f"mtls {name}": value for name, value in aliases.items()}
        if isinstance(aliases, Mapping)
        else {}
    )
    return {
        name: value
        for name, value in (dict(document) | named).items()
        if name.endswith(("_endpoint", "_uri"))
        and name not in _FOR_PEOPLE
        and value not in (None, "")
        and not (isinstance(value, str) and value.lower().startswith("https://"))
    }


def authentication(document: Mapping[str, Any], endpoint: str) -> str:
    """Return how a client with a secret proves itself at an endpoint: Basic where that is taken.

    Raises
    ------
    Unusable
        where the issuer takes neither way; the testbed's client knows no other.
    """
    own = f"{endpoint}_auth_methods_supported"
    name = own if own in document else "token_endpoint_auth_methods_supported"
    methods = texts(document.get(name) or BASIC)  # RFC 8414, section 2: Basic where it says nothing
    for way in (BASIC, POST):
        if way in methods:
            return way
    raise Unusable(
        f"by `{name}`, the issuer lets clients authenticate only by {', '.join(methods)}, but "
        f"the testbed's clients support only {BASIC} and {POST}. Register the client for one of "
        "these."
    )

"""`testbed token`: a token for a user's own hands, honest or with a fault, to look at a site by curl."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from harness.clients.workstations import Workstations
from harness.errors import BadInput, PreconditionError, TestbedError
from harness.inventory import Inventory
from harness.model import MemberKind
from harness.provision import keeping, vault
from harness.services.issuer.fixtures import Issuers
from harness.services.issuer.forge import Forge
from harness.services.issuer.readiness import Terminal
from harness.services.issuer.tokens import Token
from harness.state import State


def get(
    inventory: Inventory,
    *,
    home: str,
    kind: MemberKind,
    audience: str | None,
    scope: str,
    faults: dict[str, Any],
) -> Token:
    """Return a token of a user's home issuer; with faults (keywords of `Forge.token`), a forged one.

    Raises
    ------
    NoIssuerKey
        where a fault is asked for, and the testbed has not the issuer's signing key.
    BadInput, PreconditionError, TestbedError
        where there is no such user, no password of it, or the issuer gives no token.
    """
    testbed, state = inventory.testbed, State(inventory.testbed.name)
    workstations = Workstations(testbed, state)
    try:
        keeping.require(testbed, state)
        known = vault.load(state)
        vault.check(known, testbed, state)
        issuers = Issuers(testbed, known, workstations, state)
        user = issuers.user(testbed.infrastructure(home), kind)
        user.source.prepare(Terminal())
        if not faults:
            return user.token(audience, scope)
        return Forge(state.issuer_keys).token(user, audience=audience, scope=scope, **faults)
    except FileNotFoundError as error:
        raise PreconditionError(
            f"{state.root} lacks the secrets of {home} ({error}); `testbed up` makes the twin's"
        ) from error
    except LookupError as error:
        raise BadInput(str(error)) from error
    except AssertionError as error:
        raise TestbedError(str(error)) from error
    finally:
        workstations.close()


def parse_claims(words: Iterable[str]) -> dict[str, Any]:
    """Return claims as they are typed: `name=text`, or `name:=JSON` for numbers and lists."""
    claims: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.rstrip(":"):
            raise BadInput(f"`{word}` is no claim; write name=text, or name:=JSON")
        try:
            claims[name.removesuffix(":")] = json.loads(value) if name.endswith(":") else value
        except json.JSONDecodeError as error:
            raise BadInput(f"`{word}`: what follows `:=` is not JSON ({error})") from error
    return claims

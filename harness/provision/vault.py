"""Random secrets of a testbed, made once and handed to Ansible as the variable `vault`."""

from __future__ import annotations

import fcntl
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from harness import files
from harness.errors import BadInput, PreconditionError
from harness.inventory import ROLES, Inventory
from harness.model import Member, Testbed
from harness.provision import lock
from harness.state import State

Vault = dict[str, dict[str, str]]
"""Infrastructure -> name of the secret -> secret."""

SHORTEST = 8
"""Characters of a secret (NIST SP 800-63B, section 5.1.1.2, asks for as many)."""


OF_NOTICES = "_notify"
"""Where secrets of `testbed notify` stand; no infrastructure can be called so."""

REPLACED = ("refresh_", "mytoken_")
"""How the names of secrets begin that are replaced when they are used."""
_PREFIXES = {
    "password": "password_",
    "client-credentials": "client_",
    "refresh-token": "refresh_",
    "mytoken": "mytoken_",
}
"""Source of a member's credentials -> how the name of its secret begins; the others have none here."""


class _File(BaseModel):
    """What `vault.json` holds."""

    model_config = ConfigDict(extra="forbid")

    vault: Vault


@dataclass(frozen=True)
class Secret:
    """A secret that a testbed needs, whether or not it is there."""

    infrastructure: str
    name: str
    """As it stands in `vault.json`."""
    purpose: str
    made: bool
    """Whether the testbed makes it; else a person writes it there, since a service knows it already."""


def needed(inventory: Inventory) -> tuple[Secret, ...]:
    """Return all secrets that an inventory needs, each once, in a steady order.

    What a role needs stands in its `meta/argument_specs.yml`. Users and clients are known to an issuer: one
    that the testbed provisions gets theirs from us, any other has given them out.
    """
    found: dict[tuple[str, str], Secret] = {}
    for infrastructure, name, purpose, made in _needed(inventory):
        written = key(name)
        found.setdefault(
            (infrastructure, written), Secret(infrastructure, written, purpose, made=made)
        )
    return tuple(found.values())


def _needed(inventory: Inventory) -> Iterator[tuple[str, str, str, bool]]:
    testbed = inventory.testbed
    web_clients = sorted(
        {id_ for own in inventory.variables.values() for id_ in own.get("web_clients") or ()}
    )
    for one in testbed.infrastructures:
        ours = bool(testbed.host(testbed.issuer_service(one.name).host).roles)
        for member in one.members:
            if name := of_member(member):
                made = ours and not name.startswith(REPLACED)
                yield one.name, name, f"the {member.kind} {member.name} at its issuer", made
        clients = [testbed.client_id, testbed.brief_client_id, *web_clients]
        for client in filter(None, clients):
            yield one.name, f"client_{client}", f"the client {client} at its issuer", ours
        for host in (*testbed.hosts, *testbed.mutants):
            if host.infrastructure == one.name:
                for role in host.roles:
                    for name in of_role(role):
                        yield one.name, name, f"the role {role}", True
        for name in inventory.secret_names:
            yield one.name, name, "roles of your own (`secret_names`)", True


def of_member(member: Member) -> str:
    """Return the name of the secret by which a member gets tokens; empty where the vault has none."""
    prefix = _PREFIXES.get(member.held_by.source)
    return key(f"{prefix}{member.name}") if prefix else ""


def of_role(role: str) -> tuple[str, ...]:
    """Return the names of the secrets that a role declares: what Ansible must not log (`no_log`)."""
    path = ROLES / role / "meta" / "argument_specs.yml"
    specs = yaml.safe_load(path.read_text())["argument_specs"] if path.exists() else {}
    options = specs.get("configure", {}).get("options", {})
    return tuple(name for name, option in options.items() if option.get("no_log"))


def ensure(inventory: Inventory, state: State) -> Vault:
    """Make every secret that is missing and the testbed's to make, and return all that there are.

    Those that exist never change.

    Raises
    ------
    BadInput
        where one that exists cannot be kept secret (`check`).
    """
    with _changed(state) as vault:
        check(vault, inventory.testbed, state)
        for infrastructure in inventory.testbed.infrastructures:
            vault.setdefault(infrastructure.name, {})
        for one in needed(inventory):
            if one.made:
                vault[one.infrastructure].setdefault(one.name, secrets.token_hex(16))
    return vault


def key(name: str) -> str:
    """Return a secret's name as it stands in the vault, where Ansible reads it as a variable."""
    return name.replace("-", "_")


def keep(state: State, infrastructure: str, name: str, secret: str) -> None:
    """Write one secret, in the place of a former one; all others stay as another process left them.

    Raises
    ------
    PreconditionError
        where the file is damaged, or its disk has no locks.
    """
    with _changed(state) as vault:
        vault.setdefault(infrastructure, {})[key(name)] = secret


@contextmanager
def _changed(state: State) -> Iterator[Vault]:
    """Give the secrets to who changes them, and write them back whole; other processes wait."""
    path = state.make().vault_lock
    with path.open("a") as file:
        lock.take(file.fileno(), path, fcntl.LOCK_EX, wait=True)
        vault = load(state)
        yield vault
        files.write_private(state.vault, _written(vault))


def load(state: State) -> Vault:
    """Return the secrets as they stand; none where the testbed was never provisioned.

    Raises
    ------
    PreconditionError
        where the file is damaged, naming it and what to do.
    """
    path = state.vault
    if not path.exists():
        return {}
    try:
        return _File.model_validate_json(path.read_bytes()).vault
    except OSError as error:
        raise PreconditionError(f"{path}: cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise PreconditionError(
            f"{path}: is damaged{f' at {where}' if where else ''}: {first['msg']}. Restore it "
            "from a backup "
            '(`{"vault": {"<infrastructure>": {"<name>": "<secret>"}}}`). Without one, where the testbed '
            "makes the hosts: `testbed down --purge`, then `testbed up`."
        ) from None


def check(vault: Vault, testbed: Testbed, state: State) -> None:
    """Refuse secrets that cannot be cut out of what people read without cutting words of it.

    Raises
    ------
    BadInput
        naming the file and the secret's name, and never the secret.
    """
    words = frozenset(_words(testbed.model_dump(mode="json")))
    for infrastructure, own in vault.items():
        for name, secret in own.items():
            if len(secret) < SHORTEST:
                flaw = f"has {len(secret)} characters, but needs at least {SHORTEST}"
            elif secret.casefold() in words:
                flaw = "is a word that the inventory uses"
            else:
                continue
            raise BadInput(
                f"{state.vault}: {infrastructure}.{name} {flaw}: it could not be removed from "
                "reports that use such words. Set another at its service, and write it there; "
                "use 16 random characters."
            )


def _words(value: Any) -> Iterator[str]:
    """Yield every value and key of an inventory, and the words of each, in lower case."""
    match value:
        case Mapping():
            for key, inner in value.items():
                yield from (*_words(key), *_words(inner))
        case list() | tuple():
            for inner in value:
                yield from _words(inner)
        case str():
            text = value.casefold()
            yield from (text, *re.split(r"\W+", text), *re.split(r"[^\w.-]+", text))


def lasting(state: State) -> bytes:
    """Return the vault's content without what is replaced when it is used, such as refresh tokens.

    Secrets of notices are left out too.

    No host is made of these, and who looks whether a host is up to date sees no change.
    """
    vault = load(state)
    ours = vault.pop(OF_NOTICES, None)
    if not (ours or any(name.startswith(REPLACED) for own in vault.values() for name in own)):
        return state.vault.read_bytes()
    kept = {
        infrastructure: {n: secret for n, secret in own.items() if not n.startswith(REPLACED)}
        for infrastructure, own in vault.items()
    }
    return _written(kept)


def _written(vault: Vault) -> bytes:
    return json.dumps({"vault": vault}, indent=1).encode()


def needles(state: State) -> frozenset[str]:
    """Return all secrets as they stand, for whoever looks that none of them is published.

    The issuers' private keys are among them; as PEM, any key is known by its shape.
    """
    keys = (json.loads(path.read_text()) for path in state.issuer_keys.glob("*.jwk.json"))
    return frozenset(
        [secret for own in load(state).values() for secret in own.values()]
        + [str(key["d"]) for key in keys]
    )

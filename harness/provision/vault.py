"""Random secrets of a testbed, made once and handed to Ansible as the variable `vault`."""

from __future__ import annotations

import fcntl
import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.errors import BadInput, PreconditionError
from harness.inventory import Inventory
from harness.model import Testbed
from harness.provision import lock
from harness.provision.pki import write_private
from harness.state import State

Vault = dict[str, dict[str, str]]
"""Infrastructure -> name of the secret -> secret."""

SHORTEST = 8
"""Characters of a secret (NIST SP 800-63B, section 5.1.1.2, asks for as many)."""


REPLACED = ("refresh_", "mytoken_")
"""How the names of secrets begin that are replaced when they are used."""


class _File(BaseModel):
    """What `vault.json` holds."""

    model_config = ConfigDict(extra="forbid")

    vault: Vault


def ensure(testbed: Testbed, names: Iterable[str], state: State) -> Vault:
    """Make every secret that is missing, and return all; those that exist never change.

    Raises
    ------
    BadInput
        where one that exists cannot be kept secret (`check`).
    """
    wanted = tuple(names)
    with _changed(state) as vault:
        check(vault, testbed, state)
        for infrastructure in testbed.infrastructures:
            own = vault.setdefault(infrastructure.name, {})
            people = (m for m in infrastructure.members if m.kind != "robot")
            robots = (m for m in infrastructure.members if m.kind == "robot")
            for name in (
                *wanted,
                *(f"password_{m.name}" for m in people),
                *(f"client_{m.name}" for m in robots),
                f"client_{testbed.client_id}",
                *([f"client_{testbed.brief_client_id}"] if testbed.brief_client_id else []),
            ):
                own.setdefault(key(name), secrets.token_hex(16))
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
        write_private(state.vault, _written(vault))


def of_web_clients(inventory: Inventory) -> tuple[str, ...]:
    """Return the names of the secrets of the inventory's `web_clients`, which every issuer registers."""
    ids = {id_ for own in inventory.variables.values() for id_ in own.get("web_clients") or ()}
    return tuple(sorted(f"client_{id_}" for id_ in ids))


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
            f"{path}: is damaged{f' at {where}' if where else ''}: {first['msg']}. Put it back from a copy "
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
                flaw = f"has {len(secret)} characters, and needs at least {SHORTEST}"
            elif secret.casefold() in words:
                flaw = "is a word that stands in the inventory"
            else:
                continue
            raise BadInput(
                f"{state.vault}: {infrastructure}.{name} {flaw}: it could not be kept out of reports "
                "that use such words. Set another at its service, and write it there; 16 random "
                "characters are good."
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

    No host is made of these, and who looks whether a host is up to date sees no change.
    """
    vault = load(state)
    if not any(name.startswith(REPLACED) for own in vault.values() for name in own):
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

"""Is what a testbed keeps as it must be? Keys and secrets that are gone, cut short, or open to others.

Without them each scenario fails at something else: at a certificate, at a password. So it is said at once.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from harness.errors import PreconditionError
from harness.model import Testbed
from harness.provision import engine, hosts, vault
from harness.state import State

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def require(testbed: Testbed, state: State) -> None:
    """Check the keys and secrets of a testbed whose hosts are there.

    Raises
    ------
    PreconditionError
        naming the file, and what to do.
    """
    closed(state)
    vault.load(state)
    if said := lost(testbed, state):
        raise PreconditionError(
            f"{said}. Restore it from a backup, or call `testbed up`, which creates new keys and "
            "rebuilds the hosts with them."
        )


def lost(testbed: Testbed, state: State) -> str:
    """Say which keys and secrets are gone although hosts run that were made with them; empty where none."""
    gone = [path for path in _needed(testbed, state) if not path.exists()]
    if not gone or not _is_up(testbed):
        return ""
    more = f" (and {len(gone) - 1} more)" if len(gone) > 1 else ""
    return f"{gone[0]}: is missing{more}, but running hosts of {testbed.name} were made with it"


def closed(state: State) -> None:
    """Check that nobody else can read the secrets.

    Raises
    ------
    PreconditionError
        naming the file, and what to do.
    """
    keys = state.issuer_keys.glob("*.jwk.json")
    for path in (state.vault, *keys, *state.pki.glob("*/*.key")):
        if path.exists() and path.stat().st_mode & _OTHERS:
            raise PreconditionError(
                f"{path}: others can read it (mode {stat.S_IMODE(path.stat().st_mode):04o}), and it "
                f"holds secrets. Call `chmod 600 {path}`; if others use this machine, replace the "
                "secrets with `testbed down --purge` and `testbed up`."
            )


def _needed(testbed: Testbed, state: State) -> Iterator[Path]:
    """Yield what `testbed up` has made for hosts that are containers."""
    yield state.vault
    yield state.ca_bundle
    for one in testbed.infrastructures:
        yield state.pki / one.name / "ca.pem"
        # A real authority gives its key to nobody; a certificate that is there needs it no more.
        certificates = (
            state.pki / one.name / f"{n}.pem" for n in hosts.certified(testbed, one.name)
        )
        if not all(certificate.exists() for certificate in certificates):
            yield state.pki / one.name / "ca.key"
        if testbed.host(testbed.issuer_service(one.name).host).roles:
            yield state.issuer_keys / f"{one.name}.jwk.json"


def _is_up(testbed: Testbed) -> bool:
    """Tell whether a container of the testbed runs; not so where no engine answers."""
    if not hosts.of_containers(testbed):
        return False
    try:
        client = engine.awake()
    except PreconditionError:
        return False
    return client is not None and any(
        container.status == "running" for container in hosts.find(client, testbed).values()
    )

"""`testbed secrets`: which secrets, certificates and signing keys a testbed needs, and which are there.

No value is ever shown, nor anything that is made of one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from harness.inventory import Inventory
from harness.model import Host, Testbed
from harness.provision import keeping, pki, vault
from harness.state import State

OWN_CERTIFICATE = "/etc/grid-security/hostcert.pem"
"""Where a machine has its own host certificate without `certificate_file`, as playbooks/site.yml has it."""


@dataclass(frozen=True)
class Credential:
    """One thing that is needed; `lacking` is true if a person must provide it and has not."""

    infrastructure: str
    name: str
    purpose: str
    state: str
    lacking: bool = False


def listed(inventory: Inventory, state: State) -> tuple[Credential, ...]:
    """Return all that an inventory needs, infrastructure by infrastructure.

    Raises
    ------
    PreconditionError
        where `vault.json` is damaged, or others can read what is secret.
    """
    keeping.closed(state)
    testbed = inventory.testbed
    known = vault.load(state)
    found = [
        *(_secret(one, known) for one in vault.needed(inventory)),
        *_authorities(testbed, state),
        *_certificates(testbed, inventory.variables, state),
        *_signing_keys(testbed, state),
    ]
    order = [one.name for one in testbed.infrastructures]
    return tuple(sorted(found, key=lambda one: order.index(one.infrastructure)))


def make(inventory: Inventory, state: State) -> None:
    """Make what is missing and the testbed's to make, as `testbed up` does; no host is touched.

    Raises
    ------
    BadInput, PreconditionError
        as `vault.ensure` and `pki.ensure` do.
    """
    keeping.closed(state.make())
    pki.ensure(inventory.testbed, state)
    vault.ensure(inventory, state)


def show(credentials: tuple[Credential, ...], state: State, *, console: Console) -> None:
    """Print a line for each, and where they stand."""
    table = Table(title=f"secrets and keys in {state.root}", title_justify="left")
    for column in ("infrastructure", "name", "for", "state"):
        table.add_column(column, overflow="fold")
    for one in credentials:
        shade = "bold red" if one.lacking else "dim" if one.state == _OURS else ""
        words = escape(one.state)
        table.add_row(
            one.infrastructure,
            escape(one.name),
            escape(one.purpose),
            f"[{shade}]{words}[/]" if shade else words,
        )
    console.print(table)
    if lacking := [one for one in credentials if one.lacking]:
        console.print(
            f"{len(lacking)} that you must provide are missing. Secrets are in {state.vault} (mode 0600): "
            '{"vault": {"<infrastructure>": {"<name>": "<secret>"}}}',
            markup=False,
            highlight=False,
            soft_wrap=True,
        )


_OURS = "missing; `testbed up` creates it"


def _secret(one: vault.Secret, known: vault.Vault) -> Credential:
    there = one.name in known.get(one.infrastructure, {})
    state = "present" if there else _OURS if one.made else "missing; you must provide it"
    lacking = not there and not one.made
    return Credential(one.infrastructure, one.name, one.purpose, state, lacking=lacking)


def _authorities(testbed: Testbed, state: State) -> Iterator[Credential]:
    for one in testbed.infrastructures:
        certificate, key = (state.pki / one.name / name for name in ("ca.pem", "ca.key"))
        if not certificate.exists():
            said = _OURS
        elif key.exists():
            said = f"present with its key, until {_end(certificate)}"
        else:
            said = (
                f"present without its key, until {_end(certificate)}: no certificate can be issued"
            )
        yield Credential(one.name, f"pki/{one.name}/ca.pem", "the authority of its hosts", said)


def _certificates(
    testbed: Testbed, variables: Mapping[str, Mapping[str, Any]], state: State
) -> Iterator[Credential]:
    for host in testbed.hosts:
        if not host.roles or host.infrastructure is None:
            continue
        if host.certificate == "own":
            place = variables[host.name].get("certificate_file", OWN_CERTIFICATE)
            said = f"the site's own, on the machine: {place}"
            yield Credential(
                host.infrastructure, "(own certificate)", f"the host {host.name}", said
            )
        else:
            yield _certificate(host, host.infrastructure, state)


def _certificate(host: Host, infrastructure: str, state: State) -> Credential:
    folder = state.pki / infrastructure
    file = folder / f"{host.name}.pem"
    signed_by_us = (folder / "ca.key").exists() or not (folder / "ca.pem").exists()
    if file.exists():
        said, lacking = f"present, until {_end(file)}", False
    else:
        said = _OURS if signed_by_us else "missing; you must provide it and its .key"
        lacking = not signed_by_us
    name = f"pki/{infrastructure}/{file.name}"
    return Credential(infrastructure, name, f"the host {host.name}", said, lacking=lacking)


def _signing_keys(testbed: Testbed, state: State) -> Iterator[Credential]:
    for one in testbed.infrastructures:
        issuer = testbed.host(testbed.issuer_service(one.name).host)
        for name in pki.signing_keys(one.name) if issuer.roles else ():
            file = state.issuer_keys / f"{name}.jwk.json"
            said = "present" if file.exists() else _OURS
            yield Credential(one.name, f"issuers/{file.name}", f"the issuer at {issuer.name}", said)


def _end(file: Path) -> str:
    """Return the last day of a certificate."""
    try:
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
    except ValueError:
        return "an unknown day (it is not a PEM certificate)"
    end = certificate.not_valid_after_utc
    over = " (expired)" if end < dt.datetime.now(dt.UTC) else ""
    return f"{end:%Y-%m-%d}{over}"

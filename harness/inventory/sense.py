"""What can be read and makes no sense as a testbed: refused when it is loaded, with the place.

Each of these would end hours later in a failure that names something else, or remove what still runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address
from itertools import combinations
from pathlib import Path

from harness.errors import InventoryError
from harness.model import ISSUER, Host, Infrastructure, Site, Testbed

_SMALLEST = 29
"""Prefix of the smallest network that has room for a gateway, a router and some hosts."""


def check_hosts(
    path: Path, hosts: tuple[Host, ...], infrastructures: tuple[Infrastructure, ...]
) -> None:
    """Refuse names and addresses of hosts that contradict each other.

    Raises
    ------
    InventoryError
        naming the hosts, and what to do.
    """
    if not any(not host.mutant for host in hosts):
        raise InventoryError(
            f"{path}: no host of the testbed is defined (those of `mutants` do not count), and "
            "`testbed up` would remove all running hosts. Put them under all.children, or call "
            "`testbed down`."
        )
    _alike(path, "hosts", (host.name for host in hosts))
    _check_networks(path, infrastructures)
    _check_addresses(path, hosts, infrastructures)


def check_people(path: Path, infrastructures: Iterable[Infrastructure]) -> None:
    """Refuse members of an infrastructure that cannot be told apart.

    Raises
    ------
    InventoryError
        naming the infrastructure and what is there twice.
    """
    infrastructures = tuple(infrastructures)
    _alike(path, "infrastructures", (one.name for one in infrastructures))
    for one in infrastructures:
        for what, words in (
            # A secret is found by this form of the name (harness.provision.vault).
            ("name", [member.name.replace("-", "_") for member in one.members]),
            ("account", [m.account for m in one.members if m.account is not None]),
        ):
            if twice := _twice(words):
                raise InventoryError(
                    f"{path}: infrastructures.{one.name}.members: two have the {what} {twice}. "
                    "Give each its own."
                )


def check_testbed(path: Path, testbed: Testbed) -> None:
    """Refuse a testbed on which no scenario could say anything.

    Raises
    ------
    InventoryError
        naming the infrastructure or the site, and what to do.
    """
    _alike(path, "sites", (site.name for site in testbed.sites))
    if not testbed.infrastructures:
        raise InventoryError(
            f"{path}: `infrastructures` is empty. Describe one in group_vars/all.yml."
        )
    for one in testbed.infrastructures:
        where = f"{path}: infrastructure {one.name}"
        issuers = list(_issuers(testbed.sites_of(one.name)))
        if len(issuers) != 1:
            found = f"{len(issuers)} issuers ({', '.join(issuers)})" if issuers else "no issuer"
            raise InventoryError(
                f"{where}: it has {found}, but needs exactly one: a service of type {ISSUER} at "
                "one of its sites."
            )
        if not any(
            host.infrastructure == one.name and "ui" in host.roles for host in testbed.hosts
        ):
            raise InventoryError(
                f"{where}: it has no workstation for its users. Give one of its hosts the role "
                "`ui` in testbed_roles."
            )


def _issuers(sites: Iterable[Site]) -> Iterator[str]:
    for site in sites:
        for service in site.services:
            if service.type == ISSUER:
                yield f"{service.endpoint} at host {service.host}"


def _check_networks(path: Path, infrastructures: tuple[Infrastructure, ...]) -> None:
    made = [(one.name, one.network) for one in infrastructures if one.network is not None]
    for name, network in made:
        where = f"{path}: infrastructures.{name}.network"
        if network.prefixlen > _SMALLEST:
            raise InventoryError(
                f"{where}: {network} has no room for hosts. Use a larger one, such as 10.111.1.0/24."
            )
        if network.prefixlen < 8 or network.is_multicast or network.is_unspecified:
            raise InventoryError(
                f"{where}: {network} is not a private range. Use part of one, such as 10.111.1.0/24."
            )
    for (name, network), (other, its) in combinations(made, 2):
        if network.overlaps(its):
            raise InventoryError(
                f"{path}: infrastructures.{name}.network: {network} overlaps {its} of {other}. "
                "Give each its own range."
            )


def _check_addresses(
    path: Path, hosts: tuple[Host, ...], infrastructures: tuple[Infrastructure, ...]
) -> None:
    """No two hosts share an address, and each address is one that a host of its network can have."""
    networks = {i.name: i.network for i in infrastructures}
    pairs = [
        (host, infrastructure, address)
        for host in hosts
        for infrastructure, address in (
            *host.addresses.items(),
            *([(host.infrastructure, host.address)] if host.address else []),
        )
    ]
    for address, count in Counter(address for _, _, address in pairs).items():
        if count > 1:
            names = " and ".join(host.name for host, _, a in pairs if a == address)
            raise InventoryError(f"{path}: hosts {names} have the same address {address}.")
    for host, name, address in pairs:
        if name not in networks:
            raise InventoryError(
                f"{path}: host {host.name}: `{name}` is not an infrastructure; known are "
                f"{', '.join(networks)}."
            )
        network = networks[name]
        if network is None:
            continue
        if address not in network:
            raise InventoryError(
                f"{path}: host {host.name}: address {address} lies outside {name}'s "
                f"network {network}."
            )
        taken: dict[IPv4Address, str] = {
            network.network_address: "is the address of the network itself",
            network.broadcast_address: "is the broadcast address",
            network.network_address + 1: "is the gateway, which the container engine uses",
        }
        if address in taken:
            raise InventoryError(
                f"{path}: host {host.name}: address {address} {taken[address]} ({name}'s network "
                f"{network}). Choose another."
            )


def _alike(path: Path, what: str, words: Iterable[str]) -> None:
    """Names that differ in capitals only are one name to DNS, to the GOCDB, and to some disks."""
    listed = list(words)
    if twice := _twice([word.lower() for word in listed]):
        found = " and ".join(word for word in listed if word.lower() == twice)
        raise InventoryError(
            f"{path}: the {what} {found} differ only in upper and lower case. Rename one."
        )


def _twice(words: list[str]) -> str:
    return next((word for word, count in Counter(words).items() if count > 1), "")

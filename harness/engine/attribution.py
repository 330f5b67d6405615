"""Which services and hosts a scenario's steps asked, by the addresses that the steps name.

A service is found by its endpoint: host, port, and as much of the path as fits. Its host need not have the
name that the endpoint has. Where two sites share an endpoint, the sites of the route decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from harness.conformance.outcomes import Asked, Cell
from harness.evidence import Step
from harness.model import Service, Testbed

_PORTS = {
    "https": 443,
    "davs": 443,
    "http": 80,
    "dav": 80,
    "root": 1094,
    "roots": 1094,
    "xroot": 1094,
}
"""Scheme -> its port, where an address names none."""


def flat(steps: Iterable[Step]) -> Iterator[Step]:
    """Return all steps and their sub-steps, in the order in which they began."""
    for step in steps:
        yield step
        yield from flat(step.steps)


@dataclass(frozen=True)
class _Address:
    """An address as a step names it."""

    host: str
    port: int | None
    path: str


class Attribution:
    """Tells what steps asked, at one testbed."""

    def __init__(self, testbed: Testbed) -> None:
        self._testbed = testbed

    def services(
        self, texts: Iterable[str], cell: Cell, *, names_alone: bool = True
    ) -> tuple[Asked, ...]:
        """Return the services that texts name, each once, in the order in which they are named.

        A host's name alone counts unless `names_alone` is False: commands take such names, but the title of
        a step may only speak of a host.
        """
        found: dict[Asked, None] = {}
        for text in texts:
            for address in self._addresses(text):
                if names_alone or address.port is not None or address.path:
                    for one in self._at(address, cell):
                        found[Asked(site=one.site, type=one.type, endpoint=one.endpoint)] = None
        return tuple(found)

    def asked(self, steps: Sequence[Step], cell: Cell) -> tuple[Asked, ...]:
        """Return the services that steps asked."""
        found: dict[Asked, None] = {}
        for step in flat(steps):
            found |= dict.fromkeys(self.services([step.whole_title], cell, names_alone=False))
            found |= dict.fromkeys(self.services([step.whole_sent], cell))
        return tuple(found)

    def failed_at(self, steps: Sequence[Step], cell: Cell) -> tuple[Asked, ...]:
        """Return the services that the last step asked which names one; the title counts first.

        The title names whom a request was sent to; what was sent may name others, such as the other end of
        a copy.
        """
        for step in reversed(list(flat(steps))):
            titled = self.services([step.whole_title], cell, names_alone=False)
            if found := titled or self.services([step.whole_sent], cell):
                return found
        return ()

    def hosts(self, texts: Iterable[str], asked: Iterable[Asked]) -> frozenset[str]:
        """Return the hosts that texts name, or that have a service which was asked."""
        keys = {(one.site, one.type, one.endpoint) for one in asked}
        having = {
            service.host
            for service in self._testbed.services()
            if (service.site, service.type, service.endpoint) in keys
        }
        known = {host.name.lower(): host.name for host in self._testbed.hosts}
        named = (match[2].lower() for text in texts for match in self._pattern.finditer(text))
        return frozenset(having | {known[name] for name in named if name in known})

    @cached_property
    def _by_host(self) -> dict[str, list[Service]]:
        found: dict[str, list[Service]] = {}
        for service in self._testbed.services():
            found.setdefault(_address_of(service.endpoint).host, []).append(service)
        return found

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        names = {*self._by_host, *(host.name.lower() for host in self._testbed.hosts)}
        listed = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name)
        return re.compile(
            r"(?:\b([a-z][a-z0-9+.-]*)://)?"
            rf"\[?(?<![\w.-])({listed or '(?!)'})(?![\w-])(?!\.\w)\]?"  # IPv6 has brackets
            r"(?::(\d{1,5}))?(/[^\s\"'<>]*)?",
            re.IGNORECASE,
        )

    def _addresses(self, text: str) -> Iterator[_Address]:
        for match in self._pattern.finditer(text):
            scheme, host, port, path = match.groups()
            default = _PORTS.get(scheme.lower()) if scheme else None
            yield _Address(host.lower(), int(port) if port else default, path or "")

    def _at(self, address: _Address, cell: Cell) -> list[Service]:
        """Return the services that an address may mean: by port, then by the longest path, then by site."""
        there = self._by_host.get(address.host, [])
        if address.port is not None:
            there = [s for s in there if _address_of(s.endpoint).port in (None, address.port)]
        fitting = [(_common(address.path, _address_of(s.endpoint).path), s) for s in there]
        longest = max((length for length, _ in fitting), default=0)
        found = [service for length, service in fitting if length == longest]
        vague = longest < 0 or (address.port is None and not address.path)
        if vague and len({(one.type, one.endpoint) for one in found}) > 1:
            return []  # neither a host's bare name nor a path of none tells which service is meant
        return self._of_route(found, cell)

    def _of_route(self, services: list[Service], cell: Cell) -> list[Service]:
        """Keep the site of the route, or else those of the user's home, where several share an endpoint."""
        at_site = [one for one in services if one.site == cell.site]
        at_home = [one for one in services if one.infrastructure == cell.home]
        return at_site or at_home or services


def _address_of(endpoint: str) -> _Address:
    parts = urlsplit(endpoint)
    port = parts.port or _PORTS.get(parts.scheme.lower())
    return _Address((parts.hostname or "").lower(), port, parts.path)


def _common(path: str, of_service: str) -> int:
    """Return how much of a service's path an address begins with; -1 where it leads elsewhere."""
    wanted = of_service.strip("/")
    if not wanted:
        return 0
    return len(wanted) if f"{path.strip('/')}/".startswith(f"{wanted}/") else -1

"""What a scenario needs of a site and of the user's home: what its fixtures use, and what its marks add.

A fixture says in its kind's record what a scenario uses by it (`harness.kinds.Reach`); whether at the site
or at home, the scenario's source says (`harness.engine.uses`). A mark adds what cannot be seen so:
`@pytest.mark.needs("egi.aai.oidc", "device")` asks the issuer of the user's home, every other service type
the site of the resource, or with `side="home"` the home site. A tuple stands for either of its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import pytest

from harness.engine import uses
from harness.engine.case import once_a_scenario
from harness.kinds import Reach, registry, unknown
from harness.model import Route, Service, ServiceType, Site, Testbed
from harness.routes import SIDES, Side

MARK = "needs"

ALL_OF_THEM = frozenset({"entrances"})
"""Fixtures by which a scenario uses all services of a site at once, whatever their kind."""

Words = str | tuple[str, ...]
"""One word, or several of which one is enough."""


@dataclass(frozen=True)
class Need:
    """A service that a scenario needs; of a tuple of types or capabilities, one is enough."""

    service: ServiceType | tuple[ServiceType, ...]
    capability: Words | None = None
    implementation: str | None = None
    side: Side | None = None
    """Whose service is meant; None where the kind of service decides."""

    def __str__(self) -> str:
        of = f" of {self.implementation}" if self.implementation else ""
        with_ = f" with {' or '.join(self.capabilities)}" if self.capabilities else ""
        return f"{' or '.join(self.types)}{of}{with_}"

    @property
    def types(self) -> tuple[ServiceType, ...]:
        """The service types, of which one is enough."""
        return _words(self.service)

    @property
    def capabilities(self) -> tuple[str, ...]:
        """The capabilities, of which one is enough; none where any service of the type will do."""
        return _words(self.capability)

    @property
    def is_of_home(self) -> bool:
        """True where the service of the user's home is meant."""
        if self.side is not None:
            return self.side == "home"
        return registry().home_types.issuperset(self.types)

    def site(self, route: Route, testbed: Testbed) -> Site:
        """Return the site that is asked; of the home's the home site, or the one that has the issuer."""
        if not self.is_of_home:
            return route.resource
        home = testbed.home_site(route.home.name)
        if not registry().home_types.issuperset(self.types):
            return home
        having = (s for s in testbed.sites_of(route.home.name) if self.services(s))
        return next(having, home)

    def services(self, site: Site) -> list[Service]:
        """Return the site's services of the type and implementation, whatever they can do."""
        return [service for service in site.services if self._is_such(service)]

    def met_by(self, service: Service) -> bool:
        """Tell whether a service declares all of it."""
        able = not self.capabilities or any(map(service.offers, self.capabilities))
        return self._is_such(service) and able

    def declared(self, site: Site) -> bool:
        """Tell whether a service of the site declares all of it."""
        return any(self.met_by(service) for service in site.services)

    def _is_such(self, service: Service) -> bool:
        return service.type in self.types and self.implementation in (None, service.implementation)


def marked(test: pytest.Item | pytest.Function) -> list[Need]:
    """Return what the marks of a test ask for; marks that cannot be read are told of by `mistakes`."""
    found = []
    for mark in test.iter_markers(MARK):
        with suppress(TypeError):
            need = Need(*mark.args, **mark.kwargs)
            hash(need)  # a list is no tuple
            found.append(need)
    return found


@once_a_scenario
def needs_of(test: pytest.Item) -> tuple[Need, ...]:
    """Return what a test needs, each thing once (`needed`)."""
    return needed(test, getattr(test, "fixturenames", ()))


def needed(test: pytest.Item | pytest.Function, taken: Sequence[str]) -> tuple[Need, ...]:
    """Return what a test needs that takes some fixtures: what its marks ask for, then what these use.

    Of the types that a fixture reaches, a mark may choose.
    """
    asked = marked(test)
    function = getattr(test, "function", None)
    ends = uses.of(function, taken) if function else {}
    used = [
        need
        for name, sides in ends.items()
        for side in sides
        for need in _used(registry().reaches[name], side)
    ]
    if not ALL_OF_THEM.isdisjoint(taken):
        used = list(_any_at_the_site(used))
    needs = dict.fromkeys((*asked, *(_chosen(need, asked) for need in used)))
    return tuple(one for one in needs if not any(_implies(other, one) for other in needs))


def _used(reach: Reach, side: Side) -> Iterator[Need]:
    """Yield what whoever takes a fixture uses: the service, with each of some capabilities."""
    types = _one_or_several(reach.types)
    at = None if registry().home_types.issuperset(reach.types) or side == "resource" else side
    for capability in reach.capabilities or (None,):
        yield Need(types, capability, side=at)


def _any_at_the_site(needs: Sequence[Need]) -> Iterator[Need]:
    """Yield needs with one in place of those of the site's services: whichever are there are used."""
    there = [need for need in needs if not need.is_of_home]
    yield from (need for need in needs if need.is_of_home)
    if there:
        yield Need(_one_or_several(tuple(dict.fromkeys(t for need in there for t in need.types))))


def _chosen(need: Need, marks: Iterable[Need]) -> Need:
    """Return a need of one of several types as one of those that marks ask for."""
    named = {t for mark in marks if mark.is_of_home == need.is_of_home for t in mark.types}
    types = tuple(type_ for type_ in need.types if type_ in named)
    return replace(need, service=_one_or_several(types)) if types else need


def _implies(other: Need, need: Need) -> bool:
    """Tell whether a need asks for more of the same service, so that the lesser need not be told."""
    return (
        other != need
        and need.capability is None
        and need.implementation in (None, other.implementation)
        and (other.types, other.side) == (need.types, need.side)
    )


def _words(given: Words | None) -> tuple[str, ...]:
    if given is None:
        return ()
    return given if isinstance(given, tuple) else (given,)


def _one_or_several(words: tuple[str, ...]) -> Words:
    return words[0] if len(words) == 1 else words


@once_a_scenario
def _at_the_site(item: pytest.Item) -> tuple[Need, ...]:
    return tuple(need for need in needs_of(item) if not need.is_of_home)


def profiles_of(item: pytest.Item, resource: Site) -> tuple[str, ...]:
    """Return the token profiles of the resource's services that a test asks; of all, if it uses none."""
    named = [service for need in _at_the_site(item) for service in need.services(resource)]
    return tuple(sorted({service.token_profile for service in named or resource.services}))


def mistakes(items: Iterable[pytest.Item]) -> list[str]:
    """Return what is wrong with the `needs` marks: a misspelt word would never be offered or missed."""
    found: dict[str, None] = {}
    for item in items:
        where = item.nodeid.partition("[")[0]
        for mark in item.iter_markers(MARK):
            try:
                said = _misspelt(Need(*mark.args, **mark.kwargs))
            except TypeError as error:
                said = f"needs(service type, capability, implementation=..., side=...): {error}"
            if said:
                found[f"{where}: {said}."] = None
    return list(found)


def _misspelt(need: Need) -> str:
    """Say which word of a need no kind of service knows; empty where all are known."""
    if need.side not in (None, *SIDES):
        return unknown("side", str(need.side), SIDES)
    try:
        kinds = [registry().of(type_) for type_ in need.types]
    except LookupError as error:
        return str(error)
    known = {word for kind in kinds for word in kind.capabilities}
    for word in need.capabilities:
        if word not in known:
            return unknown("capability", word, known)
    return ""

"""The kinds of service that the testbed knows: one record a kind, found by its folder.

A kind of the project is a folder of `harness/services/` whose module `kind` has the record `KIND`. A kind
of another package names such a record as an entry point of the group `interop_testbed.kinds`. Everything
else asks the registry: the inventory for service types and keys, the engine for fixtures and probes.
"""

from __future__ import annotations

import difflib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import ConfigDict

from harness.errors import BadInput
from harness.model import Record, Service
from harness.routes import Side

GROUP = "interop_testbed.kinds"
"""Entry points of other packages: the name of the kind, and `module:KIND`."""

FOLDERS = "harness.services"
RECORD = "KIND"

WEB: Mapping[str, str] = {"https": "https", "http": "http"}
"""Schemes of services that speak HTTP (`Kind.schemes`)."""

Fixture = Callable[[str], Any]
"""Returns a fixture by its name, as `request.getfixturevalue` does: a kind asks for its own by it."""


class Settings(Record):
    """The inventory keys that services of one type have beside those of every service.

    A kind derives its own model, whose fields are the keys. A validator finds the service's endpoint in the
    validation context, by `endpoint`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def implied(self) -> frozenset[str]:
        """Capabilities that follow from the keys, so that nobody declares them twice."""
        return frozenset()

    @classmethod
    def of(cls, service: Service) -> Self:
        """Return the keys of a service, as the inventory declares them."""
        return cls.model_validate(service.settings.data, context={"endpoint": service.endpoint})


@dataclass(frozen=True)
class Reach:
    """What a fixture gives a scenario access to: whoever takes it needs a service of one of its types."""

    types: tuple[str, ...]
    """Service types that a scenario tests by it: it runs once for each such service of a site."""
    also: tuple[str, ...] = ()
    """Service types that it reaches on the way, such as the object store behind a Keystone."""
    capabilities: tuple[str | tuple[str, ...], ...] = ()
    """What the service must be able to do for whatever a scenario does by it; a tuple: one of its words."""
    scope: str = ""
    """What a user is asked for by it who may do everything there; empty where no scope is needed."""


@dataclass(frozen=True)
class Leftover:
    """Something that a killed run has left at a service."""

    what: str
    """Its name there."""
    remove: Callable[[], None]
    """Removes it; raises an `AssertionError` where the service does not."""


@dataclass(frozen=True)
class Kind:
    """A kind of service."""

    name: str
    """The name of its folder: `storage`."""
    title: str
    """What people call it: `Storage`."""
    service_types: tuple[str, ...]
    """Names of the GOCDB (EGI's configuration database)."""
    capabilities: Mapping[str, str]
    """Capability that a service may declare -> one sentence that says what it means."""
    writing: frozenset[str] = frozenset()
    """Capabilities that nobody shows without storing or submitting something."""
    side: Side = "resource"
    """Whose service a scenario of this kind asks."""
    settings: Mapping[str, type[Settings]] = field(default_factory=dict)
    """Service type -> the model of its own inventory keys; a type that is not here has none."""
    schemes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Service type -> scheme of an endpoint as people write it -> the scheme that its clients speak.

    Any scheme is taken as it is for a type that is not here.
    """
    fixtures: Mapping[str, Reach] = field(default_factory=dict)
    """Fixture -> the services that a scenario reaches by it."""
    controls: Mapping[str, tuple[Side, ...]] = field(default_factory=dict)
    """Fixture -> whose hosts the testbed must have made for it: at real sites it is not run."""
    credentials: str = ""
    """`module:function` that reads how members hold their tokens (`harness.inventory.people`)."""
    plugins: tuple[str, ...] = ()
    """Modules with its fixtures, for pytest."""
    vocabulary: tuple[str, ...] = ()
    """`module:Class` of what scenarios hold in their hands, for the reference (docs/reference)."""
    probe: str = ""
    """`module:function` that looks for a capability that is not declared (`harness.engine.probes`)."""
    leftovers: str = ""
    """`module:function` that lists what a killed run has left at a service (`harness.cleaning`)."""
    entrances: str = ""
    """`module:function` that lists what opens to a token at a site (`harness.engine.containment`)."""
    story: str = ""
    """`module:function` that tells what a step at a service means to who looks on (`harness.narration`)."""
    kept: str = ""
    """`module:function` that keeps in a run's folder what services report of it (`harness.execution`)."""

    def keys(self, type_: str) -> frozenset[str]:
        """Return the inventory keys that services of a type have beside those of every service."""
        return frozenset(self.settings.get(type_, Settings).model_fields)

    def endpoint(self, type_: str, url: str) -> str:
        """Return an endpoint with the scheme that clients of its type speak.

        Raises
        ------
        ValueError
            where it is no URL, or no client of the type speaks its scheme.
        """
        parts = urlsplit(url)  # raises ValueError
        schemes = self.schemes.get(type_, {})
        example = f"{next(iter(schemes), 'https')}://{parts.netloc or 'se.example.org'}"
        if any(letter.isspace() or not letter.isprintable() for letter in url):
            raise ValueError(f"{url!r} has blanks or control characters in it. Remove them")
        if not parts.netloc or not parts.hostname or not parts.scheme:
            raise ValueError(
                f"{url!r} is no URL. Write one with scheme and host, such as {example}"
            )
        if parts.port == 0:  # raises ValueError of what is no number, or too large
            raise ValueError(f"{url!r} has the port 0, at which nothing listens")
        if parts.username is not None or parts.fragment:
            raise ValueError("an endpoint has no user, password or fragment (`#`). Remove them")
        if schemes and parts.scheme not in schemes:
            raise ValueError(
                f"no client of {type_} speaks {parts.scheme!r}. Write one of {', '.join(schemes)}, such as "
                f"{example}"
            )
        return f"{schemes.get(parts.scheme, parts.scheme)}{url[len(parts.scheme) :]}"

    def check(self, type_: str, keys: Mapping[str, Any], *, endpoint: str) -> Settings:
        """Return the keys of a service of this kind.

        Raises
        ------
        pydantic.ValidationError
            where a key is unknown, missing or wrong.
        """
        model = self.settings.get(type_, Settings)
        return model.model_validate(dict(keys), context={"endpoint": endpoint})


class Kinds:
    """All kinds, by name and by service type."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._kinds = tuple(kinds)
        self._by_type: dict[str, Kind] = {}
        for kind in self._kinds:
            for type_ in kind.service_types:
                if type_ in self._by_type:
                    raise BadInput(
                        f"the kinds {self._by_type[type_].name} and {kind.name} both have the service "
                        f"type {type_}. Uninstall one of the packages that bring them."
                    )
                self._by_type[type_] = kind

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._kinds)

    def of(self, type_: str) -> Kind:
        """Return the kind of a service type.

        Raises
        ------
        LookupError
            where no kind has it; says which is near.
        """
        try:
            return self._by_type[type_]
        except KeyError:
            raise LookupError(unknown("service type", type_, self.service_types)) from None

    def __getitem__(self, name: str) -> Kind:
        return next(kind for kind in self._kinds if kind.name == name)

    @cached_property
    def service_types(self) -> tuple[str, ...]:
        """The service types of all kinds."""
        return tuple(self._by_type)

    @cached_property
    def home_types(self) -> frozenset[str]:
        """The types of services that a scenario asks at the user's home."""
        return frozenset(
            t for kind in self._kinds if kind.side == "home" for t in kind.service_types
        )

    @cached_property
    def reaches(self) -> Mapping[str, Reach]:
        """Fixture -> what a scenario reaches by it."""
        return {name: reach for kind in self._kinds for name, reach in kind.fixtures.items()}

    @cached_property
    def controls(self) -> Mapping[str, tuple[Side, ...]]:
        """Fixture -> whose hosts the testbed must have made for it."""
        return {name: side for kind in self._kinds for name, side in kind.controls.items()}

    @property
    def plugins(self) -> list[str]:
        """The pytest modules of all kinds."""
        return [plugin for kind in self._kinds for plugin in kind.plugins]


@cache
def registry() -> Kinds:
    """Return all kinds: those of the project, then those of other packages.

    Raises
    ------
    BadInput
        where another package's record cannot be loaded, or two kinds claim one service type.
    """
    package = import_module(FOLDERS)
    names = sorted(found.name for found in pkgutil.iter_modules(package.__path__) if found.ispkg)
    own = [getattr(import_module(f"{FOLDERS}.{name}.kind"), RECORD) for name in names]
    return Kinds([*own, *_foreign()])


def _foreign() -> Iterator[Kind]:
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            kind = point.load()
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            raise BadInput(
                f"the kind {point.name} ({point.value}) cannot be loaded: {said}. "
                "Repair or uninstall the package that brings it."
            ) from error
        if not isinstance(kind, Kind):
            raise BadInput(
                f"the kind {point.name} ({point.value}) is no `harness.kinds.Kind`, "
                f"but {type(kind).__name__}. Repair or uninstall the package that brings it."
            )
        yield kind


def unknown(what: str, word: str, known: Iterable[str]) -> str:
    """Return what to say of a word that is not known, with what is near it."""
    listed = sorted(known)
    near = difflib.get_close_matches(word, listed, n=2, cutoff=0.5)
    if near:
        return f"unknown {what} {word!r}; similar: {', '.join(near)}"
    return f"unknown {what} {word!r}; known are {', '.join(listed) or 'none'}"

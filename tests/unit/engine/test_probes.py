"""What is not declared is looked for once in a session, by what the kinds of service bring."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from harness.engine import probes as engine_probes
from harness.engine.needs import Need
from harness.engine.probes import NO_ENDPOINT, NO_PROBE, Finding, Probes
from harness.errors import PreconditionError, Unreachable
from harness.evidence import Step, collect, step
from harness.kinds import Fixture, Kind, Kinds
from harness.model import Infrastructure, Service, Site

HOME = cast(Infrastructure, SimpleNamespace(name="egi"))
SITE = Site(
    name="S",
    infrastructure="egi",
    services=(
        Service(
            type="webdav",
            endpoint="https://se.egi.test/vo",
            implementation="xrootd",
            host="se.egi.test",
            site="S",
            infrastructure="egi",
            token_profile="wlcg",
        ),
    ),
)
ASKED: list[str] = []


def looks(
    service: Service, capability: str, *, home: Infrastructure, fixture: Fixture
) -> Finding | None:
    """Look, or fail in the way that the capability names."""
    ASKED.append(f"{fixture('asker')}: {service.endpoint} {capability} {home.name}")
    match capability:
        case "nothing":
            raise Unreachable("PUT https://se.egi.test/vo: nobody", "se.egi.test")
        case "secret":
            raise PreconditionError("the secret `password_alice` of egi is missing")
        case "refusal":
            raise AssertionError("expected success, got 403\nand more")
        case "unknown":
            return None
    with step("a question"):
        return Finding(there=capability == "there", seen="it was asked for")


@pytest.fixture(autouse=True)
def _nothing_asked() -> None:
    ASKED.clear()


@pytest.fixture
def probes(monkeypatch: pytest.MonkeyPatch) -> Probes:
    """Probes of a registry that knows two kinds, one of which can be asked."""
    asked = Kind("asked", "Asked", ("webdav",), {}, probe=f"{__name__}:looks")
    silent = Kind("silent", "Silent", ("XRootD",), {})
    monkeypatch.setattr(engine_probes, "registry", lambda: Kinds([asked, silent]))
    return Probes({"asker": "a member"}.__getitem__)


@pytest.mark.parametrize("capability", ["there", "absent"])
def test_what_a_kind_saw_is_told(probes: Probes, capability: str) -> None:
    (found,) = probes.ask(Need("webdav", capability), SITE, HOME)
    assert (found.there, found.seen) == (capability == "there", "it was asked for")
    assert [f"a member: https://se.egi.test/vo {capability} egi"] == ASKED


@pytest.mark.parametrize(
    ("capability", "seen"),
    [
        ("nothing", "the probe failed: PUT https://se.egi.test/vo: nobody"),
        ("secret", "the probe failed: the secret `password_alice` of egi is missing"),
        ("refusal", "the probe failed: expected success, got 403"),
    ],
)
def test_a_probe_that_fails_is_no_proof_of_absence(
    probes: Probes, capability: str, seen: str
) -> None:
    """At real sites, whoever runs the testbed may have no secret."""
    (found,) = probes.ask(Need("webdav", capability), SITE, HOME)
    assert (found.there, found.seen) == (False, seen)


def test_where_there_is_no_probe_absence_is_not_claimed(probes: Probes) -> None:
    (found,) = probes.ask(Need("webdav", "unknown"), SITE, HOME)
    assert (found.there, found.seen) == (False, NO_PROBE)


@pytest.mark.parametrize(
    "need",
    [Need("XRootD"), Need("webdav", "read", implementation="another"), Need("XRootD", "read")],
)
def test_without_an_endpoint_nothing_is_probed(probes: Probes, need: Need) -> None:
    (found,) = probes.ask(need, SITE, HOME)
    assert (found.there, found.seen, ASKED) == (False, NO_ENDPOINT, [])


def _titles(steps: list[Step]) -> list[str]:
    return [title for one in steps for title in (one.title, *_titles(one.steps))]


def test_a_service_is_asked_once_and_every_scenario_is_shown_what_was_seen(probes: Probes) -> None:
    shown = []
    for _ in range(3):
        with collect() as steps:
            probes.ask(Need("webdav", "there"), SITE, HOME)
        shown.append(_titles(steps))
    assert len(ASKED) == 1
    first, *others = shown
    assert first == [
        "probe: there of https://se.egi.test/vo, which is not declared",
        "a question",
    ]
    for other in others:
        assert other == [f"{title} (seen earlier in this session)" for title in first]

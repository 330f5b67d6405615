"""A demonstration as a scenario at the twin makes it: the steps are made up, and the narrator is real."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from harness import inventory
from harness.conformance.outcomes import Cell
from harness.demo.events import Act, ActEnd, Closing, Opening, Stamped
from harness.demo.feed import Feed, Listener
from harness.demo.narrator import Narrator
from harness.demo.pace import Pace
from harness.demo.places import Map
from harness.demo.terminal import Terminal
from harness.engine.refusal import CONTROL_STEP, REFUSED_STEP
from harness.evidence import exhibit, observed, step
from harness.model import Testbed
from harness.redaction import redactor
from harness.translation import Speaker
from tests.unit.routes import CROSS, ends

ROOT = Path(__file__).resolve().parents[3]
ISSUER = "https://aai.egi.test/token"
HOME = "https://se.egi.test/vo.interop"
ELEMENT = "-pool ce.cstcloud.test:9618 -name ce.cstcloud.test"
UI = "ui.egi.test$"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SUMS = {"sha256": "ab" * 32, "adler32": "00c0ffee", "size": 4096, "seconds": 0.21}
REPORT = {
    "run": "r1",
    "field": "environment",
    "worker": {
        "host": "ce.cstcloud.test",
        "system": "Debian GNU/Linux 13",
        "machine": "x86_64",
        "cores": 2,
        "memory": 2000,
        "python": "3.13.5",
    },
    "start": "2026-01-01T00:00:00Z",
    "end": "2026-01-01T00:00:09Z",
    "bundle": SUMS,
    "input": SUMS,
    "result": SUMS,
    "runs": {},
}


def twin() -> Testbed:
    """Return the testbed of the shipped inventory."""
    return inventory.load(ROOT / "inventories" / "twin").testbed


def cell(**fields: Any) -> Cell:
    """Return a cell on the route that crosses."""
    known = {
        "scenario": "science/test_use_cases.py::test_it[environment]",
        "title": "A scientist gets a right result",
        "family": "science",
        "requirements": ("SCI-101",),
    }
    return Cell(**known | ends(CROSS) | fields)


def token(seconds: float = 1200, **claims: object) -> str:
    """Return a signed token that lives for so many seconds; the signature is of nobody."""
    now = int(time.time())
    body = {
        "iss": "https://aai.egi.test",
        "sub": "0123456789abcdef",
        "aud": "https://ce.cstcloud.test",
        "scope": "compute.create compute.read",
        "nbf": now - 10,
        "exp": now + int(seconds),
    } | claims
    parts = [
        _part({"alg": "RS256", "typ": "at+jwt"}),
        _part(body),
        "c2lnbmF0dXJlLW9mLW5vYm9keS0xMjM0",
    ]
    return redactor.remember(".".join(parts))


def _part(fields: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")


class Told:
    """What was told, and the narrator that tells."""

    def __init__(self, testbed: Testbed, *, language: str = "en", listener: Listener | None = None):
        self.tr = Speaker(language)
        self.output = io.StringIO()
        console = Console(file=self.output, width=80)
        self.feed = Feed(listener or Terminal(console, self.tr))
        route = testbed.select([CROSS])[0]
        self.places = Map(testbed, route, self.tr)
        self.narrator = Narrator(self.feed.publish, places=self.places, pace=Pace(0), tr=self.tr)
        self.narrator.begin(cell())

    @property
    def events(self) -> list[Any]:
        """The events so far, without their places in the story."""
        return [one.event for one in self.feed.since(0)]

    def kinds(self) -> list[str]:
        return [one.kind for one in self.events]


def ask(
    title: str, answer: str, *, carrying: tuple[str, ...] = (), sent: str = "", raises: str = ""
) -> None:
    """Make a step as a client does."""
    with step(title) as record:
        record.send(f"{title}\n{sent}", carrying=carrying)
        record.receive(answer)
        assert not raises, raises


def demonstration(testbed: Testbed, *, language: str = "en") -> Told:
    """Tell a whole demonstration."""
    told = Told(testbed, language=language)
    tr, good, bad = told.tr, token(), token(-3600)
    told.feed.publish(
        Opening(
            title=tr("Environmental science"),
            question=tr(
                "How salty, how warm, how dense is the water that our instruments have profiled?"
            ),
            method="",
            software=("gsw 3.6.23 (BSD-3-Clause)",),
            route=tr("A user of {home} works at {site}.").format(home="EGI", site="CSTCLOUD-TWIN"),
            start="2026-01-01 00:00 UTC",
            lands=told.places.lands,
            acts=("one", "two"),
        )
    )
    with observed(told.narrator):
        told.feed.publish(Act(number=1, title="A scientist gets a right result"))
        issued = json.dumps({"access_token": good, "token_type": "Bearer"})
        ask(f"POST {ISSUER}", f"HTTP 200 in 0.1 s\n\n{issued}", sent="grant_type=password")
        ask(f"MKCOL {HOME}/x", "HTTP 201 in 0.1 s", carrying=(f"Bearer {good}",))
        ask("GET https://not-on-the-map.example/", "HTTP 200 in 0.1 s")
        ask(f"PUT {HOME}/x/input.tar.gz", "HTTP 201 in 0.1 s", carrying=(f"Bearer {good}",))
        ask(
            f"{UI} condor_submit {ELEMENT} -spool",
            "exit code 0 in 0.4 s",
            carrying=(f"Bearer {good}",),
        )
        with step("wait until 17 has ended") as waiting:
            for _ in range(3):
                ask(f"{UI} condor_q {ELEMENT} 17.0", "exit code 0 in 0.1 s")
            waiting.receive("FINISHED")
        ask(
            f"{UI} condor_transfer_data {ELEMENT} 17.0 >&2 && cat stdout.txt",
            f"exit code 0 in 0.1 s\n\n{json.dumps(REPORT)}\n",
            carrying=(f"Bearer {good}",),
        )
        rows = [
            {"what": "largest error of the density", "value": 1e-13, "unit": "kg/m3"}
            | {"low": None, "high": 1e-8, "right": True, "source": "TEOS-10"}
        ]
        figures = json.dumps({"figures": rows}).encode()
        exhibit("figures.json", lambda: figures)
        exhibit("environment.png", lambda: PIXEL)
        told.narrator.clean_up()
        ask(f"DELETE {HOME}/x", "HTTP 204 in 0.1 s", carrying=(f"Bearer {good}",))
        told.feed.publish(ActEnd(number=1, ok=True, text="as required"))
        told.feed.publish(Act(number=2, title=tr("A job cannot be submitted with a faulty token")))
        told.narrator.begin(cell(scenario="jobs/test_refusals.py::test_a_faulty_token[expired]"))
        with step(CONTROL_STEP):
            ask(
                f"{UI} condor_submit {ELEMENT} -spool",
                "exit code 0 in 0.4 s",
                carrying=(f"Bearer {good}",),
            )
        with step(REFUSED_STEP):
            ask(
                f"{UI} condor_submit {ELEMENT} -spool",
                "exit code 1 in 0.4 s",
                carrying=(f"Bearer {bad}",),
            )
        told.feed.publish(ActEnd(number=2, ok=True, text="as required"))
    told.feed.publish(Closing(ok=True, text="The result is right."))
    return told


def stamped(told: Told) -> tuple[Stamped, ...]:
    return told.feed.since(0)

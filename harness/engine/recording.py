"""Records how each cell ended: one outcome and one file of evidence for each attempt.

The process that ran the test makes both, redacted, for there the secrets are known; the outcome
travels with pytest's report to the controller, which alone writes `outcomes.jsonl`.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import tenacity

from harness import files
from harness.clients.outages import FOLDER as OUTAGES
from harness.clients.outages import outages
from harness.conformance import evidence
from harness.conformance.outcomes import (
    Cell,
    ErrorClass,
    Outcome,
    Recorder,
    Stage,
    Status,
)
from harness.engine.attribution import Attribution, flat
from harness.engine.cells import OF_HOME, cell_of
from harness.engine.measure import measured
from harness.engine.not_shown import WARNING, NotOffered, NotRun
from harness.engine.plugin import testbed_of
from harness.errors import PreconditionError, TestbedError, Unreachable, Unusable
from harness.evidence import Step, collect
from harness.model import Testbed
from harness.printable import printable, storable
from harness.redaction import redactor

OUTCOME = "testbed_outcome"
"""Attribute of a test's last report that carries its outcome."""
UNWRITTEN = "testbed_unwritten"
"""Attribute of such a report that says why the evidence could not be written, where it could not."""

CONTROL = "control:"
"""How the step begins in which a refusal shows its control."""

_MESSAGE_LIMIT = 300


@dataclass
class _Attempt:
    """What is gathered about a test while it runs."""

    steps: list[Step]
    start: float = field(default_factory=time.time)
    failures: dict[str, pytest.ExceptionInfo[BaseException]] = field(default_factory=dict)
    """Phase of pytest -> what was raised in it."""
    texts: dict[str, str] = field(default_factory=dict)
    """Phase of pytest -> the traceback as pytest tells it."""
    until_failure: list[Step] = field(default_factory=list)
    """The steps up to the first failure: what follows is clean-up."""


_ATTEMPT = pytest.StashKey[_Attempt]()
_ATTRIBUTION = pytest.StashKey[Attribution]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the record."""
    group = parser.getgroup("testbed")
    group.addoption("--run-folder", type=Path, metavar="FOLDER", help="record outcomes there")
    group.addoption("--attempt", type=int, default=1, help="number of this attempt, for the record")


def pytest_unconfigure() -> None:
    """Note no more outages: the next session of this process has a folder of its own."""
    outages.keep(None)


def pytest_configure(config: pytest.Config) -> None:
    """Write outcomes where a folder is named, and in the controller alone."""
    folder: Path | None = config.option.run_folder
    if folder is not None and not hasattr(config, "workerinput"):
        with files.told(folder / evidence.FOLDER):
            (folder / evidence.FOLDER).mkdir(exist_ok=True)
        if not config.option.prove:  # a mutant may hang on purpose
            outages.keep(folder / OUTAGES)
        config.pluginmanager.register(_Controller(folder, config.option.attempt))


class _Controller:
    """Appends what the workers report."""

    parent_only = True  # see harness.engine.workers.protocol

    def __init__(self, folder: Path, attempt: int) -> None:
        self._recorder, self._attempt = Recorder(folder), attempt
        self._cells: dict[str, Cell] = {}
        """Of the tests that were collected, by their node ids."""
        self._ended: set[tuple[str, str]] = set()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._cells = {item.nodeid: cell_of(item) for item in session.items}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if (fields := getattr(report, OUTCOME, None)) is not None:
            outcome = Outcome.model_validate(fields)
            self._ended.add(outcome.key)
            self._recorder.add(outcome)
            if unwritten := getattr(report, UNWRITTEN, ""):
                raise TestbedError(unwritten)
        elif report.when not in ("setup", "call", "teardown"):
            self._add_crash(report)

    def _add_crash(self, report: pytest.TestReport) -> None:
        """Record a worker's crash, which is reported as a phase of another name.

        Not where the test had told its outcome before: an attempt has one.
        """
        now = _utc(time.time())
        cell = self._cells[report.nodeid]
        if cell.key in self._ended:
            return
        crash = _outcome(
            cell,
            status="error",
            stage="act",
            error="crash",
            message=_line(
                f"the process that ran the scenario ended unexpectedly: {report.longreprtext}"
            ),
            start=now,
            stop=now,
            attempt=self._attempt,
        )
        self._recorder.add(crash)

    def pytest_unconfigure(self) -> None:
        self._recorder.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Collect the steps of all phases of a test."""
    with collect() as steps:
        item.stash[_ATTEMPT] = _Attempt(steps)
        return (yield)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Redact the report before anything else sees it, and let the last one carry the outcome."""
    report = redacted((yield), item.config)
    attempt = item.stash[_ATTEMPT]
    if call.excinfo is not None:
        if not attempt.failures:
            attempt.until_failure = list(attempt.steps)
        attempt.failures[report.when] = call.excinfo
        attempt.texts[report.when] = report.longreprtext
    if report.when == "teardown":
        folder = item.config.option.run_folder
        outcome = _conclude(item, attempt, call.stop)
        if folder is not None:
            try:
                kept = _keep(folder, outcome, attempt)
                outcome = outcome.model_copy(update={"evidence": kept})
            except TestbedError as error:
                setattr(report, UNWRITTEN, str(error))
        setattr(report, OUTCOME, outcome.model_dump(mode="json"))
    return report


def redacted(report: pytest.TestReport, config: pytest.Config) -> pytest.TestReport:
    """Return the report without secrets: in its traceback, its captured output, and other texts.

    What a program reads stays as it is, such as outcome and node id.
    """
    data = config.hook.pytest_report_to_serializable(config=config, report=report)
    texts = {name: _redacted(data[name]) for name in _TEXTS if data.get(name)}
    clean = config.hook.pytest_report_from_serializable(config=config, data=data | texts)
    assert isinstance(clean, pytest.TestReport)
    return clean


_TEXTS = ("longrepr", "sections", "user_properties", "wasxfail")
"""Of a report, what has texts for people."""
_NO_TEXTS = frozenset({"type", "style", "path", "lineno"})
"""Of an error as pytest tells it, what pytest itself reads."""


def _redacted(value: Any) -> Any:
    match value:
        case str():
            return storable(redactor.redact(value))
        case Mapping():
            return {
                # Line by line, a secret of several lines would not be known by its shape.
                key: _redacted("\n".join(inner)).split("\n")
                if key == "lines"
                else (inner if key in _NO_TEXTS else _redacted(inner))
                for key, inner in value.items()
            }
        case list():
            return [_redacted(inner) for inner in value]
        case tuple():
            return tuple(_redacted(inner) for inner in value)
    return value


def _conclude(item: pytest.Item, attempt: _Attempt, stop: float) -> Outcome:
    """Return the outcome of a test whose phases are all over."""
    testbed = testbed_of(item.config)
    ending = _Ending.of(item, attempt)
    cell = cell_of(item)
    attribution = _attribution(item.config)
    texts = [ending.message, *_texts(attempt.steps)]
    asked = attribution.asked(attempt.steps, cell)
    # What tests the clients of home has asked a service before; the failure is none of the service's.
    told = ending.stage and not item.get_closest_marker(OF_HOME)
    failed_at = attribution.failed_at(attempt.until_failure, cell) if told else ()
    return _outcome(
        cell,
        status=ending.status,
        stage=ending.stage,
        error=ending.error,
        message=ending.message,
        warning=_line(item.stash.get(WARNING, "")),
        measurements=measured(item),
        hosts=_taking_part(testbed, cell, attribution.hosts(texts, asked)),
        services=asked,
        failed_at=failed_at,
        acted=bool(asked) or any(step.sent for step in flat(attempt.steps)),
        start=_utc(attempt.start),
        stop=_utc(stop),
        attempt=item.config.option.attempt,
        worker=getattr(item.config, "workerinput", {}).get("workerid", "main"),
    )


def _outcome(cell: Cell, **fields: Any) -> Outcome:
    return Outcome(**{name: getattr(cell, name) for name in Cell.model_fields}, **fields)


@dataclass(frozen=True)
class _Ending:
    """Status, stage, class of error and message of a test."""

    status: Status
    stage: Stage | None = None
    error: ErrorClass | None = None
    message: str = ""

    @classmethod
    def of(cls, item: pytest.Item, attempt: _Attempt) -> _Ending:
        """Judge by the first phase that failed."""
        for phase, status in (("setup", "error"), ("call", "failed"), ("teardown", "error")):
            raised = attempt.failures.get(phase)
            if raised is None:
                continue
            if isinstance(raised.value, NotOffered):
                return cls("not offered", message=_line(str(raised.value)))
            if isinstance(raised.value, NotRun):
                return cls("not run", message=_line(str(raised.value)))
            stage, error = classify(phase, raised.value, attempt.steps)
            # Nothing but the inventory decides what is not run: a skip in a scenario is a fault.
            skipped = isinstance(raised.value, pytest.skip.Exception)
            return cls(
                status="error" if skipped else status,  # type: ignore[arg-type]
                stage=stage,
                error=error,
                message=_message(item, raised),
            )
        return cls("passed")


def classify(phase: str, error: BaseException, steps: Iterable[Step]) -> tuple[Stage, ErrorClass]:
    """Tell in which stage a phase of pytest failed, and how."""
    kind = _class_of(error)
    if phase == "setup":
        return "setup", kind
    if phase == "teardown":
        return "cleanup", kind
    if _failed_control(steps):
        return "control", kind
    return ("assert" if kind == "assertion" else "act"), kind


def _class_of(error: BaseException) -> ErrorClass:
    causes = [error, *([error.__cause__] if error.__cause__ else [])]
    if any(isinstance(e, httpx.ConnectTimeout) for e in causes):
        return "unreachable"  # it was not slow: it was not there
    if any(
        isinstance(e, TimeoutError | httpx.TimeoutException | tenacity.RetryError) for e in causes
    ):
        return "timeout"
    if isinstance(error, pytest.fail.Exception) and str(error).startswith("Timeout"):
        return "hung"  # of pytest-timeout, which comes after every time-out of a client
    if any(isinstance(e, Unreachable | ConnectionError | httpx.TransportError) for e in causes):
        return "unreachable"
    if isinstance(error, AssertionError | pytest.fail.Exception):
        return "assertion"
    return next((name for kind, name in _OURS if isinstance(error, kind)), "crash")


_OURS: tuple[tuple[type[Exception], ErrorClass], ...] = (
    (PreconditionError, "unprepared"),
    (Unusable, "unusable"),
)


def _failed_control(steps: Iterable[Step]) -> bool:
    return any(
        step.status == "failed"
        and (step.whole_title.startswith(CONTROL) or _failed_control(step.steps))
        for step in steps
    )


def _message(item: pytest.Item, raised: pytest.ExceptionInfo[BaseException]) -> str:
    """Return the first line of an error and the scenario's line where it came up."""
    first = (str(raised.value).strip() or type(raised.value).__name__).splitlines()[0]
    if not isinstance(raised.value, AssertionError):
        first = f"{type(raised.value).__name__}: {first}"
    first = _line(first)  # before the cut, which might leave half a secret
    if len(first) > _MESSAGE_LIMIT:
        first = f"{first[:_MESSAGE_LIMIT]} [cut]"
    lines = [entry.lineno + 1 for entry in raised.traceback if Path(entry.path) == item.path]
    return f"{first} ({item.path.name}:{lines[-1]})" if lines else first


def _line(text: str) -> str:
    """Return a text for people as one line, without secrets and what a terminal would obey."""
    return printable(redactor.redact(" ".join(text.splitlines())))


def _attribution(config: pytest.Config) -> Attribution:
    """Return the attribution for the testbed of this session, which is made once."""
    if _ATTRIBUTION not in config.stash:
        config.stash[_ATTRIBUTION] = Attribution(testbed_of(config))
    return config.stash[_ATTRIBUTION]


def _taking_part(testbed: Testbed, cell: Cell, named: frozenset[str]) -> tuple[str, ...]:
    """Return the hosts that took part, named or not: all traffic starts at the workstation.

    What crosses goes through the routers; neither is named by a request that they did not let through.
    """
    between = {host.name for host in testbed.hosts if host.addresses and cell.home != cell.resource}
    start = {testbed.workstation(cell.home).name}
    part = start | between | named
    return tuple(host.name for host in testbed.hosts if host.name in part)


def _texts(steps: Iterable[Step]) -> Iterable[str]:
    for step in flat(steps):
        yield f"{step.whole_title}\n{step.whole_sent}"


def _keep(folder: Path, outcome: Outcome, attempt: _Attempt) -> str:
    """Write what the scenario did and saw; return the file's name within the run's folder.

    Raises
    ------
    TestbedError
        where it cannot be written.
    """
    name = evidence.name(outcome.key, outcome.attempt)
    # Redacted once more: what a step saw may have become known as a secret only afterwards.
    content = {
        **outcome.model_dump(mode="json", exclude={"evidence"}),
        "steps": [_redacted_step(step) for step in attempt.steps],
        "tracebacks": {phase: _redacted(text) for phase, text in attempt.texts.items()},
    }
    text = json.dumps(content, indent=1, ensure_ascii=False)
    files.replace(folder / name, text + "\n")
    return name


def _redacted_step(step: Step) -> dict[str, Any]:
    texts = {name: _redacted(getattr(step, name)) for name in ("title", "sent", "answer")}
    return step.as_dict() | texts | {"steps": [_redacted_step(inner) for inner in step.steps]}


def _utc(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="milliseconds")

"""A use case on a route: input at the user's home, the job at the site, the result at home again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Final

from harness.clients.data import GivenData
from harness.evidence import step
from harness.model import Service
from harness.science import archive, result
from harness.science.bundles import Bundle
from harness.science.field import Field, WrongResult
from harness.science.plan import JOB, PLAN, READ, WRITE, Archive, Plan
from harness.science.result import Judged, Report, Result
from harness.services.compute.client import ComputingElement, Job, JobDescription, JobStatus
from harness.services.issuer.tokens import Token
from harness.services.issuer.user import User
from harness.services.storage.fixtures import Area, File

_PYTHON: Final = "/usr/bin/python3"
CHECK: Final = "the result of "
"""How the step begins in which a result is judged."""
_WALL_TIME: Final = 900
"""Seconds of a job; what is heavy takes half a minute where nothing else runs."""

_TOO_MUCH: Final = 2**30
"""MiB: a pebibyte."""


@dataclass(frozen=True)
class Experiment:
    """A prepared use case. Its input and software are at the home storage, where the result will be
    stored too.
    """

    plan: Plan
    home: Area
    bundle: File
    output: File
    element: ComputingElement
    scientist: User

    @classmethod
    def prepare(
        cls, field: Field, bundle: Bundle, *, home: Area, element: ComputingElement, scientist: User
    ) -> Experiment:
        """Store input and bundle at home, and see that they have arrived.

        Raises
        ------
        AssertionError
            where the storage does not take them, or tells another checksum.
        """
        stored = {
            name: home.keep(content, by=scientist, name=f"{name}.tar.gz")
            for name, content in (
                ("bundle", bundle.path.read_bytes()),
                ("input", archive.pack(field.inputs())),
            )
        }
        for file in stored.values():
            _compare(file, file.data.adler32)
        output = home.file(f"result-{secrets.token_hex(4)}.tar.gz")
        plan = Plan(
            field=field,
            run=secrets.token_hex(8),
            bundle=Archive.of(stored["bundle"].url, stored["bundle"].data.content),
            input=Archive.of(stored["input"].url, stored["input"].data.content),
            output=output.url,
        )
        return cls(plan, home, stored["bundle"], output, element, scientist)

    def with_changed_bundle(self) -> Experiment:
        """Return the experiment with one byte of its bundle changed.

        Raises
        ------
        AssertionError
            where the storage does not take it.
        """
        content = bytearray(self.bundle.data.content)
        content[len(content) // 2] ^= 1
        changed = replace(self.bundle, data=GivenData(bytes(content)))
        changed.upload(by=self.scientist).expect_ok()
        return self

    def with_too_much_memory(self) -> Experiment:
        """Return the experiment with a job that asks for more memory than any worker has."""
        return replace(self, plan=replace(self.plan, memory=_TOO_MUCH))

    def tokens(self) -> dict[str, Token]:
        """Return the job's tokens: to read bundle and input, and to create the result; nothing else."""
        reading = self.home.scope("storage.read")
        return {
            READ: self.scientist.expect_scopes(
                self.scientist.token(self.home.audience, reading), reading
            ),
            WRITE: self.home.token(self.scientist, "storage.create", path=self.output.name),
        }

    def submit(self) -> Job:
        """Submit the job to the computing element.

        Raises
        ------
        AssertionError
            where the element does not take it.
        """
        tokens = {name: token.value for name, token in self.tokens().items()}
        description = JobDescription(
            executable=_PYTHON,
            arguments=(JOB, PLAN),
            files=self.plan.files(tokens),
            wall_time=_WALL_TIME,
        )
        return self.element.run(description, self.element.token(self.scientist))

    def run(self) -> Report:
        """Run the job to its end, and return its report.

        Raises
        ------
        WrongResult
            where it failed: the stage and the reason, as the job tells them.
        """
        job = self.submit()
        status = job.wait(timeout=_WALL_TIME)
        told = result.report(job.output())
        if told.run != self.plan.run:
            raise WrongResult(
                f"the job's output is of another run: of {told.run}, and {self.plan.run} is expected"
            )
        if status.exit_code != 0:
            raise WrongResult(f"the job says that it did all, and has ended otherwise: {status}")
        return told

    def fail(self) -> tuple[JobStatus, str]:
        """Run a job that cannot succeed. Returns how it ended, and the reason that it gives.

        Raises
        ------
        AssertionError
            where it says that it did what it was asked.
        """
        job = self.submit()
        status = job.wait(timeout=_WALL_TIME)
        try:
            told = result.report(job.output())
        except WrongResult as why:
            return status, str(why)
        raise AssertionError(f"the job says that it has sent a result: {told.result}")

    def fetch(self, told: Report) -> Result:
        """Download the result from the home storage, and check that it is what the worker sent.

        Raises
        ------
        WrongResult
            where it is another's, or was changed on its way.
        """
        _compare(self.output, told.result.adler32)
        packed = self.output.get(by=self.scientist).expect_ok().body
        return result.read(packed, self.plan, told)

    def judge(self, found: Result) -> Judged:
        """Return the figures of a result.

        Raises
        ------
        WrongResult
            where it is wrong, or where the control cannot be told from it.
        """
        name = self.plan.field.name
        # The element is named, for a wrong result is its own, and no storage's.
        with step(f"{CHECK}{name}, computed at {self.element.name}") as record:
            judged = result.judge(found)
            record.receive(str(judged))
            return judged


def _compare(file: File, adler32: str) -> None:
    """See that a storage has what was sent to it, by the checksum that it tells itself.

    Raises
    ------
    WrongResult
        where it tells another.
    """
    service: Service = file.area.service
    if not service.offers("checksum"):
        return
    told = file.checksum("adler32")
    if told != adler32:
        raise WrongResult(
            f"{file.url}: the storage has other bytes than were sent: its Adler-32 is {told}, and "
            f"{adler32} was sent"
        )

"""Fixtures of the use cases of science."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from harness.evidence import step
from harness.model import Route
from harness.provision.progress import Progress
from harness.science import bundles, exhibits, records
from harness.science.experiment import Experiment
from harness.science.field import Field, fields
from harness.science.result import Judged
from harness.services.compute.client import ComputingElement
from harness.services.issuer.user import User
from harness.services.storage.fixtures import Area


def cases(*names: str) -> list[Any]:
    """Return a parameter for each field, or for those that are named, with the marks of the field."""
    return [
        pytest.param(one, id=one.name, marks=list(_marks(one)))
        for one in fields()
        if not names or one.name in names
    ]


def _marks(field: Field) -> Iterator[pytest.MarkDecorator]:
    yield pytest.mark.requirement(field.requirement)
    if field.killed_by:
        yield pytest.mark.killed_by(*field.killed_by)
    if field.extent != "core":
        yield pytest.mark.extent(field.extent)
        # One heavy job at a site at a time: beside others each would take longer than a job may.
        yield pytest.mark.alone


class Laboratory:
    """Prepares use cases, and keeps their results.

    Parameters
    ----------
    folder
        the run's; None where nothing is kept.
    """

    def __init__(self, route: Route, folder: Path | None) -> None:
        self._route, self._folder = route, folder

    def prepare(
        self, field: Field, *, home: Area, element: ComputingElement, scientist: User
    ) -> Experiment:
        """Store the input and the software of a field at the home storage, for the scientist's job
        at a computing element.

        Raises
        ------
        AssertionError
            where the storage does not take them, or tells another checksum.
        """
        bundle = bundles.ensure(field, Progress(Console(quiet=True)))
        return Experiment.prepare(field, bundle, home=home, element=element, scientist=scientist)

    def keep(self, judged: Judged) -> None:
        """Keep a correct result with its provenance, as evidence of the run, and show it in a
        demonstration.
        """
        exhibits.show(judged)
        if self._folder is None:
            return
        record = records.keep(judged, self._route, self._folder)
        with step("the provenance of the result is kept") as said:
            said.receive(f"{record.crate}\nSHA-256 {record.crate_sha256}")


@pytest.fixture
def laboratory(pytestconfig: pytest.Config, route: Route) -> Laboratory:
    """Prepares use cases of science, and keeps their results with the run."""
    options = pytestconfig.option
    return Laboratory(route, None if options.prove else options.run_folder)

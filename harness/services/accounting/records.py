"""Usage records as a repository gives them out: APEL's names, with values as they were published.

Durations are seconds, points in time are seconds since 1970, capacities are bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from harness.answer import Fields, whole

BENCHMARKS = frozenset({"si2k", "hepspec", "hepscore23"})
"""The benchmarks that APEL knows, in small letters (APEL, `job.py`)."""


@dataclass(frozen=True)
class Record:
    """A record, and who published it when."""

    fields: Mapping[str, str]
    publisher: str
    """The host that signed it."""
    received: float
    """When the repository took it first."""

    MANDATORY: ClassVar[tuple[str, ...]] = ()
    """The names that a record of its kind must have."""

    @classmethod
    def of(cls, told: Mapping[str, object]) -> Self:
        """Read what a repository tells of a record.

        Raises
        ------
        AssertionError
            where it tells no record.
        """
        fields = told["fields"]
        assert isinstance(fields, Mapping), f"a record has no fields: {told}"
        received = told["received"]
        assert isinstance(received, int | float), f"a record does not say when it came: {told}"
        named = Fields({str(k): str(v) for k, v in fields.items()}, of="the usage record")
        return cls(fields=named, publisher=str(told["publisher"]), received=float(received))

    @property
    def site(self) -> str:
        """The site as the record names it; empty where it names none."""
        return self.fields.get("Site", "")

    @property
    def missing(self) -> list[str]:
        """The mandatory names that it lacks."""
        return [name for name in self.MANDATORY if not self.fields.get(name)]

    def number(self, name: str) -> int:
        """Return a whole number.

        Raises
        ------
        AssertionError
            where the record does not have it, or it is none.
        """
        found = whole(self.fields[name])
        assert found is not None, f"`{name}` of a usage record is no number: {self.fields[name]!r}"
        return found


@dataclass(frozen=True)
class JobRecord(Record):
    """A record of a job."""

    MANDATORY = ("Site", "LocalJobId", "WallDuration", "CpuDuration", "StartTime", "EndTime")

    @property
    def wall(self) -> int:
        """Wall time, in seconds."""
        return self.number("WallDuration")

    @property
    def processor(self) -> int:
        """Processor time, in seconds."""
        return self.number("CpuDuration")

    @property
    def processors(self) -> int:
        """How many processors the job had; 1 where the record does not say."""
        return self.number("Processors") if self.fields.get("Processors") else 1

    @property
    def end(self) -> int:
        """When the job ended."""
        return self.number("EndTime")

    @property
    def user(self) -> str:
        """The user as the world knows the user: issuer and subject; empty where it names none."""
        return self.fields.get("GlobalUserName", "")

    @property
    def vo(self) -> str:
        """The user's virtual organisation; empty where it names none."""
        return self.fields.get("VO", "")

    @property
    def has_known_benchmark(self) -> bool:
        """Whether it says by a benchmark that APEL knows what its processor is worth."""
        return self.fields.get("ServiceLevelType", "").lower() in BENCHMARKS

    def is_of(self, job_id: str) -> bool:
        """Tell whether it is the record of a job, by the id that the computing element gave its user.

        ARC's record has that id; HTCondor's is the local id.
        """
        whole_id = self.fields.get("GlobalJobId", "").rstrip("/").rpartition("/")[2]
        return job_id in (self.fields.get("LocalJobId"), whole_id)


@dataclass(frozen=True)
class SummaryRecord(Record):
    """The sums of a month's jobs of one user."""

    MANDATORY = ("Site", "Month", "Year", "WallDuration", "CpuDuration", "NumberOfJobs")


@dataclass(frozen=True)
class StorageRecord(Record):
    """A record of what is stored (StAR, OGF GFD.201)."""

    MANDATORY = (
        "RecordId", "CreateTime", "StorageSystem", "StartTime", "EndTime", "ResourceCapacityUsed",
    )  # fmt: skip

    @property
    def share(self) -> str:
        """The part of the storage that is meant; empty where it is all of it."""
        return self.fields.get("StorageShare", "")

    @property
    def group(self) -> str:
        """The group whose data these are; empty where the record names none."""
        return self.fields.get("Group", "")

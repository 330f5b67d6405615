"""An accounting repository, as who may read it asks it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from harness.answer import Answer, objects
from harness.clients.http import Http
from harness.evidence import step
from harness.redaction import redactor
from harness.services.accounting.messages import Message
from harness.services.accounting.records import JobRecord, Record, StorageRecord, SummaryRecord

WAIT: Final = "wait until the repository has "
"""How the step begins in which a repository is asked again and again."""

_PATIENCE: Final = 150
"""Seconds to wait for a record. EGI asks for one a day; the testbed's sites publish four times a minute."""

_POLL: Final = 3.0
_PROJECT: Final = "v1/projects/accounting"
_TOPIC: Final = "gLite-APEL"

Found = TypeVar("Found", bound=Record)
Given = TypeVar("Given", bound=Sequence[Record])


class Missing(AssertionError):
    """Records did not come in time; says how many did."""


class Repository:
    """A repository, and the records of one site in it.

    Parameters
    ----------
    key
        what opens it to readers.
    site
        the site whose records are meant; empty for all sites.
    """

    def __init__(self, endpoint: str, *, http: Http, key: str, site: str) -> None:
        self.endpoint = endpoint.rstrip("/")
        self.site = site
        self._http = http
        self._key = redactor.remember(key)

    def jobs(self, *, since: float) -> list[JobRecord]:
        """Return the records of the site's jobs that were published since a moment.

        Raises
        ------
        AssertionError
            where the repository does not give them.
        """
        return self._records("job", JobRecord, since)

    def summaries(self) -> list[SummaryRecord]:
        """Return the sums of the site's jobs, by month and user, as they were published last."""
        return self._records("summary", SummaryRecord, 0)

    def storage(self, *, since: float) -> list[StorageRecord]:
        """Return the records of the site's storage that were published since a moment."""
        return self._records("storage", StorageRecord, since)

    def wait_for_jobs(
        self, job_ids: Sequence[str], *, since: float, timeout: float = _PATIENCE
    ) -> list[JobRecord]:
        """Wait until each job has a record, and return all records of these jobs.

        Raises
        ------
        Missing
            after `timeout` seconds; says which jobs have none.
        """

        def ask() -> list[JobRecord]:
            found = self.jobs(since=since)
            return [one for one in found if any(map(one.is_of, job_ids))]

        def without(found: Sequence[JobRecord]) -> list[str]:
            return [id_ for id_ in job_ids if not any(one.is_of(id_) for one in found)]

        what = f"a record of {'each of ' if len(job_ids) > 1 else ''}{', '.join(job_ids)}"
        return self._wait(ask, lambda found: bool(without(found)), what, timeout)

    def wait_for_share(
        self, share: str, *, holding: int, since: float, timeout: float = _PATIENCE
    ) -> StorageRecord:
        """Wait for the record of a storage share that holds so many objects, and return it.

        Raises
        ------
        Missing
            after `timeout` seconds.
        """

        def ask() -> list[StorageRecord]:
            found = self.storage(since=since)
            return [
                one
                for one in found
                if one.fields.get("StorageShare") == share
                and one.fields.get("FileCount") == str(holding)
            ]

        what = f"a record of {share} with {holding} objects"
        return self._wait(ask, lambda found: not found, what, timeout)[-1]

    def wait_for_summaries(
        self, *, user: str, ending: float, timeout: float = _PATIENCE
    ) -> list[SummaryRecord]:
        """Wait until the sums of a user's jobs have one that ended at a moment or later; return them all.

        Raises
        ------
        Missing
            after `timeout` seconds.
        """

        def ask() -> list[SummaryRecord]:
            found = self.summaries()
            return [one for one in found if one.fields.get("GlobalUserName") == user]

        def lack(found: Sequence[SummaryRecord]) -> bool:
            return not any(one.number("LatestEndTime") >= ending for one in found)

        return self._wait(ask, lack, f"a summary of {user}", timeout)

    def hand_in(self, message: Message) -> Answer:
        """Hand in a message; the answer is `ok` where the repository has counted its record.

        It is refused by what the repository says of it afterwards: AMS takes whatever is sent.
        """
        answer = self._ask("POST", f"topics/{_TOPIC}:publish", json=message.body)
        if not answer.ok:
            return answer
        ids = answer.json["messageIds"]
        assert isinstance(ids, list), f"no list of ids came back: {answer}"
        (id_,) = ids
        told = self._ask("GET", f"messages/{id_}").expect_ok()
        return replace(told, ok=told.json["state"] == "counted")

    def _records(self, kind: str, form: type[Found], since: float) -> list[Found]:
        query = {"since": f"{since:.3f}", "site": self.site}
        answer = self._ask("GET", f"records/{kind}", params=query).expect_ok()
        return [form.of(told) for told in objects(answer.json["records"])]

    def _ask(self, method: str, path: str, **rest: Any) -> Answer:
        url = f"{self.endpoint}/{_PROJECT}/{path}"
        return self._http.request(method, url, headers={"x-api-key": self._key}, **rest)

    def _wait(
        self, ask: Callable[[], Given], lacks: Callable[[Given], bool], what: str, timeout: float
    ) -> Given:
        """Ask until nothing is lacking."""
        with step(f"{WAIT}{what}") as record:
            try:
                found: Given = Retrying(
                    retry=retry_if_result(lacks),
                    wait=wait_fixed(_POLL),
                    stop=stop_after_delay(timeout),
                )(ask)
            except RetryError as error:
                last: Given = error.last_attempt.result()
                listed = "; ".join(str(dict(one.fields)) for one in last) or "none"
                raise Missing(
                    f"{self.endpoint}, after {timeout:g} s, has not {what} at {self.site}. "
                    f"What came: {listed}"
                ) from None
            record.receive("\n".join(str(dict(one.fields)) for one in found))
            return found

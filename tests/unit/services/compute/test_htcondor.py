"""What HTCondor's commands are told and what they tell."""

from __future__ import annotations

import json
from contextlib import suppress
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.answer import Answer
from harness.errors import Unreachable
from harness.services.compute.client import JobDescription, JobState
from harness.services.compute.htcondor import (
    HTCondorElement,
    job_ads,
    job_ids_of,
    job_status,
    judge,
    submit_file,
)
from harness.shell import Completed

NO_ADDRESS = "\nERROR: Can't find address of schedd ce.test\n"


def done(code: int, stderr: str = "", stdout: str = "") -> Completed:
    return Completed(command="condor_q", code=code, stdout=stdout, stderr=stderr, duration=0.1)


def answer(text: str = "[]") -> Answer:
    return Answer(what="condor_q", status=0, ok=True, denied=False, body=text.encode())


def test_a_failed_authentication_denies() -> None:
    """`Can't find address` hides a refusal; the line before it tells."""
    complaint = (
        "11/22/26 11:06:40 SECMAN: required authentication with collector at <10.0.0.1:9618> "
        "failed, so aborting command QUERY_SCHEDD_ADS.\n" + NO_ADDRESS
    )
    judged = judge(done(1, complaint), what="condor_q", host="ce.test")
    assert judged.denied
    assert not judged.ok


def test_a_lacking_right_denies() -> None:
    """Another user's job may not be removed."""
    complaint = "DCSchedd:actOnJobs: Action failed\n\nPermission denied to remove job 1.0\n"
    assert judge(done(1, complaint), what="condor_rm", host="ce.test").denied


@pytest.mark.parametrize(
    "complaint",
    [
        "attempt to connect to <10.0.0.1:9618> failed: Connection refused (connect errno = 111).",
        "Error: unknown host nohost.test",
        "condor_read(): timeout reading 5 bytes from collector at <10.0.0.1:9618>.",
        "condor_read() failed: recv(fd=3) returned -1, errno = 104 Connection reset by peer",
        "condor_write(): Socket closed when trying to write 13 bytes to schedd",
    ],
)
def test_nobody_there_is_no_refusal(complaint: str) -> None:
    """A host that does not answer is unreachable, with the same last words."""
    with pytest.raises(Unreachable, match="condor_q"):
        judge(done(1, complaint + NO_ADDRESS), what="condor_q", host="ce.test")


def test_who_refuses_may_hang_up() -> None:
    complaint = (
        "SECMAN: required authentication with schedd failed, so aborting command ACT_ON_JOBS.\n"
        "condor_read(): Socket closed when trying to read 5 bytes from schedd\n"
    )
    assert judge(done(1, complaint), what="condor_rm", host="ce.test").denied


def test_other_trouble_is_neither() -> None:
    """A job that is not there is no refusal."""
    judged = judge(done(1, "Job 9.0 not found"), what="condor_rm", host="ce.test")
    assert (judged.ok, judged.denied) == (False, False)


def test_the_missing_cache_of_keys_is_no_refusal() -> None:
    """Each command complains of a folder that it may not make; that says nothing of the answer."""
    noise = "Failed to set SciTokens cache directory to /run/x: mkdir error: Permission denied\n"
    judged = judge(done(1, noise + "Job 9.0 not found"), what="condor_rm", host="ce.test")
    assert not judged.denied


@pytest.mark.parametrize(
    ("ad", "state", "exit_code"),
    [
        ({"JobStatus": 1}, JobState.QUEUED, None),
        ({"JobStatus": 2}, JobState.RUNNING, None),
        ({"JobStatus": 3, "RemoveReason": "via condor_rm"}, JobState.CANCELLED, None),
        ({"JobStatus": 4, "ExitCode": 0}, JobState.DONE, 0),
        ({"JobStatus": 4, "ExitCode": 3}, JobState.FAILED, 3),
        ({"JobStatus": 4, "ExitBySignal": True, "ExitSignal": 9}, JobState.FAILED, None),
        ({"JobStatus": 5, "HoldReasonCode": 16}, JobState.QUEUED, None),
        ({"JobStatus": 5, "HoldReasonCode": 13}, JobState.HELD, None),
    ],
)
def test_states(ad: dict[str, object], state: JobState, exit_code: int | None) -> None:
    """The numbers of JobStatus; a job that is held only while its files arrive is queued."""
    status = job_status(answer(), ad)
    assert (status.state, status.exit_code) == (state, exit_code)


@pytest.mark.parametrize(
    ("ad", "reason"),
    [
        ({"JobStatus": 5, "HoldReason": "too long", "ExitBySignal": True, "ExitSignal": 15}, "too long"),
        ({"JobStatus": 4, "ExitBySignal": True, "ExitSignal": 9}, "ended by signal 9"),
        ({"JobStatus": 4, "ExitCode": 0}, ""),
    ],
)  # fmt: skip
def test_reasons(ad: dict[str, object], reason: str) -> None:
    """What the pool says of a job that it ended goes before the signal by which it did."""
    assert job_status(answer(), ad).reason == reason


def test_ads_by_id() -> None:
    """condor_q prints nothing at all where it finds nothing."""
    text = '[{"ClusterId": 7, "ProcId": 0, "JobStatus": 2}]'
    assert list(job_ads(answer(text))) == ["7.0"]
    assert job_ads(answer("")) == {}


def test_a_submit_file() -> None:
    """Programs are the worker's own; arguments are in the new syntax, which keeps blanks and quotes."""
    text = submit_file(JobDescription("/bin/sh", ("-c", """echo "it's" """), outputs=("r.txt",)))
    assert "transfer_executable = false\n" in text
    assert """arguments = "-c 'echo ""it''s"" '"\n""" in text
    assert "transfer_output_files = r.txt\n" in text
    assert text.endswith("queue\n")


def test_ids_of_all_jobs_of_a_file() -> None:
    """The first and the last of each cluster are told, among warnings."""
    text = "WARNING: old\n7.0 - 7.2\n8.0 - 8.0\n"
    assert job_ids_of(answer(text)) == ["7.0", "7.1", "7.2", "8.0"]
    assert job_ids_of(answer("")) == []


class Pool:
    """Stands for the workstation: takes files of up to one job, and notes what it was told to do."""

    host = SimpleNamespace(name="ui.a.test")

    def __init__(self) -> None:
        self.told: list[str] = []

    def run(self, command: str, *, env: dict[str, str] | None = None, **_: object) -> Completed:
        self.told.append(command)
        if "condor_submit" not in command:
            return done(0, stdout="")
        refused = "queue 2" in (env or {})["JOB"]
        return done(1, "ERROR: no room") if refused else done(0, stdout="7.0 - 7.0\n")


def element(pool: Pool) -> HTCondorElement:
    return HTCondorElement(endpoint="condor://ce.test:9618", audience="a", workstation=pool)  # type: ignore[arg-type]


def test_a_refused_file_is_one_answer_without_a_job() -> None:
    """Nothing of it is cleaned at the end; what was taken is."""
    pool = Pool()
    ce = element(pool)
    (refused,) = ce.submit_many("queue 2\n", None)
    assert (refused.ok, refused.job_id, refused.text) == (False, "", "ERROR: no room")
    (taken,) = ce.submit_many("queue\n", None)
    assert (taken.ok, taken.job_id) == (True, "7.0")
    ce.close()
    (removal,) = [command for command in pool.told if "condor_rm" in command]
    assert " 7.0 " in removal


def test_jobs_of_a_name() -> None:
    """The queue is asked for them alone."""
    pool = Pool()
    assert element(pool).jobs(None, name="mine") == frozenset()
    assert "-constraint 'JobBatchName == \"mine\" && JobStatus != 3'" in pool.told[0]


@pytest.mark.parametrize("text", ["busy", "{}", "1", '[{"ProcId": 0}]'])
def test_what_is_no_list_of_class_ads_says_so(text: str) -> None:
    with pytest.raises(AssertionError, match=r"not a JSON list of ClassAds|has no `ClusterId`"):
        job_ads(Answer("condor_q", 0, ok=True, denied=False, body=text.encode()))


NAMES = st.sampled_from(
    "ClusterId ProcId JobStatus ExitCode ExitBySignal ExitSignal HoldReason HoldReasonCode".split()
)
ADS = st.lists(
    st.dictionaries(
        NAMES, st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())
    )
)


@given(ADS.map(json.dumps) | st.text())
def test_any_class_ads_are_read_or_named(text: str) -> None:
    """Nothing but an AssertionError comes of what a queue tells."""
    answer = Answer("condor_q", 0, ok=True, denied=False, body=text.encode())
    with suppress(AssertionError):
        assert all(job_status(answer, ad).state for ad in job_ads(answer).values())


@pytest.mark.parametrize(
    ("ad", "state", "told"),
    [
        ({"JobStatus": "2"}, JobState.RUNNING, "RUNNING"),
        ({"JobStatus": "5", "HoldReasonCode": "16"}, JobState.QUEUED, "SPOOLING"),
        ({"JobStatus": 4, "ExitBySignal": "false", "ExitSignal": 9}, JobState.DONE, "COMPLETED"),
        ({"JobStatus": 4, "ExitBySignal": "true", "ExitSignal": 9}, JobState.FAILED, "COMPLETED"),
        ({"JobStatus": 11}, JobState.RUNNING, "JobStatus 11"),
        ({"JobStatus": None}, JobState.RUNNING, "JobStatus None"),
        ({}, JobState.RUNNING, "JobStatus None"),
    ],
)  # fmt: skip
def test_a_class_ad_is_read_in_other_shapes(
    ad: dict[str, object], state: JobState, told: str
) -> None:
    """A state that nobody knows is no end: who waits is told it where time runs out."""
    status = job_status(answer(), ad)
    assert (status.state, status.native) == (state, told)


def test_a_class_ad_whose_job_has_no_number_says_so() -> None:
    assert list(job_ads(answer('[{"ClusterId": "7", "ProcId": 0}]'))) == ["7.0"]
    with pytest.raises(AssertionError, match="`ProcId` is not a number"):
        job_ads(answer('[{"ClusterId": 7, "ProcId": {"a": 1}}]'))


def test_the_ids_of_jobs_are_read_with_any_end_of_line() -> None:
    assert job_ids_of(answer("7.0 - 7.2\r\n")) == ["7.0", "7.1", "7.2"]


@pytest.mark.parametrize(
    "complaint",
    [
        '11/22/26 11:06:40 SECMAN: FAILED: Received "DENIED" from server for user a@b',
        'SECMAN:2010:Received "DENIED" from server for user a@b',
        "11/22/26 11:06:40 ERROR: AUTHENTICATE:1003:Failed to authenticate with any method|AUTH",
        "DCSchedd:actOnJobs: Action failed\n\nPermission denied to hold job 401.0\n",
    ],
)
def test_the_security_layer_and_the_queue_deny(complaint: str) -> None:
    assert judge(done(1, complaint), what="condor_rm", host="ce.test").denied


@pytest.mark.parametrize(
    "complaint",
    [
        'ERROR: Can\'t open "/home/x/denied" with flags 02 (Permission denied)',
        "ERROR: The job must say who is not authorized to read DENIED files.",
        "11/22/26 11:06:40 ERROR: AUTHENTICATE:1002:Failure performing handshake",
        "Job 403.401 not found",
        "ERROR: Couldn't find queue DENIED at permission-denied.example: Not authorized.example is no host",
        "mkdir error: Permission denied",
    ],
)
def test_what_only_speaks_of_permissions_denies_nothing(complaint: str) -> None:
    judged = judge(done(1, complaint), what="condor_submit", host="ce.test")
    assert (judged.ok, judged.denied) == (False, False)

"""What ARC's REST interface is told and what it tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.answer import Answer
from harness.services.compute.arc import ArcElement, hidden, named, xrsl
from harness.services.compute.arc_commands import arc_jobs, arc_status
from harness.services.compute.client import JobDescription, JobState


def answer(status: int) -> Answer:
    return Answer(what="GET /job", status=status, ok=status < 300, denied=status in (401, 403))


def test_a_description_names_what_comes_back() -> None:
    """What is not among the output files is deleted by ARC, standard output included."""
    text = xrsl(JobDescription("/bin/echo", ("a b",), outputs=("result.txt",), wall_time=90))
    assert '(executable="/bin/echo")(arguments="a b")' in text
    assert '(outputfiles=("stdout.txt" "")("stderr.txt" "")("result.txt" ""))' in text
    assert '(walltime="90 seconds")' in text
    assert "inputfiles" not in text


def test_quotes_are_doubled() -> None:
    """A double quote within a string of xRSL is written twice."""
    assert '(arguments="-c" "echo ""x""")' in xrsl(JobDescription("/bin/sh", ("-c", 'echo "x"')))


def test_files_travel_by_name() -> None:
    """An empty source tells ARC to wait for the upload."""
    assert '(inputfiles=("run.sh" ""))' in xrsl(JobDescription.script("exit 3"))


def test_not_found_hides() -> None:
    """404 of a job denies, a crash does not."""
    assert hidden(answer(404)).denied
    assert hidden(answer(403)).denied
    assert not hidden(answer(500)).denied
    assert not hidden(answer(200)).denied


def test_arcstat_tells_the_exit_code() -> None:
    """A failed job is FAILED with the code of its payload and ARC's own reason."""
    job = {"id": "j", "state": "Failed", "exitCode": 3, "jobError": ["LRMS error: (3) Job failed"]}
    status = arc_status(answer(200), job)
    assert (status.state, status.exit_code) == (JobState.FAILED, 3)
    assert "LRMS" in status.reason


def test_arcstat_knows_no_such_job() -> None:
    """A job that is not in the answer is gone, and the question has failed."""
    status = arc_status(answer(200), None)
    assert (status.ok, status.state) == (False, JobState.GONE)


def test_what_is_left_is_killed_and_cleaned() -> None:
    """ARC cleans a job that runs when that has ended by itself, so it is ended first."""
    asked: list[str] = []

    class Wire:
        def request(self, _method: str, url: str, **_: object) -> Answer:
            asked.append(url.rpartition("=")[2])
            job = b'{"job": {"id": "j", "status-code": "201"}}'
            return Answer(what=url, status=201, ok=True, denied=False, body=job)

        def close(self) -> None:
            asked.append("closed")

    element = ArcElement(endpoint="https://ce.test/arex", audience="a", connect=Wire)  # type: ignore[arg-type]
    element.submit(JobDescription(), None)
    element.close()
    assert asked == ["new", "kill", "clean", "closed"]


def test_jobs_in_a_state() -> None:
    """The state stands in the question; a single job comes without its list."""
    asked: list[str] = []

    class Wire:
        def request(self, _method: str, url: str, **_: object) -> Answer:
            asked.append(url.rpartition("/")[2])
            return Answer(what=url, status=200, ok=True, denied=False, body=b'{"job": {"id": "j"}}')

    element = ArcElement(endpoint="https://ce.test/arex", audience="a", connect=Wire)  # type: ignore[arg-type]
    assert element.jobs(None) == element.jobs(None, native="KILLED") == {"j"}
    assert asked == ["jobs", "jobs?state=KILLED"]


def test_names_are_found_however_deep() -> None:
    """A document of GLUE 2 is deep, and a single element comes without its list."""
    document = {"a": {"Share": {"ID": "1"}, "b": [{"Share": [{"ID": "2"}]}, "text"]}, "c": None}
    assert list(named(document, "Share")) == [{"ID": "1"}, [{"ID": "2"}]]


def element(*bodies: bytes) -> ArcElement:
    """Return a computing element that answers so, the last for ever."""
    left = list(bodies)

    class Wire:
        def request(self, _method: str, url: str, **_: object) -> Answer:
            body = left.pop(0) if len(left) > 1 else left[0]
            return Answer(what=url, status=200, ok=True, denied=False, body=body)

        def close(self) -> None:
            pass

    return ArcElement(endpoint="https://ce.test/arex", audience="a", connect=Wire)  # type: ignore[arg-type]


@pytest.mark.parametrize("body", [b"{}", b'{"job": []}', b"[1]", b"busy", b'{"job": "x"}'])
def test_a_submission_that_is_answered_without_a_job_says_so(body: bytes) -> None:
    with pytest.raises(AssertionError, match="1 jobs were submitted, but the answer lists 0"):
        element(body).submit(JobDescription(), None)


def test_a_job_whose_record_names_no_queue_says_so() -> None:
    record = b'{"job": {"id": "1", "info_document": {"ComputingActivity": {"Associations": 1}}}}'
    with pytest.raises(AssertionError, match=r"names no `Associations\.ComputingShareID`"):
        element(record).queue_of("1", None)


NAMES = st.sampled_from(
    "job id state status-code info_document ComputingActivity ExitCode Error version "
    "ComputingShare ID MappingQueue jobs exitCode jobError".split()
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
    max_leaves=12,
)


@given(JSON.map(lambda value: json.dumps(value).encode()) | st.binary())
def test_any_answer_of_arc_is_read_or_named(body: bytes) -> None:
    """Nothing but an AssertionError comes of what a computing element sends."""
    asks: list[Callable[[], object]] = [
        lambda: element(body).statuses(["1"], None),
        lambda: element(body).jobs(None),
        lambda: element(body).versions(None),
        lambda: element(body).queues(None),
        lambda: element(body).queue_of("1", None),
        lambda: element(body).cancel("1", None),
        lambda: element(body).submit(JobDescription(), None),
        lambda: [
            arc_status(answer(200), job) for job in arc_jobs(Answer("q", 0, True, False, body))
        ],
    ]
    for ask in asks:
        with suppress(AssertionError):
            ask()


def states(*jobs: dict[str, object]) -> list[tuple[JobState, str]]:
    """Return how the states of jobs are understood that ARC tells so, with no record of any."""
    told = json.dumps(
        {"job": [{"id": str(n), "status-code": "200", **job} for n, job in enumerate(jobs)]}
    )
    found = element(told.encode()).statuses([str(n) for n, _ in enumerate(jobs)], None)
    return [(status.state, status.native) for status in found]


def test_states_are_read_in_any_letters() -> None:
    assert states({"state": "finished"}, {"state": " Queuing "}, {"state": "KILLED"}) == [
        (JobState.DONE, "finished"),
        (JobState.QUEUED, " Queuing "),
        (JobState.CANCELLED, "KILLED"),
    ]


def test_a_state_that_nobody_knows_is_no_end() -> None:
    """Who waits goes on, and is told the word where time runs out; a job without a state is gone."""
    assert states({"state": "ARCHIVING"}, {"state": 7}, {"state": None}, {}) == [
        (JobState.RUNNING, "ARCHIVING"),
        (JobState.RUNNING, "7"),
        (JobState.GONE, ""),
        (JobState.GONE, ""),
    ]


@pytest.mark.parametrize("code", ["404", 404, 410])
def test_a_job_that_is_not_found_is_gone_whatever_its_state_is_called(code: object) -> None:
    """ARC CE 7 answers for a job that was cleaned: 404, with the word `None` for its state."""
    job = {"id": "j", "status-code": code, "reason": "Job not found", "state": "None"}
    (status,) = element(json.dumps({"job": [job]}).encode()).statuses(["j"], None)
    assert (status.ok, status.state) == (False, JobState.GONE)


@pytest.mark.parametrize("record", [{"ExitCode": "3"}, [{"ExitCode": 3}], [{"ExitCode": "3"}, {}]])
def test_a_record_comes_with_its_list_or_without(record: object) -> None:
    job = {
        "id": "j",
        "status-code": 200,
        "state": "FAILED",
        "info_document": {"ComputingActivity": record},
    }
    (status,) = element(json.dumps({"job": job}).encode()).statuses(["j"], None)
    assert (status.state, status.exit_code) == (JobState.FAILED, 3)


@pytest.mark.parametrize("share", ["urn:share:short", ["urn:share:short"]])
def test_a_share_comes_with_its_list_or_without(share: object) -> None:
    activity = {"Queue": "short", "Associations": {"ComputingShareID": share}}
    record = {"job": [{"id": "1", "info_document": {"ComputingActivity": activity}}]}
    assert element(json.dumps(record).encode()).queue_of("1", None) == ("urn:share:short", "short")


@pytest.mark.parametrize(
    ("state", "understood"),
    [("finished", JobState.DONE), ("Somewhere", JobState.RUNNING), (None, JobState.QUEUED)],
)
def test_arcstat_is_read_in_any_letters(state: object, understood: JobState) -> None:
    assert (
        arc_status(answer(200), {"id": "j", "state": state, "jobError": "why"}).state is understood
    )
    assert arc_status(answer(200), {"id": "j", "state": state, "jobError": "why"}).reason == "why"


def test_an_endpoint_may_end_in_a_slash() -> None:
    asked: list[str] = []

    class Wire:
        def request(self, _method: str, url: str, **_: object) -> Answer:
            asked.append(url)
            return answer(200)

    ArcElement(endpoint="https://ce.test/arex/", audience="a", connect=Wire).jobs(None)  # type: ignore[arg-type]
    assert asked == ["https://ce.test/arex/rest/1.1/jobs"]

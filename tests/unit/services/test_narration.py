"""What a request or a command means is told in a sentence by the kind of its service."""

from __future__ import annotations

import pytest

from harness.kinds import registry
from harness.narration import Flow, action
from harness.services.compute import narration as compute
from harness.services.issuer import narration as issuer
from harness.services.storage import narration as storage

URL = "https://se.example/vo/x/data"
JOBS = "https://ce.example/arex/rest/1.1/jobs"


def english(text: str) -> str:
    return text


@pytest.mark.parametrize(
    ("title", "sent", "says", "flow"),
    [
        (f"MKCOL {URL}", "", "creates a folder", Flow.ASK),
        (f"PUT {URL}", "", "stores the file data", Flow.PUT),
        (f"GET {URL} (a redirect)", "", "reads the file data", Flow.GET),
        (f"HEAD {URL}", "want-digest: adler32", "reports the checksum of data", Flow.ASK),
        (f"HEAD {URL}", "", "reports the size of data", Flow.ASK),
        (f"DELETE {URL}", "", "deletes data", Flow.ASK),
        (f"COPY {URL}", "source: https://a.example/b", "pulls data", Flow.GET),
        (f"COPY {URL}", "destination: https://a.example/b", "pushes data", Flow.PUT),
    ],
)
def test_storage(title: str, sent: str, says: str, flow: Flow) -> None:
    done = action(title, sent)
    assert done is not None
    told = storage.tell(done, english)
    assert told is not None
    assert says in told.text
    assert told.flow is flow


@pytest.mark.parametrize(
    ("title", "says", "minor"),
    [
        (f"POST {JOBS}?action=new", "submits the job", False),
        (f"POST {JOBS}?action=status", "the state of the job", True),
        (f"PUT {JOBS}/17/session/input.json", "input.json travels with the job", False),
        (f"GET {JOBS}/17/session/stdout.txt", "fetches stdout.txt", False),
        (f"POST {JOBS}?action=clean", "removes the job", True),
        ("ui.example$ printf %s x | condor_submit -spool", "submits the job", False),
        ("ui.example$ condor_q -pool ce.example", "the state of the job", True),
        (
            "ui.example$ condor_transfer_data 1.0 >&2 && { [ -e a ] || exit 9; cat stdout.txt; }",
            "fetches stdout.txt",
            False,
        ),
    ],
)
def test_compute(title: str, says: str, minor: bool) -> None:
    done = action(title)
    assert done is not None
    told = compute.tell(done, english)
    assert told is not None
    assert says in told.text
    assert told.minor is minor


def test_issuer() -> None:
    asked = action("POST https://aai.example/token", "grant_type=password&username=a")
    assert asked is not None
    told = issuer.tell(asked, english)
    assert told is not None
    assert told.flow is Flow.GET
    read = action("GET https://aai.example/.well-known/openid-configuration")
    assert read is not None
    assert (told := issuer.tell(read, english)) is not None
    assert told.minor


def test_what_a_kind_has_no_word_for_is_left_to_others() -> None:
    for kind in (storage, compute, issuer):
        done = action("LOCK https://a.example/b")
        assert done is not None
        assert kind.tell(done, english) is None


def test_a_step_that_holds_others_together_is_no_action() -> None:
    assert action("control: the same request, as it may be made") is None


def test_each_story_of_a_kind_is_there() -> None:
    assert {kind.name for kind in registry() if kind.story} >= {"issuer", "storage", "compute"}

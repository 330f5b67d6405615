"""The job on the worker: it computes on what it was given and on nothing else, or says why it does not."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.science import result
from harness.science.field import WrongResult
from harness.science.plan import Archive
from harness.science.result import judge, report
from tests.unit.science.trials import ADDING, PROGRAM, Adding, Trial, prepared

NO_PROGRAM = [
    PROGRAM + "sys.exit('no such method')",
    PROGRAM + "import os; os.kill(os.getpid(), 9)",
]


def why(trial: Trial, code: int) -> str:
    """Return why a job failed."""
    done = trial.run()
    assert done.returncode == code, done
    assert not (trial.home / "result.tar.gz").exists()
    with pytest.raises(WrongResult) as raised:
        report(done.stdout)
    return str(raised.value)


def test_it_computes_and_sends_the_result_home(trial: Trial) -> None:
    told = report(trial.run().stdout)
    found = result.read(trial.result, trial.plan, told)
    assert json.loads(found.right["sum.json"]) == 6
    judged = judge(found)
    assert [one.right for one in judged.figures["right"]] == [True]
    assert [one.right for one in judged.figures["control"]] == [False]
    assert told.runs["right"].parameters == {"factor": 1}
    assert told.runs["right"].memory > 0


def test_a_changed_bundle_is_told_before_it_is_unpacked(trial: Trial) -> None:
    (trial.home / "bundle").write_bytes(b"another")
    said = why(trial, 21)
    assert said.startswith("bundle: it is not the one that was prepared: its SHA-256 is ")
    assert trial.plan.bundle.sha256 in said
    assert not (trial.worker / "bundle").exists()


def test_a_truncated_input_is_told(trial: Trial) -> None:
    file = trial.home / "input"
    file.write_bytes(file.read_bytes()[:-1])
    assert why(trial, 22).startswith("input: it is not the one that was prepared")


def test_an_input_that_is_missing_is_told(trial: Trial) -> None:
    (trial.home / "input").unlink()
    assert why(trial, 22).startswith("input: ")


def test_a_worker_with_too_little_memory_is_told_before_anything_is_fetched(trial: Trial) -> None:
    said = why(trial.changed(memory=2**30), 20)
    assert said.startswith("worker: not enough memory: ")
    assert said.endswith(f"it needs {2**30} MiB")
    assert not (trial.worker / "bundle").exists()


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (NO_PROGRAM[0], "the run `right` ended with exit code 1: no such method"),
        (NO_PROGRAM[1], "was ended by signal 9 (often for want of memory)"),
    ],
)
def test_a_program_that_fails_is_told_with_its_last_words(
    tmp_path: Path, program: str, said: str
) -> None:
    adding = Adding(**{**vars(ADDING), "program": program})
    assert said in why(prepared(adding, tmp_path), 23)


def test_a_result_that_cannot_be_stored_is_told(trial: Trial) -> None:
    assert why(trial.changed(output="file:///proc/none/result"), 24).startswith("result: ")


class _Asked(http.server.BaseHTTPRequestHandler):
    tokens: list[str | None]

    def do_GET(self) -> None:
        self.tokens.append(self.headers["Authorization"])
        self.send_response(403)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def storage() -> Iterator[http.server.HTTPServer]:
    _Asked.tokens = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Asked)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_token_goes_to_the_storage_and_into_no_message(
    trial: Trial, storage: http.server.HTTPServer
) -> None:
    url = f"http://127.0.0.1:{storage.server_port}/bundle"
    done = trial.changed(bundle=Archive(url, "0" * 64, 1)).run()
    assert _Asked.tokens == ["Bearer read-canary"]
    assert "bundle: " in report_of_failure(done.stdout)
    assert "canary" not in done.stdout + done.stderr


def report_of_failure(output: str) -> str:
    with pytest.raises(WrongResult) as raised:
        report(output)
    return str(raised.value)

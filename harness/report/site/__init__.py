"""The published site: `site/<testbed>/`, static pages that need no server.

Every night has a folder of its own, named by the run, which is complete or absent and never changes
again. The files beside them (the entry page, the feed, badges, the list of nights) are small and are
replaced one by one, the entry page last: a reader never sees half a night.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from harness import files
from harness.conformance import history, inputs, statement, usage
from harness.conformance.history import Grid, History, HistoryError
from harness.conformance.statement import Statement
from harness.conformance.usage import Usage
from harness.errors import BadInput, TestbedError
from harness.printable import storable
from harness.proof.judgement import RECORD, Proof
from harness.report import addresses, allure, findings, levels, withholding
from harness.report.publish import leaks
from harness.report.site import framework, latest, letter, machine, metrics, writing
from harness.report.site.editions import EDITIONS
from harness.report.site.night import Night
from harness.report.site.pages import Pages
from harness.report.site.templating import environment, time
from harness.translation import ENGLISH

SITES = Path("site")
PROOFS = Path("proofs")
ASSETS = Path(__file__).parent / "assets"

_FED = 30
"""Nights that the feed tells of."""


def build(folder: Path, *, console: Console, sites: Path = SITES, proofs: Path = PROOFS) -> Path:
    """Enter a run into the history, make its pages and renew the entry page; return that.

    Raises
    ------
    BadInput
        where the folder has no statement, the history cannot be used, or TESTBED_ADDRESS is no address.
    TestbedError
        where a file cannot be written; what was there before stays as it was.
    """
    found = Statement.read(folder)
    site, address = sites / found.run.testbed, addresses.published()
    with History.open(folder.parent / history.FILE) as store, _telling(site):
        night = _night(folder, found, store, site=site, proofs=proofs, console=console)
        _write_night(night, site)
        _write_root(store, site, found.run.testbed, address)
    return site / "index.html"


def write_letter(
    folder: Path,
    name: str,
    to: Path,
    *,
    console: Console,
    secrets: Iterable[str] = (),
    language: str = ENGLISH,
    sites: Path = SITES,
    proofs: Path = PROOFS,
) -> None:
    """Write the page of the site `name` in a night as one file, which can be sent by mail.

    Parameters
    ----------
    secrets
        what must not be in it.

    Raises
    ------
    BadInput
        where the run is no whole night or has no such site, the page holds a secret, or TESTBED_ADDRESS is
        no address.
    TestbedError
        where the file cannot be written.
    """
    found, address = Statement.read(folder), addresses.published()
    if not found.scope.whole:
        raise BadInput(
            f"{folder}: it is a part of a night only, and a site's page tells of whole nights. "
            "Name the folder of a whole run, or make one: `testbed nightly`."
        )
    with History.open(folder.parent / history.FILE) as store:
        place = sites / found.run.testbed
        night = _night(folder, found, store, site=place, proofs=proofs, console=console)
    known = list(findings.read(findings.load()))
    text = letter.text(night, name, known, address=address, language=language)
    if leak := leaks.find(text.encode(), secrets):
        raise BadInput(
            f"{to}: the page would hold {leak}, so it was not written. Find out what wrote it into "
            f"the evidence of {folder}, and consider what was leaked as known: change it."
        )
    try:
        files.replace(to, text)
    except OSError as error:
        raise TestbedError(
            f"{to}: {error.strerror or error}. Name a file in a folder that is there and can be written."
        ) from error


def _night(
    folder: Path,
    found: Statement,
    store: History,
    *,
    site: Path,
    proofs: Path,
    console: Console,
) -> Night:
    """Enter a run into the history, and return all that its pages show."""
    store.add(found)
    known, run = list(findings.read(findings.load())), found.run
    return Night(
        folder=folder,
        statement=withholding.statement(found, known, dt.datetime.now(dt.UTC).date()),
        catalogue=(wanted := inputs.read_catalogue(folder)),
        grid=(grid := _until(store.grid(run.testbed), run.id)),
        before=_before(store, grid, console),
        published=frozenset((*published(site), run.id)),
        former=frozenset(id_ for id_ in stated(site) if _is_former(site / id_)),
        proof=_newest_proof(proofs),
        months=levels.months(store, run, folder=folder),
        samples=store.samples(run.testbed, until=run.start),
        figures=store.figures(run.testbed, until=run.start),
        usage=usage.read(folder),
        usage_before=list(_usage_before(grid, folder, site)),
        policies=framework.adopted(folder, wanted),
        allure=allure.ids(folder),
    )


def _usage_before(grid: Grid, folder: Path, site: Path) -> Iterator[Usage]:
    """Yield what was used in the nights before one in its month, from their run's folder or their pages."""
    *before, last = grid.nights
    for night in before:
        if night.start[:7] == last.start[:7]:
            places = (folder.parent / night.id, site / night.id)
            if found := next(filter(None, map(usage.read, places)), None):
                yield found


def published(site: Path) -> list[str]:
    """Return the ids of the nights whose pages are there, oldest first."""
    return [id_ for id_ in stated(site) if (site / id_ / "matrix.html").exists()]


def stated(site: Path) -> list[str]:
    """Return the ids of the nights whose statement is there, oldest first; pages may be pruned."""
    names = (path.parent.name for path in site.glob(f"*/{statement.FILE}"))
    return sorted(name for name in names if name != latest.FOLDER and not name.startswith("."))


def _is_former(night: Path) -> bool:
    """Tell whether a night was published when routes led to infrastructures, by its statement's version."""
    with (night / statement.FILE).open(encoding="utf-8", errors="replace") as file:
        return '"version": "1.' in file.read(60)


@contextmanager
def _telling(site: Path) -> Iterator[None]:
    """Say which file could not be written, and that nothing else was harmed."""
    try:
        yield
    except OSError as error:
        where = error.filename or site
        raise TestbedError(
            f"{where}: {error.strerror or error}. The pages of this night are not there; those of "
            "the nights before are as they were. Make room, then `testbed report` makes them."
        ) from error


def _until(grid: Grid, id_: str) -> Grid:
    """Leave out the nights after one."""
    number = [night.id for night in grid.nights].index(id_) + 1
    return Grid(grid.nights[:number], grid.columns[:number], grid.cells)


def _before(store: History, grid: Grid, console: Console) -> Statement | None:
    """Return the statement of the night before; one that is damaged is told of and passed over."""
    for night in reversed(grid.nights[:-1]):
        if found := _statement(store, night.id, console):
            return found
    return None


def _statement(store: History, id_: str, console: Console) -> Statement | None:
    try:
        return store.statement(id_)
    except HistoryError as error:
        console.print(Text(storable(str(error)), style="yellow"), soft_wrap=True)
        return None


def _newest_proof(folder: Path) -> Proof | None:
    """Return the newest proof of all scenarios against all mutants."""
    for path in sorted(folder.glob(f"[0-9]*/{RECORD}"), reverse=True):
        with suppress(OSError, ValidationError):
            proof = Proof.model_validate_json(path.read_bytes())
            if not (proof.partial or proof.interrupted):
                return proof
    return None


def _write_night(night: Night, site: Path) -> None:
    """Write a night's folder beside its place, then put it there."""
    site.mkdir(parents=True, exist_ok=True)
    part = site / f".{night.id}.{os.getpid()}"
    try:
        shutil.copytree(ASSETS, part / "assets")
        pages = Pages(night, titles=inputs.titles(night.folder))
        for path, text in chain(pages.few(), machine.badges(night), _data(night)):
            writing.put(part / path, text)
        writing.write(pages.many(), part)
        for path, content in pages.files.items():
            (part / path).write_bytes(content)
        if (report := night.folder / allure.REPORT / "index.html").exists():
            _bring(report, part / "allure" / "index.html")
        else:
            writing.put(part / "allure" / "index.html", "This run has no Allure report.\n")
        shutil.copyfile(night.folder / statement.FILE, part / statement.FILE)
        _swap(part, site / night.id)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _swap(part: Path, place: Path) -> None:
    if place.exists():
        old = part.with_suffix(".old")
        place.rename(old)
        part.rename(place)
        shutil.rmtree(old)
    else:
        part.rename(place)


def _data(night: Night) -> Iterator[tuple[str, str]]:
    yield "matrix.csv", machine.matrix(night)
    yield "junit.xml", machine.junit(night.statement)
    yield "metrics.prom", metrics.text(night.statement)
    yield "verdicts.js", machine.verdicts(night.statement)
    if night.proof:
        yield "proof.csv", machine.pairs(night.proof)
    if night.usage:
        yield usage.FILE, night.usage.model_dump_json(indent=1) + "\n"
    yield "changes.txt", machine.told(night.changes) + "\n"


def _bring(file: Path, place: Path) -> None:
    """Bring a file along, as a link to the same content where the disk can."""
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, place)
    except OSError:
        shutil.copyfile(file, place)


def _write_root(store: History, site: Path, testbed: str, address: str) -> None:
    """Renew the files beside the nights, the entry page last."""
    ids = stated(site)
    nights = {night.id: night for night in store.nights(testbed)}
    listed = [nights[id_] for id_ in reversed(ids) if id_ in nights]
    replace(site / "statement.schema.json", json.dumps(statement.schema(), indent=1) + "\n")
    pairs = json.dumps([[night.id, time(night.start)] for night in listed])
    replace(site / "nights.js", f"window.testbedNights = {pairs};\n")
    replace(
        site / "nights.json",
        json.dumps(
            [{"id": n.id, "start": n.start, "exit_code": n.exit_code} for n in listed], indent=1
        )
        + "\n",
    )
    for file in sorted((site / ids[-1] / "badges").iterdir()):
        replace(site / "badges" / file.name, file.read_text(encoding="utf-8"))
    newest = nights.get(ids[-1])
    latest.renew(
        site, ids[-1], newest.start if newest else Statement.read(site / ids[-1]).run.start
    )
    entries = list(_entries(site, listed[:_FED]))
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    replace(site / "feed.xml", machine.feed(entries, testbed=testbed, now=now, address=address))
    leave, text = environment().get_template("leave.html"), f"The latest night: {ids[-1]}"
    for edition in EDITIONS[1:]:
        if (site / ids[-1] / edition.folder).is_dir():  # a night of a former version is in English
            page = f"../{ids[-1]}/{edition.folder}index.html"
            replace(site / edition.folder / "index.html", leave.render(page=page, text=text))
    replace(site / "index.html", leave.render(page=f"{ids[-1]}/index.html", text=text))


def _entries(site: Path, nights: Iterable[history.Night]) -> Iterator[dict[str, Any]]:
    for night in nights:
        with suppress(FileNotFoundError):
            text = (site / night.id / "changes.txt").read_text(encoding="utf-8").strip()
            yield {"night": night, "title": f"{time(night.start)}: {_title(text)}", "text": text}


def _title(text: str) -> str:
    """Return the changes in one line: `new deviation (2), repaired (1)`."""
    heads = [line.partition(":")[0] for line in text.splitlines() if "): " in line]
    return ", ".join(heads) or text.splitlines()[0]


def replace(path: Path, text: str) -> None:
    """Write a file, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    files.replace(path, text)

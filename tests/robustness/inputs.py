"""Files as people, editors and full disks leave them: each of an inventory and of a run, damaged."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness import inventory as inventories
from harness.conformance import agreement, deviations, downtimes, judging, verification
from harness.conformance.runs import Run
from harness.errors import ExitCode, TestbedError

Damage = Callable[[Path], None]


def _write(path: Path, content: bytes) -> None:
    path.unlink()
    path.write_bytes(content)


def _twice(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    _write(path, b"".join([*lines, *lines[-1:]]))


def _as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _as_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def _as_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _encoded(name: str) -> Damage:
    """Return the damage of an editor that saves in another encoding, with a comment in its letters."""

    def damage(path: Path) -> None:
        text = "# é 网格\n" if name != "latin-1" else "# é\n"
        _write(path, (text + path.read_text(encoding="utf-8")).encode(name, "replace"))

    return damage


DAMAGES: dict[str, Damage] = {
    "is gone": Path.unlink,
    "is empty": lambda path: _write(path, b""),
    "is cut short": lambda path: _write(path, path.read_bytes()[: path.stat().st_size * 2 // 3]),
    "has its last line twice": _twice,
    "is null": lambda path: _write(path, b"null\n"),
    "is a list": lambda path: _write(path, b"[1, 2]\n"),
    "is a word": lambda path: _write(path, b"word\n"),
    "is random bytes": lambda path: _write(path, bytes(range(255, -1, -1)) * 8),
    "holds NUL": lambda path: _write(path, path.read_bytes() + b"\0"),
    "has CRLF": lambda path: _write(path, path.read_bytes().replace(b"\n", b"\r\n")),
    "has a BOM": lambda path: _write(path, b"\xef\xbb\xbf" + path.read_bytes()),
    "is in UTF-16": _encoded("utf-16"),
    "is in Latin-1": _encoded("latin-1"),
    "is in GBK": _encoded("gbk"),
    "is a folder": _as_folder,
    "leads to itself": _as_loop,
    "is a pipe": _as_pipe,
}


@dataclass(frozen=True)
class Tried:
    """What came of one input."""

    what: str
    taken: bool
    """Whether it was read all the same."""
    flaw: str = ""
    told: str = ""
    """What was said of it where it was read."""


def inventories_damaged(inventory: Path) -> Iterator[Tried]:
    """Load an inventory once for each of its files and each damage."""
    for file in sorted(_files(inventory)):
        for name, damage in DAMAGES.items():
            with tempfile.TemporaryDirectory() as place:
                copy = Path(place) / inventory.name
                shutil.copytree(inventory, copy)
                damage(copy / file)
                yield _tried(f"{file} {name}", lambda copy=copy: _load(copy))


def runs_damaged(run: Path) -> Iterator[Tried]:
    """Judge a run once for each of the files that it is judged from and each damage."""
    names = ["plan.jsonl", "outcomes.jsonl", "run.json", "inventory.json", "known-deviations.yaml"]
    names += [f"catalogue/{one.name}" for one in sorted((run / "catalogue").iterdir())][:2]
    for file in names:
        for name, damage in DAMAGES.items():
            with tempfile.TemporaryDirectory() as place:
                copy = Path(place) / run.name
                shutil.copytree(run, copy, ignore=shutil.ignore_patterns("allure-*", "logs"))
                damage(copy / file)
                yield _tried(f"{file} {name}", lambda copy=copy: _judge(copy))


def _files(folder: Path) -> list[Path]:
    return [one.relative_to(folder) for one in folder.rglob("*") if one.is_file()]


def _load(inventory: Path) -> str:
    """Read all that a run reads of an inventory, as it begins."""
    testbed = inventories.load(inventory).testbed
    deviations.load(inventory / deviations.FILE)
    agreement.load(inventory / agreement.FILE, testbed)
    downtimes.load(inventory / downtimes.FILE, testbed)
    return ""


def _judge(folder: Path) -> str:
    """Judge a run; return what is said of files that are not as they were."""
    run = Run.read(folder)
    judgement = judging.judge(folder, run)
    return "; ".join([*judgement.damage, *verification.edited(folder, run)])


def _tried(what: str, read: Callable[[], str]) -> Tried:
    """Read it: either it is read, or an error of ours says in a line what is wrong."""
    with contextlib.redirect_stderr(io.StringIO()):
        try:
            told = read()
        except TestbedError as error:
            said = str(error)
            flaw = (
                "" if error.exit_code is ExitCode.USAGE else f"exit code {error.exit_code}: {said}"
            )
            return Tried(what, taken=False, flaw=flaw)
        except Exception as error:  # noqa: BLE001, whatever it is, it is what is looked for
            return Tried(what, taken=False, flaw=f"{type(error).__name__}: {error}")
    return Tried(what, taken=True, told=told)

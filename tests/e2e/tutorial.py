"""A tutorial, read from its Markdown and typed by a program as its reader would.

A chapter has two kinds of blocks:

* In a block of the language `console`, each line behind `$ ` is a command. After a backslash at its end it
  goes on in the next line. Below it stands what it prints, where `...` stands for anything. A command must
  end with 0, unless the next command is `echo $?`, which shows its code.
* Every other block is a file. The paragraph before it is the file's name in backquotes, and a colon.

So a test runs all that a reader is told to do, and nothing that a reader does not see.
"""

from __future__ import annotations

import doctest
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

SHOW_CODE = "echo $?"
TIMEOUT = 900
"""Seconds that a command gets: what hangs must end."""

_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
_ENVIRONMENT = ".environment"


class TutorialError(AssertionError):
    """A chapter does not keep the form, or what it tells does not come true; names file and line."""


@dataclass(frozen=True)
class Command:
    """A command, and what it is said to print; nothing is said where that is empty."""

    place: str
    words: str
    output: str
    may_fail: bool
    """Whether its exit code is shown next."""


@dataclass(frozen=True)
class File:
    """A file that the reader writes."""

    place: str
    path: str
    text: str


@dataclass(frozen=True)
class Ended:
    """What a command left."""

    code: int
    output: str


def chapters(folder: Path) -> list[Path]:
    """Return the chapters of a tutorial in their order: `1-first.md`, `2-second.md` ..."""
    return sorted(folder.glob("[0-9]*.md"), key=lambda path: int(path.name.partition("-")[0]))


def read(chapter: Path) -> list[Command | File]:
    """Return what a chapter tells its reader to do, in order.

    Raises
    ------
    TutorialError
        where a block is neither commands nor a file with its name.
    """
    tokens = MarkdownIt().parse(chapter.read_text(encoding="utf-8"))
    found: list[Command | File] = []
    for number, token in enumerate(tokens):
        if token.type not in ("fence", "code_block"):
            continue
        line = (token.map or [0])[0] + 1
        if token.info.strip() == "console":
            found += _commands(chapter, line + 1, token.content)
        elif path := _name(tokens[:number]):
            found.append(File(f"{chapter.name}:{line}", path, token.content))
        else:
            raise TutorialError(
                f"{chapter}:{line}: no test would run this block. Make its language `console`, or write "
                "the name of the file before it, as a paragraph that is `PATH`:"
            )
    return found


def _name(before: Sequence[Token]) -> str:
    """Return the path that the paragraph before a block names; empty where it is another paragraph."""
    if len(before) < 2 or before[-1].type != "paragraph_close":
        return ""
    match before[-2].children:
        case [Token(type="code_inline", content=path), Token(type="text", content=":")]:
            return str(path)
    return ""


def _commands(chapter: Path, first: int, block: str) -> Iterator[Command]:
    """Yield the commands of a block whose first line has the number `first`."""
    typed: list[tuple[int, list[str]]] = []
    printed: list[list[str]] = []
    goes_on = False
    for number, line in enumerate(block.splitlines(), start=first):
        if goes_on:
            typed[-1][1].append(line)
        elif line.startswith("$ "):
            typed.append((number, [line[2:]]))
            printed.append([])
        elif typed:
            printed[-1].append(line)
            continue
        else:
            raise TutorialError(
                f"{chapter}:{number}: a block begins with a command. Write `$ ` before it"
            )
        goes_on = line.endswith("\\")
    words = ["\n".join(lines) for _, lines in typed]
    for (number, _), said, output, following in zip(
        typed, words, printed, [*words[1:], ""], strict=True
    ):
        yield Command(
            f"{chapter.name}:{number}", said, "\n".join(output), may_fail=following == SHOW_CODE
        )


class Reader:
    """Works through chapters in one folder.

    Parameters
    ----------
    folder
        where the reader works. What is exported, and the folder to which one has changed, hold from one
        command to the next.
    named
        puts other names in place of those of the text: of the testbed, and of its addresses.
    known
        what commands have left that were typed already, on the same testbed.
    """

    def __init__(
        self,
        folder: Path,
        *,
        named: Callable[[str], str] = str,
        known: Mapping[str, Ended] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder, self._named, self._known = folder, named, known or {}
        self._environment = {**os.environ, **(environment or {})}
        self._state = folder / _ENVIRONMENT
        self._last = 0
        self._stuck = ""

    def follow(self, chapter: Path) -> None:
        """Do all that a chapter tells.

        Raises
        ------
        TutorialError
            naming the first command that ends otherwise than the chapter tells, with what it printed;
            where a chapter before has failed.
        """
        if self._stuck:
            raise TutorialError(f"{chapter.name} was not tried, because {self._stuck} failed")
        self._stuck = chapter.name
        for one in read(chapter):
            if isinstance(one, File):
                self._write(one)
            else:
                self._type(one)
        self._stuck = ""

    def _write(self, file: File) -> None:
        path = self.folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._named(file.text), encoding="utf-8")

    def _type(self, command: Command) -> None:
        ended = self._known.get(command.words) or self._run(self._named(command.words))
        self._last = ended.code
        if ended.code and not command.may_fail:
            raise TutorialError(
                f"{command.place}: `{command.words}` ended with {ended.code}:\n{ended.output}"
            )
        self._compare(command, ended)

    def _compare(self, command: Command, ended: Ended) -> None:
        if not command.output:
            return
        told = self._named(command.output) + "\n"
        checker = doctest.OutputChecker()
        if not checker.check_output(told, ended.output, _FLAGS):
            example = doctest.Example(command.words, told)
            difference = checker.output_difference(example, ended.output, _FLAGS)
            raise TutorialError(
                f"{command.place}: `{command.words}` printed something else:\n{difference}"
            )

    def _run(self, words: str) -> Ended:
        script = "\n".join(
            (
                f'[ ! -e "{self._state}" ] || . "{self._state}"',
                f"(exit {self._last})",
                words,
                "code=$?",
                f'{{ export -p; printf "cd \'%s\'\\n" "$PWD"; }} >"{self._state}"',
                "exit $code",
            )
        )
        done = subprocess.run(
            ["sh", "-c", script],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=TIMEOUT,
            check=False,
        )
        return Ended(done.returncode, done.stdout)

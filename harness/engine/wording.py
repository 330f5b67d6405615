"""Phrases that our texts no longer use: `python -m harness.engine.wording FOLDER ...` (docs/style.md).

It reads what reports show: titles of scenarios, and the sentences of the catalogue, of the mutants and of
known deviations. It is part of `make lint` only. A run never stops because of a phrase.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import yaml

INSTEAD: Mapping[str, str] = {
    r"permits? to": "permits + -ing: `permits reading`",
    r"to be had": "available",
    r"mend(?:s|ed)?": "fix, correct",
    r"(?:for )?want of": "lack of, or name what is missing",
    r"all the same": "nevertheless, or leave it out",
    r"bears?": "has",
    r"there (?:already|twice)": "already exists, appears twice",
    r"who (?:shows|brings|lacks|comes|asks)": "begin with the subject: `A request without a token ...`",
    r"sick|ill": "unhealthy",
    r"cells acted": "checks run",
}
"""Pattern of whole words -> what to write."""

_KEYS = frozenset({"statement", "unshown", "note", "fault", "reason", "title"})
"""Keys of YAML files whose values are sentences that reports show."""
_PATTERNS = {re.compile(rf"\b(?:{old})\b", re.IGNORECASE): new for old, new in INSTEAD.items()}


def breaches(paths: Iterable[Path]) -> Iterator[str]:
    """Yield a line for each phrase, with file, line and what to write.

    Parameters
    ----------
    paths
        folders, of which all `test_*.py` and all YAML files are read; or such files.
    """
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            for line, text in _texts(file):
                for pattern, instead in _PATTERNS.items():
                    if found := pattern.search(text):
                        yield f"{file}:{line}: {found[0]!r}. Write: {instead} (docs/style.md)."


def _texts(file: Path) -> Iterator[tuple[int, str]]:
    """Yield the sentences of a file, each with its line."""
    if file.match("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.Module) and (text := ast.get_docstring(node)):
                yield getattr(node, "lineno", 1), text
    elif file.suffix == ".yaml":
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        yield from _values(root) if root else ()


def _values(node: yaml.Node) -> Iterator[tuple[int, str]]:
    """Yield the sentences below a node, each with its line."""
    if isinstance(node, yaml.SequenceNode):
        for one in node.value:
            yield from _values(one)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(value, yaml.ScalarNode) and key.value in _KEYS:
                yield value.start_mark.line + 1, value.value
            else:
                yield from _values(value)


def main(words: Iterable[str]) -> int:
    """Check the files and folders named; return 1 if one has such a phrase."""
    found = list(breaches(map(Path, words)))
    print("\n".join(found) or "wording: no phrase to replace")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

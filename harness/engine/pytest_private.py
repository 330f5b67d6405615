"""All that the harness uses of pytest without a promise that it stays: nothing else imports `_pytest`.

Each says why, and which public interface is missing. A new version of pytest is tried against this
page alone. The rules `TID251` and `SLF001` of ruff (pyproject.toml) hold it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from _pytest._io import TerminalWriter
from _pytest.fixtures import FixtureFunctionDefinition
from _pytest.junitxml import LogXML
from _pytest.mark.expression import Expression
from _pytest.outcomes import Skipped
from _pytest.terminal import TerminalReporter

__all__ = ["Expression", "Skipped", "fixtures_of", "silence", "tear_down_everything"]

# `Expression`: what users know of `-k`, held against our own words. Pytest lets no plugin say which words
# its own `-k` looks at.

# `Skipped`: outcomes of our own derive from it, so that pytest counts them as skips. Its public name
# `pytest.skip.Exception` is a variable, which no type checker takes for a base class.


def tear_down_everything(session: pytest.Session) -> None:
    """Finish all fixtures of this process, those of the session too.

    A worker ends without `pytest_sessionfinish`, which writes reports that are the parent's. Pytest
    has no public call that finishes fixtures alone.
    """
    session._setupstate.teardown_exact(None)


def silence(config: pytest.Config) -> None:
    """Let a worker write neither to the terminal nor to JUnit's file; both are the parent's.

    The class of neither plugin is public, and that of JUnit is registered without a name.
    """
    for plugin in config.pluginmanager.get_plugins():
        if isinstance(plugin, TerminalReporter | LogXML):
            config.pluginmanager.unregister(plugin)
    config.pluginmanager.register(_Mute(), "terminalreporter")


def fixtures_of(module: ModuleType) -> list[tuple[str, Callable[..., Any]]]:
    """Return the fixtures that a module defines: name, and the function below the decorator.

    `pytest --fixtures` prints them; there is no public call that returns them.
    """
    return [
        (name, found._get_wrapped_function())
        for name, found in vars(module).items()
        if isinstance(found, FixtureFunctionDefinition)
    ]


class _Mute:
    """Stands for pytest's terminal: pytest-timeout takes the writer from its private attribute `_tw`."""

    def __init__(self) -> None:
        self._tw = TerminalWriter(open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115

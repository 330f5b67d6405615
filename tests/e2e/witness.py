"""A plugin for the runs under test: writes down every secret that the redactor is told.

So a test can look for each of them in all that the run has published. Named by PYTEST_PLUGINS in the
environment of the run, it reaches the workers too.
"""

from __future__ import annotations

import os
from pathlib import Path

from harness.redaction import Redactor

_PATH = Path(os.environ["TESTBED_WITNESS"])
_remember = Redactor.remember


def _witness(self: Redactor, secret: str) -> str:
    with _PATH.open("a") as file:  # one short write with O_APPEND: whole, whoever else writes
        file.write(secret.replace("\n", " ") + "\n")
    return _remember(self, secret)


Redactor.remember = _witness  # type: ignore[method-assign]

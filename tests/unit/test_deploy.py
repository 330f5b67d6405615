"""The units of systemd are such that systemd takes them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
VERIFIER = shutil.which("systemd-analyze")


@pytest.mark.skipif(not VERIFIER, reason="systemd-analyze is not on PATH (Debian package systemd)")
def test_systemd_takes_the_units() -> None:
    units = sorted(DEPLOY.glob("testbed-*"))
    assert {unit.suffix for unit in units} == {".service", ".timer"}
    done = subprocess.run(
        [str(VERIFIER), "verify", *map(str, units)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    # What it only warns of, it takes for nothing: a setting that it does not know.
    assert "testbed-" not in done.stderr


def test_units_name_each_other() -> None:
    nightly = (DEPLOY / "testbed-nightly.service").read_text()
    assert "OnSuccess=testbed-publish.service testbed-notify.service" in nightly
    assert "OnFailure=testbed-publish.service testbed-notify.service" in nightly
    assert (
        "After=network-online.target testbed-publish.service"
        in (DEPLOY / "testbed-notify.service").read_text()
    )
    assert "Unit=testbed-nightly.service" in (DEPLOY / "testbed-nightly.timer").read_text()

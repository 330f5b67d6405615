"""What the doctor and the engine tell a user to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.errors import BadInput, PreconditionError
from harness.provision import doctor, engine
from harness.provision.doctor import Finding, Findings


def test_only_faults_stop_a_testbed() -> None:
    found = [Finding("a", "ok", "there"), Finding("b", "warning", "old", "Renew it.")]
    assert Findings(tuple(found)).ready
    assert not Findings((*found, Finding("c", "fault", "none", "Get one."))).ready


def test_kernel_options_are_read_where_the_kernel_publishes_them(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(
        "# CONFIG_NET_SCH_NETEM is not set\nCONFIG_NET_SCH_TBF=m\nCONFIG_NF_TABLES=y\n"
    )
    option = doctor.kernel_config(packed=tmp_path / "none", plain=config)
    assert option is not None
    assert [option(name) for name in ("NET_SCH_NETEM", "NET_SCH_TBF", "NF_TABLES")] == [
        "n",
        "m",
        "y",
    ]
    assert doctor.kernel_config(packed=tmp_path / "none", plain=tmp_path / "none") is None


def test_a_setting_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTBED_MIN_DISK_GIB", "much")
    with pytest.raises(BadInput, match=r"TESTBED_MIN_DISK_GIB=much"):
        doctor.setting("TESTBED_MIN_DISK_GIB", 12)


def test_the_disk_counts_where_the_engine_keeps_its_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESTBED_MIN_DISK_GIB", "0")
    assert doctor.disk(tmp_path / "not" / "yet", warm=False).level == "ok"
    monkeypatch.setenv("TESTBED_MIN_DISK_GIB", str(shutil.disk_usage(tmp_path).total))
    assert doctor.disk(tmp_path, warm=False).level == "fault"


def test_an_engine_that_is_named_and_not_there_is_never_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    with pytest.raises(PreconditionError, match="unset it to use this machine's engine"):
        engine.connect()


@pytest.mark.parametrize("text", ["plenty", "nan", "inf", "-1", ""])
def test_a_setting_that_is_no_number_is_told(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTBED_MIN_DISK_GIB", text)
    with pytest.raises(
        BadInput, match=r"TESTBED_MIN_DISK_GIB=.*: a number is expected, 0 or greater"
    ):
        doctor.setting("TESTBED_MIN_DISK_GIB", 1)

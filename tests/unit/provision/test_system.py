"""Which mirror a Debian machine takes its packages from, and the kernel limits that hosts meet."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.provision import system

DEB822 = """\
Types: deb
# a comment
URIs: http://security.example.org/debian-security
Suites: bookworm-security
Components: main

Types: deb deb-src
URIs: http://mirror.example.org/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""
ONE_LINE = """\
# deb http://old.example.org/debian bookworm main
deb-src http://source.example.org/debian bookworm main
deb http://security.example.org/debian-security bookworm-security main
deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] http://mirror.example.org/debian bookworm main
"""


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(system, "SOURCES", tmp_path)
    release = {"ID": "debian", "VERSION_CODENAME": "bookworm"}
    monkeypatch.setattr(system.platform, "freedesktop_os_release", lambda: release)
    (tmp_path / "sources.list.d").mkdir()
    return tmp_path


def test_it_is_found_among_stanzas(apt: Path) -> None:
    (apt / "sources.list.d" / "debian.sources").write_text(DEB822)
    assert system.debian_mirror() == "http://mirror.example.org/debian"


def test_it_is_found_among_lines(apt: Path) -> None:
    (apt / "sources.list").write_text(ONE_LINE)
    assert system.debian_mirror() == "http://mirror.example.org/debian"


def test_a_source_that_is_switched_off_does_not_count(apt: Path) -> None:
    off = DEB822.replace("Components: main contrib", "Components: main contrib\nEnabled: no")
    (apt / "sources.list.d" / "debian.sources").write_text(off)
    assert system.debian_mirror() is None


def test_ubuntu_s_own_mirror_is_no_mirror_of_debian(
    apt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (apt / "sources.list").write_text(ONE_LINE)
    release = {"ID": "ubuntu", "VERSION_CODENAME": "bookworm"}
    monkeypatch.setattr(system.platform, "freedesktop_os_release", lambda: release)
    assert system.debian_mirror() is None


def test_a_low_limit_of_inotify_instances_is_raised(tmp_path: Path) -> None:
    limit = tmp_path / "max_user_instances"
    limit.write_text("128\n")
    assert system.inotify_instances(limit) == system.INOTIFY_WANTED


def test_a_higher_limit_of_inotify_instances_is_kept(tmp_path: Path) -> None:
    limit = tmp_path / "max_user_instances"
    limit.write_text("8192\n")
    assert system.inotify_instances(limit) == 8192

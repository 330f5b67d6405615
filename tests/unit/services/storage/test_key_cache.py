"""The program that reads and ages the keys kept by scitokens-cpp."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.engine.not_shown import NotRun
from harness.errors import Unreachable
from harness.model import Host, Service
from harness.services.storage import key_cache
from harness.services.storage.key_cache import KeyCache
from harness.shell import Completed

HOST = Host(
    name="se.a.test", infrastructure="a", site="A", roles=("xrootd",), connection="local", target=""
)
ISSUER = "https://aai.a.test"


def service(implementation: str) -> Service:
    return Service(
        type="webdav",
        endpoint="https://se.a.test/vo",
        implementation=implementation,
        host="se.a.test",
        site="A",
        infrastructure="a",
        token_profile="wlcg",
    )


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of keys that were fetched just now, and a host that runs programs on it."""
    path = tmp_path / "keys.sqllite"
    now = int(time.time())
    kept = json.dumps({"jwks": {"keys": []}, "next_update": now + 600, "expires": now + 345600})
    with sqlite3.connect(path) as db:
        db.execute(
            "CREATE TABLE keycache (issuer text UNIQUE PRIMARY KEY NOT NULL, keys text NOT NULL)"
        )
        db.execute("INSERT INTO keycache VALUES (?, ?)", (ISSUER, kept))

    def run(_shell: object, command: list[str], *, env: dict[str, str]) -> Completed:
        program = command[-1].replace("/run/xrootd-keys/scitokens/scitokens_cpp.sqllite", str(path))
        done = subprocess.run(
            [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False
        )
        return Completed("python3", done.returncode, done.stdout, done.stderr, 0.1)

    monkeypatch.setattr(key_cache.Shell, "run", run)
    return path


def test_times_are_told_and_nothing_is_changed(database: Path) -> None:
    cache = KeyCache(service("xrootd"), host=HOST, issuer=ISSUER)
    for _ in range(2):
        times = cache.times()
        assert 590 <= times.refresh <= 600
        assert 345590 <= times.expiry <= 345600


def test_keys_get_older(database: Path) -> None:
    cache = KeyCache(service("xrootd"), host=HOST, issuer=ISSUER)
    cache.age(3600)
    assert cache.times().refresh < 600 - 3590
    assert cache.times().expiry <= 345600 - 3600


def test_a_look_for_new_keys_is_due_and_the_old_ones_stay(database: Path) -> None:
    cache = KeyCache(service("xrootd"), host=HOST, issuer=ISSUER)
    cache.make_due()
    assert cache.times().refresh < 0
    assert cache.times().expiry > 345000


def test_keys_that_are_not_there_have_no_times(database: Path) -> None:
    with pytest.raises(Unreachable, match="no keys of"):
        KeyCache(service("xrootd"), host=HOST, issuer="https://another.test").times()


def test_keys_in_memory_cannot_be_aged(database: Path) -> None:
    cache = KeyCache(service("apache"), host=HOST, issuer=ISSUER)
    cache.make_due()
    with pytest.raises(NotRun, match=r"apache at se\.a\.test caches keys in memory"):
        cache.age(1)

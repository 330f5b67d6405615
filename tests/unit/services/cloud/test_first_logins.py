"""The first logins of one user at a cloud come one after the other, whichever worker makes them."""

from __future__ import annotations

import base64
import json
import multiprocessing
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from harness.services.cloud.first_logins import FirstLogins
from harness.services.issuer.tokens import Token

FORK = multiprocessing.get_context("fork")


def token(subject: str) -> Token:
    claims = json.dumps({"iss": "https://aai.a.test", "sub": subject}).encode()
    return Token(f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.")


@contextmanager
def another_worker(path: Path, *, host: str, of: str) -> Iterator[Event]:
    """Log a user in, in a process of its own; yields what tells that it is done."""
    done = FORK.Event()

    def log_in() -> None:
        with FirstLogins(path).one_at_a_time(host, token(of)):
            done.set()

    process = FORK.Process(target=log_in)
    process.start()
    yield done
    process.join()


def test_a_user_waits_for_the_first_login_of_another_worker(tmp_path: Path) -> None:
    path = tmp_path / "first-logins"
    logins = FirstLogins(path)
    with ExitStack() as later:
        with logins.one_at_a_time("cloud", token("ann")):
            done = later.enter_context(another_worker(path, host="cloud", of="ann"))
            assert not done.wait(0.3)
        assert done.wait(20)


@pytest.mark.parametrize(("host", "user"), [("cloud", "bob"), ("other", "ann")])
def test_nobody_waits_for_other_users_and_clouds(tmp_path: Path, host: str, user: str) -> None:
    path = tmp_path / "first-logins"
    with (
        FirstLogins(path).one_at_a_time("cloud", token("ann")),
        another_worker(path, host=host, of=user) as done,
    ):
        assert done.wait(20)


def test_later_logins_do_not_wait(tmp_path: Path) -> None:
    path = tmp_path / "first-logins"
    logins = FirstLogins(path)
    with logins.one_at_a_time("cloud", token("ann")):
        pass
    with (
        logins.one_at_a_time("cloud", token("ann")),
        another_worker(path, host="cloud", of="ann") as done,
    ):
        assert done.wait(20)


def test_a_login_that_fails_is_still_the_first(tmp_path: Path) -> None:
    path = tmp_path / "first-logins"
    logins = FirstLogins(path)
    with pytest.raises(AssertionError), logins.one_at_a_time("cloud", token("ann")):
        raise AssertionError
    with ExitStack() as later:
        with logins.one_at_a_time("cloud", token("ann")):
            done = later.enter_context(another_worker(path, host="cloud", of="ann"))
            assert not done.wait(0.3)
        assert done.wait(20)


@pytest.mark.parametrize("nobody", [None, Token("no-token"), Token("a.b.c")])
def test_who_is_nobody_waits_for_nobody(tmp_path: Path, nobody: Token | None) -> None:
    path = tmp_path / "first-logins"
    with FirstLogins(path).one_at_a_time("cloud", nobody):
        assert not path.exists()

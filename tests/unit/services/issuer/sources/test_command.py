"""Any program that prints a token: what it is told, and how it is told of where it fails."""

import os
import select
import shlex
import sys
from contextlib import suppress

import pytest

from harness.errors import BeyondSource, SourceFailed
from harness.evidence import collect
from harness.services.issuer import sources
from harness.services.issuer.client import SCOPE
from harness.services.issuer.sources.holding import Ability
from tests.unit.services.issuer import people
from tests.unit.services.issuer.wire import jwt

FAR = 4_000_000_000


def source(home, *words, **rest):
    return people.source_of(home, credentials={"source": "command", "command": [*words], **rest})


def shell(home, script, **rest):
    return source(home, "sh", "-c", script, **rest)


def test_what_a_program_prints_is_the_token(home):
    value = jwt(iss=home.issuer, exp=FAR)
    assert shell(home, f"echo; echo ' {value} '").get(None, SCOPE).token.value == value


def test_it_is_told_whom_and_what_the_token_is_for(home, tmp_path):
    """The program is no shell: what stands in the words means nothing there."""
    value = jwt(iss=home.issuer, exp=FAR, scope="storage.read:/a;$(x)")
    program = tmp_path / "token"
    program.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > {tmp_path}/seen\necho {value}\n")
    program.chmod(0o755)
    line = f"{program} --aud={{audience}} {{scope}} {{issuer}} {{member}}"
    made = people.source_of(home, credentials={"source": "command", "command": line})
    made.get("https://se.test", "storage.read:/a;$(x)")
    seen = (tmp_path / "seen").read_text().splitlines()
    assert seen == ["--aud=https://se.test", "storage.read:/a;$(x)", home.issuer, "ada"]


def test_without_a_word_for_it_nothing_can_be_chosen(home):
    made = source(home, "token", "--aud", "{audience}")
    assert made.abilities == {Ability.TOKEN, Ability.AUDIENCE, Ability.REFRESH}
    with pytest.raises(BeyondSource, match="`command` gives tokens that permit nothing"):
        made.get("https://se.test", "storage.read:/")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo no ticket >&2; exit 3", "ended with exit code 3: no ticket"),
        ("exit 3", "ended with exit code 3: nothing on standard error"),
        ("true", "gave no output, so no token"),
        ("echo one; echo two", "gave 2 lines .*exactly one token"),
        ("echo 'not a token'", "gave characters that cannot be part of a token"),
    ],
)
def test_a_program_that_fails_is_told_with_member_and_source(home, script, said):
    with pytest.raises(SourceFailed, match=f"^ada of home: `command` sh {said}"):
        shell(home, script).get(None, SCOPE)


def test_a_program_that_is_not_there_is_told(home):
    with pytest.raises(SourceFailed, match="/no/such cannot be started: No such file"):
        source(home, "/no/such").get(None, SCOPE)


def test_a_program_that_does_not_end_is_ended_with_all_that_it_started(home, tmp_path):
    script = f"sleep 600 & echo $! > {tmp_path}/child; wait"
    with pytest.raises(SourceFailed, match=r"sh did not end within 0\.5 s"):
        shell(home, script, timeout=0.5).get(None, SCOPE)
    with suppress(ProcessLookupError):  # it is gone
        child = os.pidfd_open(int((tmp_path / "child").read_text()))
        ended, _, _ = select.select([child], [], [], 60)
        os.close(child)
        assert ended, "it runs on"


def test_evidence_has_the_program_and_not_the_token(home):
    with collect() as steps:
        shell(home, "echo opaque-token-7").get(None, SCOPE)
    seen = f"{steps[0].title}{steps[0].sent}{steps[0].answer}"
    assert "sh (the tokens of ada)" in seen
    assert "opaque-token-7" not in steps[0].answer


@pytest.mark.parametrize(
    "keys", [{}, {"command": []}, {"command": "x", "timeout": 0}, {"words": 1}]
)
def test_keys_that_make_no_sense_are_refused(keys):
    with pytest.raises(ValueError, match=r"command|timeout|words"):
        sources.settings_of("command", keys)


def test_a_program_that_is_told_of_the_member_serves_several():
    assert sources.settings_of("command", {"command": "token {member}"}).holder is None
    assert sources.settings_of("command", {"command": "token"}).holder == ("token",)
    assert shlex.join(sources.settings_of("command", {"command": f"{sys.executable} -c 1"}).command)

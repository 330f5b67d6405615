"""oidc-agent: what it is asked by its own command, and how it is told of where it gives nothing."""

import pytest

from harness.errors import BeyondSource, SourceFailed, Unreachable
from harness.model import Host
from harness.services.issuer import sources
from harness.services.issuer.client import SCOPE
from harness.shell import Completed
from tests.unit.services.issuer import people
from tests.unit.services.issuer.wire import jwt

FAR = 4_000_000_000


class Desk:
    """A workstation where a command does what the test says."""

    host = Host(
        name="ui.test",
        infrastructure="home",
        site=None,
        roles=("ui",),
        connection="local",
        target="x",
    )

    def __init__(self, stdout="", *, code=0, stderr="", error=None):
        self.done = Completed("oidc-token", code, stdout, stderr, 0.1)
        self.error = error
        self.asked = []

    def run(self, command, *, env, timeout, prints_secret):
        assert prints_secret
        self.asked.append((command, env))
        if self.error:
            raise self.error
        return self.done


def source(home, desk, **keys):
    return people.source_of(
        home, credentials={"source": "oidc-agent", "account": "egi", **keys}, workstation=desk
    )


def test_it_is_asked_for_audience_and_scope(home):
    desk = Desk(jwt(iss=home.issuer, exp=FAR, scope="storage.read:/") + "\n")
    source(home, desk).get("https://se.test", "storage.read:/")
    words = [
        "oidc-token",
        "--name=interop-testbed",
        "--aud=https://se.test",
        "--scope=storage.read:/",
        "egi",
    ]
    assert desk.asked == [(words, None)]


def test_for_who_the_user_is_it_is_asked_for_what_the_account_has(home):
    desk = Desk(jwt(iss=home.issuer, exp=FAR, scope="openid storage.read:/"))
    source(home, desk, socket="/run/agent", without=["audience"], audience="https://se.test").get(
        "https://se.test", SCOPE
    )
    assert desk.asked == [
        (["oidc-token", "--name=interop-testbed", "egi"], {"OIDC_SOCK": "/run/agent"})
    ]


def test_a_token_that_opens_more_than_was_asked_for_is_not_used(home):
    """A site that lets it in would be told to have let in what it must refuse."""
    desk = Desk(jwt(iss=home.issuer, exp=FAR, scope="storage.read:/ storage.modify:/ openid"))
    with pytest.raises(SourceFailed, match=r"also permits storage.modify:/.*`without: \[scope\]`"):
        source(home, desk).get(None, "storage.read:/")


def test_a_token_that_opens_less_than_was_asked_for_is_not_used(home):
    desk = Desk(jwt(iss=home.issuer, exp=FAR, scope="openid"))
    with pytest.raises(SourceFailed, match=r"lacks storage.read:/, which was requested"):
        source(home, desk).get(None, "storage.read:/")


@pytest.mark.parametrize(
    ("desk", "said"),
    [
        (Desk(code=127, stderr="sh: oidc-token: not found"), "there is no oidc-token at ui.test"),
        (
            Desk(code=1, stderr="Error: Could not connect\nto oidc-agent"),
            "Could not connect to oidc-agent",
        ),
        (Desk(code=1), "exit code 1"),
        (Desk(""), "gave no output, so no token"),
        (Desk(error=Unreachable("`oidc-token` ran past 60 s", "ui.test")), "ran past 60 s"),
    ],
)
def test_an_agent_that_gives_nothing_is_told_with_member_and_source(home, desk, said):
    with pytest.raises(SourceFailed, match=f"^ada of home: `oidc-agent` .*{said}") as caught:
        source(home, desk).get(None, SCOPE)
    assert caught.value.__cause__ is None, (
        "its cause would be taken for a site that does not answer"
    )


def test_what_the_account_does_not_have_is_not_run(home):
    desk = Desk(code=1, stderr="Error: invalid_scope: refresh token missing requested scope")
    with pytest.raises(
        BeyondSource, match=r"`oidc-agent` was refused storage.read:/a for https://se"
    ):
        source(home, desk).get("https://se.test", "storage.read:/a")
    with pytest.raises(SourceFailed):
        source(home, desk).get(None, SCOPE)


@pytest.mark.parametrize("account", ["", "-a", "two words"])
def test_an_account_is_one_word_and_no_option(account):
    with pytest.raises(ValueError, match="account"):
        sources.settings_of("oidc-agent", {"account": account})

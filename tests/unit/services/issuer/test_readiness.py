"""Before anything runs, each member for whom a source is chosen shows a token, or nothing runs."""

from types import SimpleNamespace

import pytest

from harness.errors import BadInput, NotAllowed, Unreachable
from harness.model import Credentials, Member
from harness.services.issuer.readiness import make_ready
from harness.services.issuer.sources.base import Ask
from tests.unit.services.issuer import people
from tests.unit.services.issuer.wire import jwt

FAR = 4_000_000_000


def member(name, kind, **credentials):
    given = Credentials.model_validate(credentials) if credentials else None
    return Member(name=name, kind=kind, credentials=given)


def ready(home, *members):
    home = home.model_copy(update={"members": members})
    issuers = SimpleNamespace(
        login=lambda home, member: people.user(home, member=member, issuer=None),
        usual_audience=lambda home: "https://se.test",
    )
    return make_ready(issuers, [home], Ask())  # type: ignore[arg-type]


def test_members_who_can_act_and_those_of_whom_nothing_is_chosen_are_passed(home):
    shell = {"source": "command", "command": ["sh", "-c", f"echo {jwt(iss=home.issuer, exp=FAR)}"]}
    ready(
        home,
        member("ada", "member", **shell),
        member("bob", "second"),
        member("eve", "outsider", source="none"),
        member("mal", "suspended", source="command", command="false"),
    )


def test_all_who_cannot_act_are_told_at_once(home, tmp_path):
    with pytest.raises(BadInput) as caught:
        ready(
            home,
            member("ada", "member", source="command", command=["sh", "-c", "echo no >&2; exit 1"]),
            member("bob", "second", source="token-file", path=str(tmp_path / "none")),
        )
    said = str(caught.value)
    assert "ada of home: `command` sh ended with exit code 1: no." in said
    assert "bob of home: `token-file` cannot read" in said
    assert "`credentials: none`" in said


def test_two_members_who_are_one_user_are_told(home):
    """Else a site would be told to have let one user into what another's is."""
    value = jwt(iss=home.issuer, exp=FAR, sub="same")
    shell = {"source": "command", "command": ["sh", "-c", f"echo {value}"]}
    with pytest.raises(
        BadInput, match="bob of home: its token belongs to the same user as that of ada"
    ):
        ready(home, member("ada", "member", **shell), member("bob", "second", **shell))


@pytest.mark.parametrize(
    "why", [Unreachable("nobody answers", "aai.home.test"), NotAllowed("in a declared downtime")]
)
def test_an_issuer_that_gives_no_answer_is_for_the_scenarios_to_tell(home, monkeypatch, why):
    def silent(*_):
        raise why

    monkeypatch.setattr("harness.services.issuer.sources.command.Command.give", silent)
    ready(home, member("ada", "member", source="command", command="x"))


def test_a_token_that_nobody_renews_is_told_of(home, tmp_path):
    (tmp_path / "token").write_text(jwt(iss=home.issuer, exp=FAR))
    keys = {"source": "token-file", "path": str(tmp_path / "token")}
    (said,) = ready(home, member("ada", "member", **keys))
    assert "ada of home: the token of `token-file` ends at 2096-10-02 07:06:40 UTC" in said

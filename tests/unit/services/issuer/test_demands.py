"""What a scenario demands of its users' credentials is read from its source, so nobody can forget it."""

import textwrap
from types import SimpleNamespace

import pytest

from harness.services.issuer.demands import Demand, wanted
from harness.services.issuer.sources.holding import Ability, Holding

TOKEN, AUDIENCE, SCOPE = Ability.TOKEN, Ability.AUDIENCE, Ability.SCOPE
ANSWER, REFRESH_TOKEN, LOG_IN = Ability.ANSWER, Ability.REFRESH_TOKEN, Ability.LOG_IN
ANY = "https://any.test"


@pytest.fixture
def read(tmp_path):
    """Return what the source of a scenario wants, which takes some fixtures."""

    def reading(source, *fixtures):
        path = tmp_path / "test_it.py"
        path = tmp_path / f"test_{abs(hash(source))}.py"
        path.write_text(textwrap.dedent(source))
        item = SimpleNamespace(path=path, name="test_it", fixturenames=[*fixtures])
        return wanted(item)  # type: ignore[arg-type]

    return reading


def body(line):
    return f"from x import FULL_SCOPE\n\ndef test_it(member, area):\n    {line}\n"


@pytest.mark.parametrize(
    ("line", "abilities"),
    [
        ("area.put('1 KiB', by=member)", {TOKEN}),
        ("member.token(area.audience)", {TOKEN}),
        ("member.token(area.audience, FULL_SCOPE)", {TOKEN}),
        ("element.token(member)", {TOKEN}),
        ("member.token(one.audience, one.scope)", {TOKEN}),
        ("member.token(area.audience, 'storage.read:/')", {TOKEN, SCOPE}),
        ("member.token(area.audience, f'openid {FULL_SCOPE}')", {TOKEN, SCOPE}),
        ("member.token(area.audience, scope)", {TOKEN, SCOPE}),
        ("area.token(member, 'storage.read')", {TOKEN, SCOPE}),
        ("area.token(member, action, path='a')", {TOKEN, SCOPE}),
        ("area.token(member, path='a')", {TOKEN, SCOPE}),
        ("forge.token(member, scope=FULL_SCOPE)", {TOKEN}),
        ("forge.token(member, scope='storage.read:/')", {TOKEN, SCOPE}),
        ("member.token(area, as_given=True)", {TOKEN, ANSWER}),
        ("member.ask(audience=area)", {TOKEN, ANSWER}),
        ("member.ask(scope='openid offline_access')", {TOKEN, ANSWER, REFRESH_TOKEN}),
        ("member.ask(audience=area).refresh_token", {TOKEN, ANSWER, REFRESH_TOKEN}),
        ("member.log_in(browser, it)", {LOG_IN}),
        ("sign(good=member.approve, bad=member.deny)", {LOG_IN}),
        ("member.log_in(browser, it); member.token()", {LOG_IN, TOKEN}),
        ("site.sign_on(browser, by=member)", {LOG_IN, TOKEN}),
        ("agent.token()", {TOKEN}),
    ],
)
def test_what_is_done_with_a_user_tells_what_is_demanded(read, line, abilities):
    assert read(body(line), "member", "area").abilities == {"member": abilities}


def test_each_user_has_demands_of_its_own_and_an_unknown_one_has_those_of_all(read):
    source = """
    def test_it(member, second, outsider, refused):
        member.ask()
        second.token("a", "storage.read:/")
        refused(lambda user: user.token("a", "compute.read"), good=member, bad=outsider)
    """
    found = read(source, "member", "second", "outsider").abilities
    assert found == {
        "member": {TOKEN, SCOPE, ANSWER},
        "second": {TOKEN, SCOPE},
        "outsider": {TOKEN, SCOPE},
    }


def test_helpers_fixtures_and_constants_of_the_file_count(read):
    source = """
    SCOPE = "openid offline_access"
    UNUSED = "refresh_token"

    @pytest.fixture
    def job(member):
        return asked(member)

    def asked(user):
        return user.ask(scope=SCOPE)

    def unused(member):
        member.log_in()

    def test_it(job):
        assert job
    """
    found = read(source, "job", "member")
    assert found.abilities == {"member": {TOKEN, ANSWER, REFRESH_TOKEN}}


def test_a_name_of_the_file_itself_is_no_scope_of_everything(read):
    source = """
    FULL_SCOPE = "storage.read:/"

    def test_it(member):
        member.token("a", FULL_SCOPE)
    """
    assert read(source, "member").abilities == {"member": {TOKEN, SCOPE}}


def test_any_audience_and_all_infrastructures_are_seen(read):
    source = """
    def test_it(storage, testbed, issuers):
        for home in testbed.infrastructures:
            issuers.user(home, "member").token(testbed.any_audience)
    """
    found = read(source, "storage", "testbed", "issuers")
    assert (found.for_any, found.everywhere) == (True, True)
    assert found.abilities == {"member": {TOKEN}}
    assert found.scope == "storage.create:/ storage.modify:/ storage.read:/"


FIXED = Holding(
    "token-file", frozenset({TOKEN}), audience=("https://se.test",), scope="storage.read:/"
)


@pytest.mark.parametrize(
    ("demand", "said"),
    [
        (Demand(), ""),
        (Demand(frozenset({TOKEN}), frozenset({"https://se.test/"}), "storage.read:/"), ""),
        (Demand(frozenset({TOKEN}), frozenset({"https://ce.test"})), "not for https://ce.test"),
        (Demand(frozenset({TOKEN}), scope="storage.modify:/"), "not storage.modify:/"),
        (Demand(frozenset({SCOPE})), "gives no tokens with scopes that a scenario chooses"),
        (Demand(frozenset({LOG_IN}), frozenset({"https://ce.test"})), "no log-in with a browser"),
    ],
)
def test_what_credentials_lack_is_told(demand, said):
    lacked = demand.lacked(FIXED, any_audience=ANY)
    assert said in lacked
    assert bool(said) == bool(lacked)


def test_a_token_for_every_service_serves_everywhere():
    held = Holding("token-file", frozenset({TOKEN}), audience=(ANY,))
    assert not Demand(frozenset({TOKEN}), frozenset({"https://x"})).lacked(held, any_audience=ANY)

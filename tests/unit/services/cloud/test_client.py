"""The cloud client: what it reads out of Keystone's answers, and what it keeps to itself."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.clients.browser import Page
from harness.errors import InventoryError
from harness.model import Service, Settings
from harness.redaction import redactor
from harness.services.cloud.client import (
    Keystone,
    KeystoneAnswer,
    KeystoneToken,
    ObjectStore,
)

CATALOGUE = [
    {
        "type": "object-store",
        "endpoints": [
            {"interface": "internal", "url": "https://inside.test/v1"},
            {"interface": "public", "url": "https://outside.test/v1"},
        ],
    }
]
SCOPED = {
    "user": {"id": "u1", "name": "alice"},
    "project": {"id": "p1", "name": "vo.interop"},
    "roles": [{"id": "r1", "name": "member"}, {"id": "r2", "name": "reader"}],
    "catalog": CATALOGUE,
}
VALUE = "gAAAAABnever-to-be-shown"


def answer(status: int, body: object, **headers: str) -> KeystoneAnswer:
    ok = status < 300
    return KeystoneAnswer(
        what="POST https://keystone.test/v3/auth/tokens",
        status=status,
        ok=ok,
        denied=status in (401, 403),
        body=json.dumps(body).encode() if not isinstance(body, bytes) else body,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def test_a_token_tells_project_roles_and_endpoints():
    token = answer(201, {"token": SCOPED}, x_subject_token=VALUE).token
    assert token.project["name"] == "vo.interop"
    assert token.roles == {"member", "reader"}
    assert token.endpoint("object-store") == "https://outside.test/v1"
    assert token.endpoint("object-store", interface="internal") == "https://inside.test/v1"


def test_an_unscoped_token_has_no_project_and_no_catalogue():
    token = KeystoneToken(VALUE, {"user": {"name": "alice"}})
    assert not token.project
    assert not token.roles
    with pytest.raises(AssertionError, match="no public endpoint of object-store"):
        token.endpoint("object-store")


def test_a_token_is_shown_to_nobody():
    token = KeystoneToken(VALUE, SCOPED)
    assert VALUE not in f"{token} {token!r}"
    assert VALUE in redactor.known


def test_a_refusal_has_no_token():
    refusal = answer(401, {"error": {"code": 401, "message": "not you"}})
    assert refusal.denied
    with pytest.raises(AssertionError, match="not you"):
        _ = refusal.token


def test_an_answer_that_is_no_json_is_empty():
    assert answer(500, b"<html>").json == {}


DASHBOARD = "https://cloud.test/auth/websso/"


def keystone(home, **login):
    service = Service(
        type="org.openstack.keystone",
        endpoint="https://cloud.test:5000/v3",
        implementation="keystone",
        host="cloud.test",
        site="S",
        infrastructure="other",
        token_profile="wlcg",
        settings=Settings(
            login={
                "protocol": "openid",
                "project": "vo",
                "identity_providers": {"home": "h"},
                **login,
            }
        ),
    )
    return Keystone(service, home=home, http=None)


def test_a_dashboard_sends_its_users_to_the_login_of_their_issuer(home):
    assert keystone(home, dashboard=DASHBOARD).browser_login == (
        "https://cloud.test:5000/v3/auth/OS-FEDERATION/identity_providers/h/protocols/openid/websso"
        "?origin=https%3A%2F%2Fcloud.test%2Fauth%2Fwebsso%2F"
    )
    with pytest.raises(LookupError, match="no `dashboard`"):
        _ = keystone(home).browser_login


@pytest.mark.parametrize("address", ["https://elsewhere.test/", DASHBOARD])
def test_no_token_is_taken_from_a_page_that_hands_none_to_the_dashboard(home, address):
    body = f'<form action="{address}"><input name="other" value="x"></form>'.encode()
    page = Page("https://cloud.test:5000/v3", answer(200, body))
    with pytest.raises(AssertionError, match="no token was passed on"):
        keystone(home, dashboard=DASHBOARD).handed_over(page)


@pytest.mark.parametrize(
    ("body", "headers", "said"),
    [
        ({"token": SCOPED}, {}, "without X-Subject-Token"),
        ({"tokens": SCOPED}, {"x_subject_token": VALUE}, "no `token`"),
        ({"token": [1]}, {"x_subject_token": VALUE}, "a `token` that is no object"),
    ],
)
def test_an_answer_without_a_token_says_what_came(body, headers, said):
    with pytest.raises(AssertionError, match=said):
        _ = answer(201, body, **headers).token


@pytest.mark.parametrize("user", [None, "alice", ["alice"]])
def test_a_token_of_nobody_says_so(user):
    token = answer(201, {"token": {"user": user}}, x_subject_token=VALUE).token
    assert str(token) == "[Keystone token of None for None]"
    with pytest.raises(AssertionError, match="a `user` that is no object"):
        _ = token.user


NAMES = st.sampled_from(
    "token user project roles name catalog type endpoints interface url object-store public".split()
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
    max_leaves=12,
)


@given(st.dictionaries(NAMES, JSON))
def test_any_document_of_a_token_is_read_or_named(document):
    """Nothing but an AssertionError comes of what Keystone says of a token."""
    token = answer(201, {"token": document}, x_subject_token=VALUE).token
    assert str(token)
    for read in (
        lambda: token.user,
        lambda: token.project,
        lambda: token.roles,
        lambda: token.endpoint("object-store"),
    ):
        try:
            read()
        except AssertionError as error:
            assert re.search("Keystone|answer to", str(error))  # noqa: PT017, any other is the failure


class Region:
    """A Keystone that knows some projects, by id: name, and id and name of the domain."""

    def __init__(self, **projects: tuple[str, str, str]) -> None:
        self.projects = projects
        self.scoped: list[str] = []

    def request(self, method, url, **rest):
        if url.endswith("/auth/projects"):
            listed = [
                {"id": id_, "name": name, "domain_id": domain, "enabled": id_ != "closed"}
                for id_, (name, domain, _) in self.projects.items()
            ]
            return answer(200, {"projects": listed})
        id_ = rest["json"]["auth"]["scope"]["project"]["id"]
        self.scoped.append(id_)
        name, domain, title = self.projects[id_]
        project = {"id": id_, "name": name, "domain": {"id": domain, "name": title}}
        return answer(201, {"token": {"project": project}}, x_subject_token=f"gAAAAAB-of-{id_}")


def entered(home, wire, **login):
    keystone_ = keystone(home, **({"project": "shared"} | login))
    keystone_._http = wire
    return keystone_.into_project(KeystoneToken(VALUE, {})).project["id"]


TWO = {
    "p1": ("shared", "d1", "EGI"),
    "p2": ("shared", "d2", "Physics"),
    "p3": ("other", "d2", "Physics"),
}


@pytest.mark.parametrize("domain", ["d2", "Physics"])
def test_a_project_is_found_in_its_domain(home, domain):
    assert entered(home, Region(**TWO), project_domain=domain) == "p2"


def test_one_name_in_two_domains_is_not_guessed(home):
    wire = Region(**TWO)
    with pytest.raises(
        InventoryError, match=r"shared is in each of the domains d1, d2.*`project_domain`"
    ):
        entered(home, wire)
    assert wire.scoped == []


def test_a_domain_without_the_project_is_told(home):
    with pytest.raises(
        AssertionError, match="no project shared in the domain Chemistry, but in d1, d2"
    ):
        entered(home, Region(**TWO), project_domain="Chemistry")


def test_a_project_may_be_named_by_its_id(home):
    """As the site files of EGI's federated cloud name it."""
    assert entered(home, Region(**TWO), project="p2") == "p2"


def test_a_project_that_is_closed_does_not_count(home):
    wire = Region(closed=("shared", "d1", "EGI"), p2=("shared", "d2", "Physics"))
    assert entered(home, wire) == "p2"


REGIONS = {
    "catalog": [
        {
            "type": "object-store",
            "endpoints": [
                {"interface": "public", "region": "north", "url": "https://north.test/v1"},
                {"interface": "public", "region_id": "south", "url": "https://south.test/v1"},
                {"interface": "public", "region_id": "west", "url": None},
            ],
        }
    ]
}


@pytest.mark.parametrize("region", ["north", "south"])
def test_an_endpoint_is_that_of_the_region(region):
    token = KeystoneToken(VALUE, answer(200, {"token": REGIONS}).json["token"])
    assert token.endpoint("object-store", region=region) == f"https://{region}.test/v1"


def test_several_regions_are_not_guessed():
    token = KeystoneToken(VALUE, answer(200, {"token": REGIONS}).json["token"])
    with pytest.raises(
        InventoryError, match=r"each of the regions north, south\. .*`region` of `login`"
    ):
        token.endpoint("object-store")
    with pytest.raises(
        AssertionError, match="no public endpoint of object-store in the region west"
    ):
        token.endpoint("object-store", region="west")


def test_an_endpoint_may_end_in_a_slash(home):
    asked: list[str] = []

    class Wire:
        def request(self, method, url, **_):
            asked.append(url)
            return answer(401, {})

    here = keystone(home)
    here.service = here.service.model_copy(update={"endpoint": "https://cloud.test:5000/v3/"})
    here._http = Wire()
    here.login(None)
    ObjectStore("https://swift.test/v1/AUTH_1/", Wire()).get("c/o", token=None)  # type: ignore[arg-type]
    assert asked == [
        "https://cloud.test:5000/v3/OS-FEDERATION/identity_providers/h/protocols/openid/auth",
        "https://swift.test/v1/AUTH_1/c/o",
    ]

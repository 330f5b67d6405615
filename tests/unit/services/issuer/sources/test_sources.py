"""All sources: each is a module of the folder, is documented, and refuses what it cannot do by itself."""

import re
from pathlib import Path

import pytest

from harness.errors import BeyondSource
from harness.services.issuer import sources
from harness.services.issuer.client import SCOPE
from harness.services.issuer.sources.base import FirstHand
from harness.services.issuer.sources.holding import Ability
from tests.unit.services.issuer import people
from tests.unit.services.issuer.wire import Wire

ROOT = Path(__file__).resolve().parents[5]
ALL = sorted(sources.sources())
KEYS = {
    "oidc-agent": {"account": "a"},
    "token-file": {"path": "/run/token"},
    "mytoken": {"url": "https://mytok.test"},
    "command": {"command": "token {audience} {scope}"},
}
"""Keys of those that need some."""


def test_the_folder_has_those_that_people_hold():
    assert set(ALL) == {
        "password", "client-credentials", "refresh-token", "device", "oidc-agent", "mytoken",
        "command", "token-file", "bearer-token-discovery", "none",
    }  # fmt: skip


def test_the_docs_tell_what_each_can_do():
    """The table of docs/sites.md, by the words of the inventory."""
    docs = (ROOT / "docs" / "sites.md").read_text()
    rows = {
        found[1]: found[2]
        for found in re.finditer(r"^\| `([\w-]+)`[^|]*\|.*\| ([^|]*) \|$", docs, re.M)
    }
    for name, source in sources.sources().items():
        words = set(re.findall(r"`([\w-]+)`", rows[name]))
        told = set(Ability) if rows[name] == "all" else words
        assert told == source.can, f"{name}: {rows[name]}"


@pytest.mark.parametrize("name", ALL)
def test_what_a_source_cannot_do_it_refuses(home, issuer, name, tmp_path):
    credentials = {"source": name, **KEYS.get(name, {})}
    source = people.source_of(home, issuer(Wire()), credentials=credentials, state=tmp_path)
    assert source.abilities == source.can
    refusals = {
        Ability.TOKEN: lambda: source.get(None, SCOPE),
        Ability.AUDIENCE: lambda: source.get("https://se.test", SCOPE),
        Ability.SCOPE: lambda: source.get(None, "storage.read:/"),
        Ability.ANSWER: lambda: source.ask(None, SCOPE),
        Ability.LOG_IN: lambda: source.password,
    }
    for ability, act in refusals.items():
        if ability not in source.abilities:
            with pytest.raises(BeyondSource, match=f"^ada of home: `{name}` "):
                act()


@pytest.mark.parametrize("name", ALL)
def test_what_the_issuer_does_not_allow_is_refused_too(home, issuer, name, tmp_path):
    credentials = {"source": name, **KEYS.get(name, {}), "without": ["scope", "audience"]}
    source = people.source_of(home, issuer(Wire()), credentials=credentials, state=tmp_path)
    assert source.abilities == source.can - {Ability.SCOPE, Ability.AUDIENCE}


@pytest.mark.parametrize("name", [one for one in ALL if sources.sources()[one].capability])
def test_a_source_that_the_issuer_does_not_serve_gives_no_token(home, issuer, name, tmp_path):
    capability = sources.sources()[name].capability
    source = people.source_of(
        home, issuer(Wire()), credentials=name, state=tmp_path, without=capability
    )
    with pytest.raises(
        BeyondSource, match=f"does not declare `{capability}` in its `capabilities`"
    ):
        source.get(None, SCOPE)


def test_those_that_show_the_issuers_answer_are_those_that_ask_it():
    for source in sources.sources().values():
        assert (Ability.ANSWER in source.can) == issubclass(source, FirstHand)

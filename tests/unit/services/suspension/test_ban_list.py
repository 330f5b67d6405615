"""Lists that a scenario forges have the flaw that they are said to have, and no other."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

import pytest
from bans.lists import NotTaken, checked
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from harness import inventory
from harness.errors import Unreachable
from harness.journal import Journal
from harness.model import Host
from harness.provision import pki
from harness.services.issuer.tokens import Token
from harness.services.suspension import ban_list
from harness.services.suspension.ban_list import BanList, signed
from harness.shell import Completed
from harness.state import State

TWIN = Path(__file__).parents[4] / "inventories" / "twin"
OPS = Host(
    name="ops.a.test", infrastructure="a", site="A", roles=("bans",), connection="local", target="x"
)
SERVICE = inventory.load(TWIN).testbed.site("EGI-TWIN").services[0]
CLAIMS = {"iss": "https://aai.a.test", "sub": "luc@a"}


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """The key of EGI's list, as `testbed up` makes it."""
    state = State("unit", root=tmp_path).make()
    loaded = inventory.load(TWIN).testbed
    one = loaded.model_copy(
        update={
            "infrastructures": (loaded.infrastructure("egi"),),
            "hosts": tuple(
                h for h in loaded.hosts if h.name in ("aai.egi.test", "ops.egi.test", "wan")
            ),
            "mutants": (),
        }
    )
    pki.ensure(one, state)
    return state.publisher_key("egi")


class Team:
    """The publisher's host: it keeps one list, and the commands that it was given."""

    def __init__(self, document: bytes) -> None:
        self.document, self.lines = document, list[str]()

    def run(self, line: Any) -> Completed:
        if "/var/lib/bans/status.json" in line:
            digest = hashlib.sha256(self.document).hexdigest()
            told = json.dumps({"lists": {"egi": {"digest": digest}}})
            return Completed("x", 0, told, "", 0.1)
        self.lines.append(line if isinstance(line, str) else " ".join(line))
        return Completed("x", 0, self.document.decode(), "", 0.1)


def test_each_forgery_is_refused_for_its_flaw(
    key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = load_pem_private_key(key.read_bytes(), None)
    assert isinstance(private, Ed25519PrivateKey)
    now = int(time.time())
    true = {"publisher": "egi", "serial": now, "iat": now, "exp": now + 60, "banned": []}
    team = Team(signed(true, key=private, kid="egi"))
    monkeypatch.setattr(ban_list.Shell, "run", lambda _, line, **__: team.run(line))
    journal, lock = Journal(tmp_path / "journal"), tmp_path / "lock"
    made = BanList(
        OPS,
        find=lambda _: OPS,
        publisher="egi",
        key=key,
        lock=lock,
        journal=journal,
        measure=lambda *_, **__: None,  # type: ignore[arg-type]
    )
    token = _token()
    said = {}
    for forgery in made.forgeries(token, seen_by=SERVICE):
        with pytest.raises(NotTaken) as refused:
            checked(
                forgery.document,
                publisher="egi",
                key=key.with_suffix(".pub"),
                newest=now,
                now=time.time(),
            )
        said[forgery.flaw] = str(refused.value)
        payload = json.loads(ban_list._decoded(json.loads(forgery.document)["payload"]))
        assert payload["banned"][-1]["sub"] == "luc@a"
    assert said["signed by somebody else"] == "the signature is not the publisher's"
    assert said["older than the last one"].startswith("old")
    assert said["expired"] == "expired"
    with made.naming(token):
        assert team.lines[-1].startswith("/usr/local/sbin/ban-list ban https://aai.a.test luc@a")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ban_list, "_PATIENCE", 0)
            with pytest.raises(Unreachable, match="other scenarios"), made.replaced():
                pass
    assert team.lines[-1].startswith("/usr/local/sbin/ban-list lift https://aai.a.test luc@a")
    assert not journal.standing()


def _token() -> Token:
    """Return a token of the member, as far as a list reads it."""
    head, body = (ban_list._encoded(json.dumps(part).encode()) for part in ({}, CLAIMS))
    return Token(f"{head}.{body}.x")

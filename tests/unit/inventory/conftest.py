"""A small inventory, from which each test makes one that is odd."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness import inventory
from harness.errors import ExitCode, InventoryError

HOSTS = """\
all:
  children:
    infrastructures:
      children:
        north:
          vars: {site: N-SITE}
          hosts:
            aai.north.test:
              testbed_roles: []
              services: [{type: egi.aai.oidc, endpoint: "https://aai.north.test", implementation: x}]
            se.north.test:
              testbed_roles: [trust]
              services: [{type: webdav, endpoint: "https://se.north.test/vo", implementation: x}]
            ui.north.test: {testbed_roles: [ui]}
        south:
          vars: {site: S-SITE}
          hosts:
            aai.south.test:
              testbed_roles: []
              services: [{type: egi.aai.oidc, endpoint: "https://aai.south.test", implementation: x}]
            ui.south.test: {testbed_roles: [ui]}
"""

INI = """\
[infrastructures:children]
north
south

[north]
aai.north.test services='[{"type":"egi.aai.oidc","endpoint":"https://aai.north.test","implementation":"x"}]'
ui.north.test testbed_roles='["ui"]' ansible_port=2222

[north:vars]
site=N-SITE

[south]
aai.south.test services='[{"type":"egi.aai.oidc","endpoint":"https://aai.south.test","implementation":"x"}]'
ui.south.test testbed_roles='["ui"]'

[south:vars]
site=S-SITE
"""


def _terms(name: str) -> str:
    return f"""\
  {name}:
    title: {name.title()}
    domain: {name}.test
    issuer: https://aai.{name}.test
    jwks_uri: https://aai.{name}.test/jwks
    signing_alg: ES256
    subject_scope: {name}.test
    vo: vo.{name}.test
    entitlement: "urn:{name}:member"
    robot_entitlement: "urn:{name}:robot"
    other_entitlement: "urn:{name}:other"
    members:
      - {{name: ann-{name}, kind: member, account: a1}}
      - {{name: rob-{name}, kind: robot, account: a2}}
"""


ALL = f"""\
testbed_name: small
any_audience: https://any.test
token_lifetime: 600
client_id: cli
client_redirect_uri: http://localhost:4242/callback
infrastructures:
{_terms("north")}{_terms("south")}"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a small inventory that is in order."""
    made = tmp_path / "small"
    (made / "group_vars").mkdir(parents=True)
    (made / "hosts.yml").write_text(HOSTS)
    (made / "group_vars" / "all.yml").write_text(ALL)
    for name in ("north", "south"):
        (made / "group_vars" / f"{name}.yml").write_text(
            f"infrastructure_name: {name}\ntoken_profile: wlcg\n"
        )
    return made


@pytest.fixture
def refused(folder: Path) -> Callable[..., str]:
    """Load the inventory, and return the one sentence by which it is refused."""

    def load(path: Path = folder) -> str:
        with pytest.raises(InventoryError) as caught:
            inventory.load(path)
        assert caught.value.exit_code is ExitCode.USAGE
        said = str(caught.value)
        assert said.startswith(str(folder)), said
        assert "\n" not in said
        return said

    return load


@pytest.fixture
def changed(folder: Path) -> Callable[[str, str, str], None]:
    """Put one text in place of another, in a file of the inventory."""

    def change(name: str, old: str, new: str) -> None:
        text = (folder / name).read_text()
        assert old in text, old
        (folder / name).write_text(text.replace(old, new, 1))

    return change

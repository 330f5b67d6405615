"""The roles of the issuers, for any number of infrastructures and sites, and any name of a user."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import filter_loader
from ansible.template import Templar
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

from harness import inventory
from harness.provision import vault
from harness.state import State

ROOT = Path(__file__).resolve().parents[3]
ROLES = ROOT / "playbooks" / "roles"
TRIPLE = ROOT / "inventories" / "triple"


class Role:
    """A role as a host of an inventory sees it: its variables, with all that they name."""

    def __init__(self, name: str, host: str, folder: Path, **variables: Any) -> None:
        self._loader = DataLoader()
        filters = ROLES / name / "filter_plugins"
        if filters.is_dir():
            filter_loader.add_directory(str(filters))
        hosts = InventoryManager(loader=self._loader, sources=[str(folder)])
        manager = VariableManager(loader=self._loader, inventory=hosts)
        files = [ROLES / name / part / "main.yml" for part in ("defaults", "vars")]
        own = {k: v for file in files if file.exists() for k, v in self.read(file).items()}
        others = HostVars(inventory=hosts, variable_manager=manager, loader=self._loader)
        seen = manager.get_vars(host=hosts.get_host(host))
        self._variables = {**seen, "hostvars": others, **own, **variables}

    def read(self, file: Path) -> Any:
        """Return what stands in a file of YAML, as Ansible reads it."""
        return self._loader.load_from_file(str(file), trusted_as_template=True) or {}

    def of(self, value: Any, **variables: Any) -> Any:
        """Return the name of a variable, or a text of the role, expanded."""
        templar = Templar(loader=self._loader, variables={**self._variables, **variables})
        return templar.template(self._variables.get(value, value))


@pytest.fixture
def secrets(tmp_path: Path) -> vault.Vault:
    """The secrets that the harness makes for the testbed."""
    loaded = inventory.load(TRIPLE)
    return vault.ensure(loaded, State("unit", root=tmp_path).make())


def test_oidc_provider_finds_the_password_of_each_user(secrets: vault.Vault) -> None:
    """A name may have a hyphen, which the name of a secret has not."""
    role = Role("oidc_provider", "aai.gosc.test", TRIPLE, vault=secrets)
    assert "jean-luc" in [user["name"] for user in role.of("oidc_provider_users")]


def test_lemonldap_finds_the_password_of_each_user(secrets: vault.Vault) -> None:
    """The same."""
    role = Role("lemonldap", "aai.cstcloud.test", TRIPLE, vault=secrets)
    (task,) = (
        task
        for task in role.read(ROLES / "lemonldap" / "tasks" / "configure.yml")
        if task["name"] == "Hash the passwords"
    )
    given = task["ansible.builtin.command"]["stdin"]
    people = role.of("lemonldap_people")
    passwords = [role.of(given, member=member) for member in people]
    assert "li-hua" in [member["name"] for member in people]
    assert passwords == [
        secrets["cstcloud"][f"password_{member['name']}".replace("-", "_")] for member in people
    ]


@pytest.mark.parametrize(
    ("audience", "given"),
    [
        ("https://se.egi.test", True),
        ("https://cloud.gosc.test:5000", True),
        ("https://any.host.cstcloud.test/path", True),
        ("https://se.two.test:8443", True),
        ("https://wlcg.cern.ch/jwt/v1/any", True),
        ("https://two.test", False),
        ("https://another.invalid", False),
        ("https://se.two.test.another.invalid", False),
        ("http://se.egi.test", False),
    ],
)
def test_tokens_are_given_for_every_site_and_for_no_stranger(audience: str, given: bool) -> None:
    """Whichever infrastructure a site belongs to, and whether in its domain or in the site's own."""
    oidc_provider = Role("oidc_provider", "aai.gosc.test", TRIPLE).of("oidc_provider_audiences")
    lemonldap = Role("lemonldap", "aai.cstcloud.test", TRIPLE).of("lemonldap_audiences")
    assert any(re.search(pattern, audience) for pattern in oidc_provider) is given
    assert bool(re.search(lemonldap, audience)) is given

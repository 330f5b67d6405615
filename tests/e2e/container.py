"""A container of a testbed's own Swift, as a target of `testbed publish`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import openstack

from harness.inventory import Inventory
from harness.provision import vault
from harness.state import State

KEYSTONE = "org.openstack.keystone"


def environment(inventory: Inventory, infrastructure: str) -> dict[str, str]:
    """Return what an administrator of a cloud types, who sits at the workstation of its users.

    Names are resolved there: this machine knows none of them.
    """
    testbed = inventory.testbed
    state = State(testbed.name)
    return {
        "HTTPS_PROXY": f"socks5h://{testbed.workstation(infrastructure).address}:1080",
        "OS_AUTH_URL": testbed.home_site(infrastructure).service(KEYSTONE).endpoint,
        "OS_USERNAME": "admin",
        "OS_PASSWORD": vault.load(state)[infrastructure]["keystone_admin_password"],
        "OS_PROJECT_NAME": "admin",
        "OS_USER_DOMAIN_NAME": "Default",
        "OS_PROJECT_DOMAIN_NAME": "Default",
        "OS_CACERT": str(state.ca_bundle),
    }


@dataclass(frozen=True)
class Container:
    """A container, of which a test sees more than the publication does.

    The cloud is that of `environment`, which must be in force.
    """

    name: str
    store: Any

    @classmethod
    def make(cls, name: str) -> Container:
        """Make it, empty."""
        made = cls(name, openstack.connect().object_store)
        made.ask("PUT", "")
        return made

    def ask(self, method: str, path: str, **words: Any) -> Any:
        """Ask Swift, which must do it."""
        return self.store.request(f"/{quote(self.name)}{path}", method, **words)

    def hold(self, most: int | str) -> None:
        """Let it hold so many bytes at most; empty: as many as come."""
        self.ask("POST", "", headers={"X-Container-Meta-Quota-Bytes": str(most)})

    def listed(self) -> Mapping[str, tuple[str, str]]:
        """Return each object's MD5, and when it was written."""
        found: dict[str, tuple[str, str]] = {}
        marker = ""
        while page := self.ask("GET", "", params={"format": "json", "marker": marker}).json():
            found |= {item["name"]: (item["hash"], item["last_modified"]) for item in page}
            marker = page[-1]["name"]
        return found

    def read(self, name: str) -> bytes:
        """Return an object's content."""
        content: bytes = self.ask("GET", f"/{quote(name)}").content
        return content

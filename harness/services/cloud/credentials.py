"""Credentials that a user makes at a Keystone for programs, and that go when they have served.

Application credentials: OpenStack Identity API v3.10. EC2 credentials: its extension OS-EC2.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from harness import names
from harness.errors import Unreachable
from harness.redaction import redactor
from harness.services.cloud.client import Keystone, KeystoneToken


@contextlib.contextmanager
def application_credential(keystone: Keystone, owner: KeystoneToken) -> Iterator[Mapping[str, Any]]:
    """Make an application credential for the owner's project, and yield the identity that it is.

    Raises
    ------
    AssertionError
        where Keystone makes none.
    """
    path = f"users/{owner.user['id']}/application_credentials"
    secret = redactor.remember(secrets.token_urlsafe(32))
    sent = {"application_credential": {"name": names.fresh(), "secret": secret}}
    made = keystone.ask("POST", path, owner, json=sent).expect_ok()
    number = str(made.json["application_credential"]["id"])
    try:
        yield {
            "methods": ["application_credential"],
            "application_credential": {"id": number, "secret": secret},
        }
    finally:
        _remove(keystone, f"{path}/{number}", owner)


@contextlib.contextmanager
def ec2_credential(keystone: Keystone, owner: KeystoneToken) -> Iterator[Mapping[str, Any]]:
    """Make an EC2 credential for the owner's project, and yield what Keystone says of it.

    Raises
    ------
    AssertionError
        where Keystone makes none.
    """
    path = f"users/{owner.user['id']}/credentials/OS-EC2"
    sent = {"tenant_id": owner.project["id"]}
    answer = keystone.ask("POST", path, owner, json=sent)
    made = answer.json.get("credential", {})
    redactor.remember(str(made.get("secret", "")))
    answer.expect_ok()
    try:
        yield made
    finally:
        _remove(keystone, f"{path}/{made['access']}", owner)


def _remove(keystone: Keystone, path: str, owner: KeystoneToken) -> None:
    # Where nobody answers there is nothing to remove by; the scenario itself has said so.
    with contextlib.suppress(Unreachable):
        keystone.ask("DELETE", path, owner)

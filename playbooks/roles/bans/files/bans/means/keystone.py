"""Keystone: its mapping refuses the users' log-ins, and the accounts that they have there are disabled.

The mapping alone leaves Keystone tokens alive that were given before. A disabled account alone still logs
in: Keystone does not ask at a federated log-in whether the account is enabled.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bans.lists import User

_SUBJECT = "OIDC-sub"
_DISABLED = "disabled by a list of banned users"
"""Description of an account that was disabled here."""
_PATIENCE = 60
"""Seconds that one answer may take."""


class Keystone:
    """An administrator of Keystone.

    Parameters
    ----------
    url
        its address, with the version of its interface.
    providers
        issuer -> name of the identity provider at this Keystone; its mapping is `<name>-members`.
    """

    def __init__(self, *, url: str, password: str, providers: Mapping[str, str]) -> None:
        self._url, self._password, self._providers = url, password, providers
        self._token = ""

    def apply(self, users: Collection[User]) -> Sequence[str]:
        """Let Keystone refuse these users alone; return the accounts that were disabled."""
        self._token = self._login()
        disabled: list[str] = []
        for issuer, name in self._providers.items():
            subjects = sorted(one.subject for one in users if one.issuer == issuer)
            path = f"/OS-FEDERATION/mappings/{name}-members"
            rules = self._send("GET", path)["mapping"]["rules"]
            new = refusing(rules, subjects)
            if new != rules:
                self._send("PATCH", path, {"mapping": {"rules": new}})
            disabled += self._disable(name, subjects)
        return disabled

    def _disable(self, provider: str, subjects: Sequence[str]) -> list[str]:
        """Disable the accounts of some subjects of a provider, and enable again what was disabled so."""
        disabled = []
        for user in self._send("GET", f"/users?idp_id={provider}")["users"]:
            change = needed(user, subjects)
            if change:
                self._send("PATCH", f"/users/{user['id']}", {"user": change})
            if user["name"] in subjects:
                disabled.append(str(user["id"]))
        return disabled

    def _login(self) -> str:
        domain = {"id": "default"}
        body = {
            "auth": {
                "identity": {
                    "methods": ["password"],
                    "password": {
                        "user": {"name": "admin", "password": self._password, "domain": domain}
                    },
                },
                "scope": {"project": {"name": "admin", "domain": domain}},
            }
        }
        with self._open("POST", "/auth/tokens", body) as answer:
            return str(answer.headers["X-Subject-Token"])

    def _send(self, method: str, path: str, body: object = None) -> Any:
        with self._open(method, path, body) as answer:
            return json.load(answer)

    def _open(self, method: str, path: str, body: object) -> Any:
        request = urllib.request.Request(  # noqa: S310, the address is the role's own
            f"{self._url}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "X-Auth-Token": self._token},
        )
        try:
            return urllib.request.urlopen(request, timeout=_PATIENCE)  # noqa: S310, as above
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")[:300]
            raise RuntimeError(f"{method} {path}: HTTP {error.code}: {said}") from error
        except OSError as error:
            raise RuntimeError(f"{method} {path}: no answer: {error}") from error


def needed(user: Mapping[str, Any], subjects: Collection[str]) -> dict[str, Any]:
    """Return what must change of an account so that it is disabled for some subjects and for no others.

    An account that the site's own administrators have disabled has no such description, and stays disabled.
    """
    if user["name"] in subjects:
        return {"enabled": False, "description": _DISABLED} if user["enabled"] else {}
    if user.get("description") == _DISABLED:
        return {"enabled": True, "description": ""}
    return {}


def refusing(rules: Sequence[Mapping[str, Any]], subjects: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rules of a mapping so that they match all users but some.

    `not_any_of` lets a rule not match (Keystone, "Mapping Combinations"). `blacklist` would not do: it only
    takes values out of what a rule has matched.
    """
    return [
        {
            **rule,
            "remote": [
                *(one for one in rule["remote"] if not _is_ours(one)),
                *([{"type": _SUBJECT, "not_any_of": list(subjects)}] if subjects else []),
            ],
        }
        for rule in rules
    ]


def _is_ours(condition: Mapping[str, Any]) -> bool:
    return condition["type"] == _SUBJECT and "not_any_of" in condition

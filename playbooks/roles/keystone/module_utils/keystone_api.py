# Copyright: the interoperability testbed
# SPDX-License-Identifier: Apache-2.0
"""Keystone's REST API, as far as the modules of this role need it; the standard library suffices."""

from __future__ import annotations

import functools
import http.client
import json
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request


class Refusal(Exception):
    """Keystone answered with an error; `status` is its HTTP status."""

    def __init__(self, what, status, text):
        self.status = status
        super().__init__(f"{what}: HTTP {status}: {text[:400]}")


class Lost(Refusal):
    """No answer came, or none of Keystone's own: whether the request was done, nobody knows."""

    def __init__(self, what, reason):
        super().__init__(what, 0, f"no answer: {reason}")


ANSWER = 120
"""Seconds that one answer may take."""
PATIENCE = 900
"""Seconds in which a request is sent again: on a busy machine the first one alone may take minutes."""
PAUSE = 2
_GATEWAY = frozenset({502, 503, 504})
"""What Apache says for a Keystone that does not answer (yet)."""


def patiently(ask):
    """Let a function begin anew where an answer was lost; it looks what is there before it changes it."""

    @functools.wraps(ask)
    def asking(*words, **more):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return ask(*words, **more)
            except Lost:
                if time.monotonic() > end:
                    raise
                time.sleep(PAUSE)

    return asking


class Keystone:
    """An administrator's session. Counts in `changes` what it changed, or would in check mode."""

    def __init__(self, url, password, check_mode=False):
        self.url = url
        self.check_mode = check_mode
        self.changes = []
        self._token = None
        self._token = self.login("admin", password, "admin")

    @patiently
    def login(self, user, password, project):
        """Return a token of a user of the domain `default`."""
        domain = {"id": "default"}
        identity = {
            "methods": ["password"],
            "password": {"user": {"name": user, "password": password, "domain": domain}},
        }
        scope = {"project": {"name": project, "domain": domain}}
        headers, _ = self.send(
            "POST", "/auth/tokens", {"auth": {"identity": identity, "scope": scope}}
        )
        return headers["X-Subject-Token"]

    def send(self, method, path, body=None, **query):
        """Send a request; return the headers and the document of the answer.

        Raises `Lost` where there is none, and `Refusal` where it tells of an error.
        """
        target = self.url + path + ("?" + urllib.parse.urlencode(query) if query else "")
        request = urllib.request.Request(  # noqa: S310, the address is the role's own
            target, method=method, data=json.dumps(body).encode() if body is not None else None
        )
        request.add_header("Content-Type", "application/json")
        if self._token:
            request.add_header("X-Auth-Token", self._token)
        try:
            with urllib.request.urlopen(request, timeout=ANSWER) as answer:  # noqa: S310, as above
                text = answer.read()
                return answer.headers, json.loads(text) if text else {}
        except urllib.error.HTTPError as error:
            if error.code in _GATEWAY:
                raise Lost(f"{method} {target}", f"HTTP {error.code}") from error
            text = error.read().decode(errors="replace")
            raise Refusal(f"{method} {target}", error.code, text) from error
        except (OSError, http.client.HTTPException) as error:
            if isinstance(getattr(error, "reason", error), ssl.SSLCertVerificationError):
                raise  # it would be the same each time
            raise Lost(f"{method} {target}", error) from error

    def change(self, what, method, path, body=None):
        """Change something, unless in check mode; return the document of the answer."""
        self.changes.append(what)
        return {} if self.check_mode else self.send(method, path, body)[1]

    @patiently
    def find(self, kind, **query):
        """Return the objects of a kind that match."""
        return self.send("GET", f"/{kind}s", **query)[1][f"{kind}s"]

    @patiently
    def ensure(self, kind, name, query=None, **fields):
        """Return the id of the object of that name, made where it is missing (None in check mode)."""
        found = self.find(kind, name=name, **(query if query is not None else fields))
        if found:
            return found[0]["id"]
        body = {kind: {"name": name, **fields}}
        made = self.change(f"{kind} {name}", "POST", f"/{kind}s", body)
        return made.get(kind, {}).get("id")

    @patiently
    def ensure_grant(self, role, project, **holder):
        """Give a user or group (`user=id` or `group=id`) a role in a project."""
        ((kind, who),) = holder.items()
        if None in (project, who):  # not made yet, in check mode
            self.changes.append(f"role {role}")
            return
        role_id = self.find("role", name=role)[0]["id"]
        path = f"/projects/{project}/{kind}s/{who}/roles/{role_id}"
        if not self.exists(path):
            self.change(f"role {role} in project {project}", "PUT", path)

    @patiently
    def exists(self, path):
        """Tell whether there is something at this path."""
        try:
            self.send("GET", path)
        except Refusal as refusal:
            if refusal.status == 404:
                return False
            raise
        return True

    @patiently
    def ensure_at(self, path, kind, **fields):
        """Put an object at its own path, or set those fields of it that differ."""
        try:
            present = self.send("GET", path)[1][kind]
        except Refusal as refusal:
            if refusal.status != 404:
                raise
            self.change(path, "PUT", path, {kind: fields})
            return
        wrong = {key: value for key, value in fields.items() if present.get(key) != value}
        if wrong:
            self.change(path, "PATCH", path, {kind: wrong})

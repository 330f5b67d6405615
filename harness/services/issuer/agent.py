"""oidc-agent at the user's workstation: the program by which researchers get their tokens."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise
from urllib.parse import urlsplit

from harness import names
from harness.answer import Answer
from harness.clients.silence import raise_if_silent
from harness.clients.workstations import Workstation
from harness.errors import Unusable
from harness.redaction import redactor
from harness.services.issuer.client import SCOPE, DevicePrompt, Issuer
from harness.services.issuer.tokens import Token
from harness.shell import Completed

_SCOPE = f"{SCOPE} offline_access"
"""What an agent asks for: who the user is, and to go on while the user is away."""


def _until(condition: str) -> str:
    """Return shell that waits for a condition, for half a minute at most."""
    return f"for _ in $(seq 300); do if {condition}; then break; fi; sleep 0.1; done"


_SAID = 'grep -v "48;5" said'  # all but the picture of the code
_PROMPT = re.compile(r"visit:\s+(?P<uri>\S+).*enter the code: (?P<code>\S+)", re.S)
_MISSING = 127
"""Exit code of a shell that does not find a program (POSIX, 2.8.2)."""
_DENIED = re.compile(r"^Error: access_denied(?!\w)", re.M)
"""The error code by which the issuer tells that the user refused (RFC 8628, section 3.5)."""


class OidcAgent:
    """An oidc-agent that signs a user in as a device (RFC 8628).

    Parameters
    ----------
    workstation
        where it runs.
    issuer
        where it asks for tokens, as the client by which this is seen.
    """

    def __init__(self, workstation: Workstation, issuer: Issuer) -> None:
        self._workstation, self._issuer = workstation, issuer
        self._folder = ""
        self._word = redactor.remember(secrets.token_urlsafe(12))

    def start_device(self) -> DevicePrompt:
        """Make it ask for a code, which it shows, and poll from then on. Any other sign-in ends.

        Raises
        ------
        AssertionError
            where it shows no code; with what it says instead.
        Unreachable
            where the issuer did not answer it.
        Unusable
            where the workstation lacks a program.
        """
        self.close()
        self._folder = names.fresh()
        client = {
            "issuer_url": self._issuer.address,
            "client_id": self._issuer.client_id,
            "client_secret": self._issuer.client_secret,
            "scope": _SCOPE,
        }
        sign_in = files(__package__).joinpath("programs/agent_sign_in.sh").read_text("utf-8")
        shows = _until('[ -s ended ] || grep -q "enter the code" said 2> /dev/null')
        done = self._run(
            f"{sign_in}{shows}\nrm client.json; cat failed; {_SAID}",
            env={"CLIENT": json.dumps(client), "WORD": self._word},
            note="oidc-agent signs in",
        )
        if done.code == _MISSING:
            raise Unusable(f"oidc-agent cannot be timed: {done.stderr.strip()}")
        shown = _PROMPT.search(done.stdout)
        if not shown:
            host = urlsplit(self._issuer.address).hostname or self._issuer.address
            raise_if_silent(replace(done, code=1), tool="oidc-agent", host=host)
            raise AssertionError(f"oidc-agent showed no code: {done.stdout.strip()}")
        return DevicePrompt(user_code=shown["code"], verification_uri=shown["uri"])

    def await_poll(self) -> None:
        """Wait until it has polled or ended."""
        # Metadata and code came by a connection each.
        self._run(_until("[ $(wc -l < connections) -gt 3 ] || [ -s ended ]"))

    @property
    def waits(self) -> bool:
        """Whether it still waits for the user."""
        return self._run("[ ! -s ended ]").code == 0

    def await_end(self) -> Answer:
        """Wait up to half a minute until the sign-in succeeds or fails."""
        done = self._run(f'{_until("[ -s ended ]")}\n{_SAID}\n[ -s ended ] && exit "$(cat ended)"')
        return Answer(
            what=f"oidc-agent signs in at {self._issuer.address}",
            status=done.code,
            ok=done.code == 0,
            denied=done.code != 0 and _DENIED.search(done.stdout) is not None,
            body=done.stdout.encode(),
            duration=done.duration,
        )

    def token(self) -> Token:
        """Return an access token, as a program gets it from the agent (`oidc-token`)."""
        done = self._run(". ./agent.env; oidc-token home")
        if done.code:
            raise AssertionError(f"oidc-agent gave no token: {done.stderr.strip()}")
        return Token(done.stdout.strip())

    def pauses(self) -> list[float]:
        """Return the seconds between its requests: from the request for the code to the first poll,
        and so on.
        """
        connections = self._run("cat connections").stdout.split()
        # Before each request it reads the issuer's metadata, by a connection of its own.
        requests = [float(line) for line in connections[1::2]]
        return [other - one for one, other in pairwise(requests)]

    def close(self) -> None:
        """End it, and remove what it wrote."""
        if self._folder:
            self._run('. ./agent.env; oidc-agent --kill; kill -- -"$(cat group)"; rm -r "$PWD"')
            self._folder = ""

    def _run(self, line: str, *, env: Mapping[str, str] | None = None, note: str = "") -> Completed:
        return self._workstation.run(line, env=env, folder=self._folder, timeout=60, note=note)

"""An information index (BDII) as a user asks it: by `ldapsearch`, without a log-in."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from harness.answer import Answer
from harness.clients.outages import outages
from harness.clients.workstations import Workstation
from harness.errors import Unreachable
from harness.services.information import tree
from harness.services.information.tree import Tree

_ROOT = "o=glue"
_NOBODY = 255
"""Exit code where nobody answers (`LDAP_SERVER_DOWN`, -1)."""
_NO_RIGHT = frozenset({8, 48, 49, 50})
"""Exit codes that are results of LDAP: a log-in is needed, or the right is wanting (RFC 4511, 4.1.9)."""


class Index:
    """An index, seen from a user's workstation.

    Parameters
    ----------
    endpoint
        `ldap://<host>:<port>/<base>`. Where the base is none of GLUE 2, as registries name them,
        all of `o=glue` is asked.
    """

    def __init__(self, endpoint: str, workstation: Workstation) -> None:
        self.endpoint = endpoint
        self._workstation = workstation

    def read(self) -> Tree:
        """Return everything that it publishes below its base.

        Raises
        ------
        AssertionError
            where it refuses, or publishes nothing there.
        Unreachable
            where nobody answers.
        """
        found = tree.read(self.search().expect_ok().text)
        assert found.entries, f"{self.endpoint} publishes nothing"
        return found

    def search(self) -> Answer:
        """Ask for everything below the base.

        Raises
        ------
        Unreachable
            where nobody answers.
        """
        parts = urlsplit(self.endpoint)
        server, named = f"{parts.scheme}://{parts.netloc}", unquote(parts.path.strip("/"))
        base = named if named.endswith(_ROOT) else _ROOT
        words = ["ldapsearch", "-x", "-LLL", "-o", "ldif-wrap=no", "-o", "nettimeout=20"]
        with outages.asking(self.endpoint, via=self._workstation.host.name):
            done = self._workstation.run(
                [*words, "-H", server, "-b", base], timeout=90, note=self.endpoint
            )
            if done.code == _NOBODY:
                said = f"no answer of {parts.netloc}: ldapsearch: {done.stderr.strip()}"
                raise Unreachable(said, parts.hostname or parts.netloc)
        return Answer(
            what=f"ldapsearch at {self.endpoint}",
            status=done.code,
            ok=done.code == 0,
            denied=done.code in _NO_RIGHT,
            body=(done.stdout if done.code == 0 else f"{done.stdout}{done.stderr}").encode(),
            duration=done.duration,
        )

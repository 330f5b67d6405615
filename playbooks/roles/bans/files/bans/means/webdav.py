"""Apache: a rule of authorization beside that of the area, by claims that mod_oauth2 has verified."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from bans.lists import User
from bans.means import run


class Apache:
    """Writes the rule, and lets Apache read it without ending what it is about."""

    def __init__(self, *, file: str) -> None:
        self._file = Path(file)

    def apply(self, users: Collection[User]) -> Sequence[str]:
        """Let Apache refuse these users alone."""
        new = rule(users)
        if new != (self._file.read_text(encoding="utf-8") if self._file.exists() else ""):
            self._file.write_text(new, encoding="utf-8")
            run(["systemctl", "reload", "apache2"])
        return ()


def rule(users: Collection[User]) -> str:
    """Return directives that refuse these users; nothing where there are none."""
    if not users:
        return ""
    each = "".join(
        "  <RequireAll>\n"
        f'    Require oauth2_claim "iss:{one.issuer}"\n'
        f'    Require oauth2_claim "sub:{one.subject}"\n'
        "  </RequireAll>\n"
        for one in sorted(users)
    )
    return f"<RequireNone>\n{each}</RequireNone>\n"

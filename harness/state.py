"""Where a testbed keeps what outlives a command: keys, secrets, locks.

The state stands beside the container engine, not in a checkout: two clones on one machine that
name the same testbed mean the same containers, so they must mean the same keys too.
"""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from harness import names
from harness.errors import BadInput, PreconditionError


class State:
    """The folder of one testbed's state: `$TESTBED_STATE/<name>`, mode 0700.

    Raises
    ------
    BadInput
        where the name would lead to any other folder.
    """

    def __init__(self, testbed: str, root: Path | None = None) -> None:
        try:
            self.root = names.inside(root or state_root(), names.TESTBED.checked(testbed))
        except ValueError as error:
            raise BadInput(f"testbed_name: {error}") from error

    def make(self) -> State:
        """Create the folder where it is missing.

        Raises
        ------
        PreconditionError
            where that cannot be done.
        """
        make_folder(self.root)
        return self

    @property
    def pki(self) -> Path:
        """Certification authorities and host certificates."""
        return self.root / "pki"

    @property
    def ca_bundle(self) -> Path:
        """The CA certificates of all infrastructures, for TLS clients of the harness."""
        return self.pki / "bundle.pem"

    def publisher_key(self, infrastructure: str) -> Path:
        """The key by which an infrastructure signs its list of suspended users; `.pub` is beside it."""
        return self.pki / infrastructure / "ban-list.key"

    @property
    def issuer_keys(self) -> Path:
        """The signing keys of the issuers."""
        return self.root / "issuers"

    @property
    def vault(self) -> Path:
        """Random secrets of the infrastructures, as extra variables for Ansible (JSON)."""
        return self.root / "vault.json"

    @property
    def vault_lock(self) -> Path:
        """Held for the moment in which the vault is changed."""
        return self.root / "vault.lock"

    @property
    def kept(self) -> Path:
        """Files that are held by who uses a secret which its use replaces."""
        return self.root / "kept"

    @property
    def lock(self) -> Path:
        """Held by the one process that works on the testbed."""
        return self.root / "lock"

    @property
    def site_locks(self) -> Path:
        """Held by a part of a run, each for a site that it runs."""
        return self.root / "sites"

    @property
    def limits(self) -> Path:
        """What the run under way has used of the sites' budgets."""
        return self.root / "limits"

    @property
    def journal(self) -> Path:
        """What a command has changed at the hosts, and has yet to undo."""
        return self.root / "journal.jsonl"

    def journal_of(self, part: str) -> Path:
        """Return the same of one part of a run, beside which others run; the journal itself where empty."""
        return self.root / f"journal-{part}.jsonl" if part else self.journal

    def journals(self) -> list[Path]:
        """Return the journal, and those that parts of runs have left."""
        return [self.journal, *sorted(self.root.glob("journal-*.jsonl"))]

    @property
    def notices(self) -> Path:
        """What `testbed notify` has told, and what it has yet to deliver (JSON)."""
        return self.root / "notices.json"

    @property
    def notices_lock(self) -> Path:
        """Held while notices are sent."""
        return self.root / "notices.lock"

    @property
    def first_logins(self) -> Path:
        """Held by bytes, while the users of a run log in for the first time."""
        return self.root / "first-logins"


def state_root() -> Path:
    """Return `$TESTBED_STATE`, or the user's state folder (XDG base directory specification).

    Raises
    ------
    PreconditionError
        where neither is named, and the user has no home.
    """
    if root := os.environ.get("TESTBED_STATE"):
        return Path(root).expanduser()
    base = os.environ.get("XDG_STATE_HOME") or _home() / ".local" / "state"
    return Path(base) / "interop-testbed"


def make_folder(folder: Path) -> Path:
    """Create a folder of the state, which its owner alone can enter, where it is missing.

    Raises
    ------
    PreconditionError
        where that cannot be done.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise PreconditionError(
            f"{folder}: this folder cannot be made: {error.strerror}. "
            "Let TESTBED_STATE name a folder that you may write."
        ) from error
    return folder


def _home() -> Path:
    if home := os.environ.get("HOME"):
        return Path(home)
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        raise PreconditionError(
            "HOME is not set, and this user has no home, so there is no place for the testbed's keys. "
            "Let TESTBED_STATE name a folder that you may write."
        ) from None

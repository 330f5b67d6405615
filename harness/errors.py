"""Everything that the testbed can complain about; each class fixes the exit code of the command.

A message says what is wrong, where, and what to do next.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the commands tell their caller."""

    AS_EXPECTED = 0
    DEVIATIONS = 1
    USAGE = 2
    INCONCLUSIVE = 3


class TestbedError(Exception):
    """Base of all errors that a command reports in one message and without a traceback."""

    __test__ = False  # not a test class, whatever pytest thinks of the name
    exit_code = ExitCode.INCONCLUSIVE


class BadInput(TestbedError):
    """Something that the user wrote or asked for cannot be used."""

    exit_code = ExitCode.USAGE


class InventoryError(BadInput):
    """The inventory is broken; names the file, the line or key, and what is wrong."""


class PreconditionError(BadInput):
    """The machine lacks something that a command needs; says what to do."""


class NoSuchService(LookupError):
    """A site does not offer, by its inventory, a service that somebody asked for."""


class NoIssuerKey(PreconditionError):
    """The testbed has no signing key of an issuer: a real site's key is not ours to have."""

    def __init__(self, infrastructure: str) -> None:
        self.infrastructure = infrastructure
        super().__init__(
            f"the testbed has no signing key of the issuer of {infrastructure}, "
            "so it can forge no token of it"
        )


class NotAllowed(PreconditionError):
    """A site has not allowed what was to be done there; says what, and which rule forbids it."""


class NoWayIn(PreconditionError):
    """The testbed has no shell at a host: a real site's logs are not ours to read."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"the testbed has no way in to {host}, so it cannot read what is logged there"
        )


class Busy(BadInput):
    """Another process works on the same testbed."""


class ProvisionError(TestbedError):
    """A stage of provisioning failed; names the stage, the host and the tool's own message."""

    def __init__(self, *, stage: str, host: str, message: str, log: str | None = None) -> None:
        self.stage, self.host, self.log = stage, host, log
        hint = f"\n  log: {log}" if log else ""
        super().__init__(f"{stage} failed on {host}\n  {message}{hint}")


class PublishError(TestbedError):
    """A publication stopped on its way; says where, and what the target said."""

    def __init__(self, target: str, message: str) -> None:
        super().__init__(
            f"{target}: {message}\n"
            "  What was published before is as it was. Mend that, then publish again: it goes on "
            "from here."
        )


class Unusable(TestbedError):
    """What came is allowed, but our own clients cannot go on with it; says what came, and what would help.

    It says nothing against the service that sent it.
    """


class SourceFailed(Unusable):
    """A member's source of credentials gave no token, or a wrong one; names member and source.

    It says nothing against any site: the program, file or account is the tester's own.
    """

    exit_code = ExitCode.USAGE


class BeyondSource(PreconditionError):
    """A scenario needs a token that a member's source of credentials cannot give."""


class Unreachable(TestbedError):
    """No answer came from a host; whose trouble that is, the judge decides from the health checks."""

    def __init__(self, message: str, host: str) -> None:
        self.host = host
        super().__init__(message)

"""What may happen to a message on its way."""

from __future__ import annotations

from collections.abc import Iterable

from harness.errors import ExitCode, TestbedError


class Undelivered(TestbedError):
    """A message has not arrived; says where it was to go, what was answered, and what to do."""

    def __init__(self, message: str, *, lasting: bool, arrived: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.lasting = lasting
        """True of what does not pass by itself: somebody has to mend it."""
        self.arrived = tuple(arrived)
        """Addresses that have the message in spite of it."""
        self.exit_code = ExitCode.USAGE if lasting else ExitCode.INCONCLUSIVE


class Away(Undelivered):
    """The server does not answer: nothing else needs to be tried there now."""

    def __init__(self, message: str) -> None:
        super().__init__(message, lasting=False)

"""What the hosts of services write down, where the testbed has a way in to them."""

from __future__ import annotations

from importlib.resources import files

import pytest

from harness.errors import NoWayIn, Unreachable
from harness.evidence import step
from harness.model import Service, Testbed
from harness.shell import Shell


def _program() -> str:
    """Return shell that counts the lines with a text; the text travels in the environment."""
    return files(__package__).joinpath("programs/count_in_logs.sh").read_text(encoding="utf-8")


class Logs:
    """The logs of the testbed's hosts."""

    def __init__(self, testbed: Testbed) -> None:
        self._testbed = testbed

    def mention(self, text: str, *, of: Service) -> bool:
        """Return whether a log of the service's host contains this text.

        Raises
        ------
        NoWayIn
            where the testbed did not make the host, and so does not read its logs.
        Unreachable
            where the host gives no answer.
        """
        host = self._testbed.host(of.host)
        if not host.roles:
            raise NoWayIn(host.name)
        with step(f"{host.name}: search of the logs") as record:
            record.send(f"how many lines hold this: {text}")
            try:
                done = Shell(host).run(_program(), env={"SOUGHT": text}, timeout=60)
            except TimeoutError as error:
                raise Unreachable(str(error), host.name) from error
            record.receive(f"lines: {done.stdout}{done.stderr}")
            if not done.stdout.strip().isdecimal():
                raise Unreachable(f"the logs could not be searched: {done.stderr}", host.name)
            return int(done.stdout) > 0


@pytest.fixture
def logs(testbed: Testbed) -> Logs:
    """The logs of the hosts of services."""
    return Logs(testbed)

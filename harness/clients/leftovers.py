"""What a killed run has left at a workstation: folders under a name of ours, and programs at work in them.

They hold files of jobs and transfers, tokens, and the account of an oidc-agent with its refresh token.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from functools import partial

from harness import names
from harness.clients.workstations import Workstation
from harness.errors import TestbedError
from harness.kinds import Leftover

_LIST = f"""
for place in "$HOME" /tmp /dev/shm; do
    for one in "$place"/{names.OURS}*; do
        if [ -O "$one" ]; then printf '%s\\n' "$one"; fi
    done
done
"""

_REMOVE = r"""
# oidc-agent hides its folder and its environment, also from its own user: it is known by what it said of
# itself when it began (harness/services/issuer/programs/agent_sign_in.sh).
said() { sed -n "s/^$1=\([^;]*\);.*/\1/p" "$folder/agent.env"; }
if [ -S "$(said OIDC_SOCK)" ] && [ "$(cat "/proc/$(said OIDCD_PID)/comm")" = oidc-agent ]; then
    kill "$(said OIDCD_PID)"
fi 2> /dev/null
for process in /proc/[0-9]*; do
    [ -O "$process" ] || continue
    case $(readlink "$process/cwd") in
        "$folder" | "$folder"/*) ;;
        *) grep -qsF "$folder/" "$process/environ" || continue ;;
    esac
    kill "${process#/proc/}"
done 2> /dev/null
rm -rf "$folder"
"""


def leftovers(workstation: Workstation) -> Iterator[Leftover]:
    """Return what the user of a workstation has there under a name of the testbed.

    Raises
    ------
    TestbedError
        where it cannot be listed.
    """
    done = workstation.run(_LIST, note="what a killed run has left")
    if done.code:
        raise TestbedError(f"{workstation.host.name} lists nothing: {done.stderr.strip()}")
    for path in dict.fromkeys(done.stdout.splitlines()):
        if names.is_fresh(path.rpartition("/")[2]):
            yield Leftover(path, partial(_remove, workstation, path))


def _remove(workstation: Workstation, path: str) -> None:
    """End what is at work in a folder, and remove it."""
    done = workstation.run(f"folder={shlex.quote(path)}\n{_REMOVE}", note="remove what was left")
    if done.code:
        raise TestbedError(f"{path} does not go: {done.stderr.strip()}")

"""Ansible plays by ansible-runner: live progress, a full log, and failures in three lines."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TextIO

from rich.live import Live
from rich.table import Table

from harness import interruption
from harness.errors import ProvisionError
from harness.inventory import vaults
from harness.model import Host
from harness.provision.progress import Progress
from harness.redaction import redactor
from harness.state import State

PLAYBOOK = Path(__file__).resolve().parents[2] / "playbooks" / "site.yml"
DEFAULT_STRATEGY = "mitogen_free"

Stage = Literal["install", "configure", "all"]

_PLAIN_INTERVAL = 15.0
"""Seconds between two lines of progress where the output is no terminal."""


@dataclass
class Tally:
    """What a play did on one host."""

    host: str
    task: str = ""
    since: float = field(default_factory=time.monotonic)
    done: int = 0
    changed: int = 0
    failure: str = ""


@dataclass(frozen=True)
class Played:
    """What a play did on all its hosts."""

    stage: str
    tallies: Mapping[str, Tally]
    log: Path

    @property
    def good(self) -> tuple[str, ...]:
        """The hosts on which nothing failed."""
        return tuple(name for name, tally in self.tallies.items() if not tally.failure)

    def require(self) -> None:
        """Raise a ProvisionError that names every host that failed: its task, and its own message."""
        failed = [tally for tally in self.tallies.values() if tally.failure]
        if not failed:
            return
        if len(failed) == 1:
            host, message = failed[0].host, failed[0].failure
        else:
            host = f"{len(failed)} of {len(self.tallies)} hosts"
            message = "\n  ".join(f"{tally.host}: {tally.failure}" for tally in failed)
        raise ProvisionError(
            stage=self.stage, host=host, message=redactor.redact(message), log=str(self.log)
        )


def overlay(hosts: Sequence[Host]) -> dict[str, Any]:
    """Return an inventory that gives each host a literal address, laid over the user's own.

    mitogen does not expand templates in `ansible_host`.
    """
    return {"all": {"hosts": {host.name: {"ansible_host": host.target} for host in hosts}}}


def run(
    stage: Stage,
    inventories: Sequence[Path | Mapping[str, Any]],
    *,
    hosts: Sequence[str],
    state: State,
    log: Path,
    progress: Progress,
) -> Played:
    """Run `playbooks/site.yml` on these hosts, and return what it did on each.

    Secrets go to Ansible in a file that only its user reads; the log has none. A host that fails
    does not stop the others; ask `Played.require` whether all is well.

    Raises
    ------
    ProvisionError
        where the play fails as a whole.
    KeyboardInterrupt
        when all processes of the play have ended.
    """
    watch = _Watch(stage, hosts, progress)
    with (
        tempfile.TemporaryDirectory(prefix="play-", dir=state.make().root) as scratch,
        _workers_of(Path(scratch)),
        log.open("w") as out,
        watch.shown(),
        interruption.noted() as interrupted,
    ):
        sources = [_source(Path(scratch), n, source) for n, source in enumerate(inventories)]

        def on_event(event: dict[str, Any]) -> bool:
            _write(out, event)
            watch.see(event)
            return False  # no copy of the event on disk

        import ansible_runner  # noqa: PLC0415, commands that play nothing need not wait for it

        done = ansible_runner.run(
            private_data_dir=scratch,
            playbook=str(PLAYBOOK),
            inventory=sources,
            limit=",".join(hosts),
            forks=len(hosts),
            extravars={
                "testbed_stage": stage,
                "pki_dir": str(state.pki),
                "issuer_keys_dir": str(state.issuer_keys),
            },
            cmdline=f"-e @{state.vault}" if stage != "install" else None,
            envvars=_environment(Path(scratch)),
            settings={"pexpect_timeout": 1},
            suppress_env_files=True,
            quiet=True,
            event_handler=on_event,
            cancel_callback=interrupted.has_come,
        )
    interrupted.check()
    for tally in watch.tallies.values():
        if not (tally.done or tally.failure or done.rc):
            tally.failure = "no play ran on it\n    it is in no group that playbooks/site.yml plays"
    played = Played(stage=stage, tallies=watch.tallies, log=log)
    if done.rc and played.good == tuple(watch.tallies):
        last = [line for line in log.read_text().splitlines() if line.strip()][-3:]
        raise ProvisionError(
            stage=stage, host="the control host", message="\n  ".join(last), log=str(log)
        )
    return played


def strategy() -> dict[str, str]:
    """Return the settings of the strategy: TESTBED_ANSIBLE_STRATEGY, or mitogen's `free`.

    mitogen sends modules over one connection a host and is several times faster; Ansible's own
    `free` does the same without it.
    """
    name = os.environ.get("TESTBED_ANSIBLE_STRATEGY", DEFAULT_STRATEGY)
    settings = {"ANSIBLE_STRATEGY": name}
    if name.startswith("mitogen"):
        import ansible_mitogen  # noqa: PLC0415 - only where it is wanted

        plugins = Path(str(ansible_mitogen.__file__)).parent / "plugins" / "strategy"
        settings["ANSIBLE_STRATEGY_PLUGINS"] = str(plugins)
    return settings


def _environment(scratch: Path) -> dict[str, str]:
    return {
        **strategy(),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "ANSIBLE_CONFIG": str(PLAYBOOK.parent / "ansible.cfg"),
        "ANSIBLE_ROLES_PATH": str(PLAYBOOK.parent / "roles"),
        "ANSIBLE_LOCAL_TEMP": str(scratch / "tmp"),
        "ANSIBLE_PIPELINING": "True",
        # Whether a host's key counts is said in one place, the inventory: ansible-runner would take any.
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        # Nobody is there to be asked for a passphrase, or whether a key is the right one.
        "SSH_ASKPASS": "/bin/false",
        "SSH_ASKPASS_REQUIRE": "force",
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_DEPRECATION_WARNINGS": "False",
        "ANSIBLE_NOCOLOR": "True",
        "LC_ALL": "C.UTF-8",  # it refuses to start in another encoding
        # The inventory has been read strictly already; a play must not stop for an empty folder in it.
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "False",
        **vaults.environment(),
    }


def _source(scratch: Path, number: int, source: Path | Mapping[str, Any]) -> str:
    """Return the path of an inventory; one that is data is written down first."""
    if isinstance(source, Path):
        return str(source.resolve())
    path = scratch / f"inventory-{number}.json"
    path.write_text(json.dumps(source))
    return str(path)


def _write(out: TextIO, event: Mapping[str, Any]) -> None:
    if text := event.get("stdout"):
        out.write(redactor.redact(str(text)) + "\n")
        out.flush()


@contextmanager
def _workers_of(scratch: Path) -> Iterator[None]:
    """End what outlives a play: Ansible's workers have sessions of their own, and no signal finds them.

    They are known by the play's folder in their command line.
    """
    try:
        yield
    finally:
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):  # it has ended by itself meanwhile
                if str(scratch).encode() in file.read_bytes():
                    os.kill(int(file.parent.name), signal.SIGKILL)


class _Watch:
    """Follows a play's events and shows how far each host is."""

    def __init__(self, stage: str, hosts: Sequence[str], progress: Progress) -> None:
        self.stage, self.progress = stage, progress
        self.tallies = {name: Tally(name) for name in hosts}
        self._item_failures: dict[str, str] = {}
        self._start = time.monotonic()

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show the table while the play runs; on a terminal it lives, else lines tell."""
        if self.progress.console.is_terminal:
            with Live(
                console=self.progress.console,
                refresh_per_second=4,
                get_renderable=self._table,
                transient=True,
            ):
                yield
            return
        ended = threading.Event()
        teller = threading.Thread(target=self._tell, args=(ended,), daemon=True)
        teller.start()
        try:
            yield
        finally:
            ended.set()
            teller.join()

    def see(self, event: Mapping[str, Any]) -> None:
        """Take in one event of ansible-runner."""
        data = event.get("event_data") or {}
        tally = self.tallies.get(data.get("host", ""))
        if tally is not None:
            self._count(tally, event["event"], data)

    def _tell(self, ended: threading.Event) -> None:
        while not ended.wait(_PLAIN_INTERVAL):
            if line := self._plain(time.monotonic()):
                self.progress.line(line)

    def _count(self, tally: Tally, kind: str, data: Mapping[str, Any]) -> None:
        result = data.get("res") or {}
        if kind == "runner_on_start":
            tally.task, tally.since = str(data.get("task", "")), time.monotonic()
        elif kind in ("runner_on_ok", "runner_on_skipped"):
            tally.done += 1
            tally.changed += bool(result.get("changed"))
            tally.task = ""
        elif kind == "runner_item_on_failed":
            self._item_failures[tally.host] = _message(result)
        elif kind == "runner_on_unreachable" or (
            kind == "runner_on_failed" and not data.get("ignore_errors")
        ):
            message = self._item_failures.pop(tally.host, "") or _message(result)
            if kind == "runner_on_unreachable":
                tally.failure = f"it cannot be reached\n    {message}"
            else:
                where = ": ".join(filter(None, (data.get("role"), data.get("task"))))
                tally.failure = f"{where}\n    {message}"

    def _table(self) -> Table:
        now = time.monotonic()
        table = Table(title=f"{self.stage} ({now - self._start:.0f} s)", title_justify="left")
        for column in ("host", "task", "s", "done", "changed"):
            table.add_column(column, no_wrap=True, justify="left" if column < "s" else "right")
        for tally in self.tallies.values():
            seconds = f"{now - tally.since:.0f}" if tally.task else ""
            style = "red" if tally.failure else None
            table.add_row(
                tally.host, tally.task[:60], seconds, str(tally.done), str(tally.changed),
                style=style,
            )  # fmt: skip
        return table

    def _plain(self, now: float) -> str:
        busy = [
            f"{t.host}: {t.task} ({now - t.since:.0f} s)"
            for t in self.tallies.values()
            if t.task and not t.failure
        ]
        more = f"; and {len(busy) - 4} more" if len(busy) > 4 else ""
        return f"  {now - self._start:.0f} s: {'; '.join(busy[:4])}{more}" if busy else ""


def _message(result: Mapping[str, Any]) -> str:
    """Return a failed task's own words in one line of sane length; never nothing."""
    parts = [str(result.get(key) or "") for key in ("msg", "reason", "stderr", "module_stderr")]
    if not parts[2]:
        parts.append(str(result.get("stdout") or "")[-300:])
    parts += [_message(item) for item in result.get("results") or () if item.get("failed")]
    words = " ".join(" ".join(parts).split())
    if not words and result.get("censored"):
        words = "the output is hidden, because the task handles secrets (`no_log`)"
    if not words:
        said = {k: v for k, v in result.items() if not k.startswith(("_", "invocation"))}
        words = f"Ansible gave no message, only this result: {said}"
    return words if len(words) <= 500 else f"{words[:250]} ... {words[-250:]}"


def remove_leftovers(state: State) -> None:
    """Remove what a play that was killed left in the state's folder."""
    for folder in state.root.glob("play-*"):
        shutil.rmtree(folder, ignore_errors=True)

"""What requests and commands to a computing element mean to somebody who looks on."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from harness.narration import Action, Flow, Told, Translate
from harness.services.compute.client import WAIT

_PRINTED = re.compile(r"\bcat '?([\w.-]+)")
"""The file that a command fetches and prints."""


def tell(action: Action, tr: Translate) -> Told | None:
    """Tell what an action at a computing element means."""
    if action.command:
        return _command(action, tr)
    if action.method:
        return _request(action, tr)
    if action.title.startswith(WAIT):
        return Told(tr("The job is queued, and runs at the computing element."))
    return None


def _request(action: Action, tr: Translate) -> Told | None:
    """Tell a request of ARC's REST interface."""
    asked = parse_qs(urlsplit(action.url).query).get("action", [""])[0]
    match action.method, asked:
        case "POST", "new":
            return Told(_submits(tr), Flow.PUT)
        case "POST", "status" | "info":
            return Told(_asks(tr), minor=True)
        case "POST", "kill" | "clean":
            return Told(_removes(tr), minor=True)
        case "PUT", _:
            return Told(_along(tr).format(name=action.name), Flow.PUT)
        case "GET", _ if "/session/" in action.path:
            return Told(_fetches(tr).format(name=action.name), Flow.GET)
    return None


def _command(action: Action, tr: Translate) -> Told | None:
    """Tell a command of HTCondor or ARC."""
    match action.program:
        case "condor_submit" | "arcsub":
            return Told(_submits(tr), Flow.PUT)
        case "condor_q" | "condor_history" | "arcstat":
            return Told(_asks(tr), minor=True)
        case "condor_transfer_data" | "arcget" | "arccat":
            # A title may be cut short; what was sent is not.
            found = _PRINTED.search(action.sent) or _PRINTED.search(action.command)
            name = found[1] if found else tr("a file")
            return Told(_fetches(tr).format(name=name), Flow.GET)
        case "condor_rm" | "arckill" | "arcclean":
            return Told(_removes(tr), minor=True)
    return None


def _submits(tr: Translate) -> str:
    return tr("The user submits the job to the computing element.")


def _along(tr: Translate) -> str:
    return tr("{name} travels with the job.")


def _asks(tr: Translate) -> str:
    return tr("The user asks for the state of the job.")


def _fetches(tr: Translate) -> str:
    return tr("The user fetches {name}, the output of the job.")


def _removes(tr: Translate) -> str:
    return tr("The user removes the job.")

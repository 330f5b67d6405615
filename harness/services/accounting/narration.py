"""What requests to an accounting repository mean to somebody who looks on."""

from __future__ import annotations

from harness.narration import Action, Flow, Told, Translate
from harness.services.accounting.client import WAIT


def tell(action: Action, tr: Translate) -> Told | None:
    """Tell what an action at a repository means."""
    if action.title.startswith(WAIT):
        return Told(tr("The site publishes what the user has used."))
    if action.method == "POST":
        return Told(tr("A signed record is handed in at the accounting repository."), Flow.PUT)
    if action.method == "GET":
        return Told(tr("The accounting repository is asked for its records."), minor=True)
    return None

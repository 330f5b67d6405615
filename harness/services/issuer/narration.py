"""What requests to an issuer mean to somebody who looks on."""

from __future__ import annotations

from harness.narration import Action, Flow, Told, Translate


def tell(action: Action, tr: Translate) -> Told | None:
    """Tell what an action at an issuer means."""
    if "/.well-known/" in action.path:
        return Told(tr("The user's client reads the issuer's metadata."), minor=True)
    if action.method == "POST" and "grant_type=" in action.sent:
        return Told(
            tr("The user asks the issuer of the home infrastructure for a token."), Flow.GET
        )
    if action.program == "oidc-token":
        return Told(tr("The user's agent gets a token of the home infrastructure."), Flow.GET)
    return None

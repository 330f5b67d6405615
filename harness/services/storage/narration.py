"""What requests to a storage mean to somebody who looks on."""

from __future__ import annotations

import re

from harness.narration import Action, Flow, Told, Translate

_SOURCE = re.compile(r"^source:\s*(\S+)", re.I | re.M)
_DESTINATION = re.compile(r"^destination:\s*(\S+)", re.I | re.M)
_DIGEST = re.compile(r"^want-digest:", re.I | re.M)


def tell(action: Action, tr: Translate) -> Told | None:
    """Tell what an action at a storage means."""
    if action.method == "COPY":
        return _copy(action, tr)
    sentences = {
        "MKCOL": tr("The user creates a folder at the storage."),
        "PUT": tr("The user stores the file {name}."),
        "GET": tr("The user reads the file {name}."),
        "HEAD": tr("The storage reports the checksum of {name}.")
        if _DIGEST.search(action.sent)
        else tr("The storage reports the size of {name}."),
        "PROPFIND": tr("The user lists what is stored."),
        "DELETE": tr("The user deletes {name}."),
    }
    if action.method not in sentences:
        return None
    flow = {"PUT": Flow.PUT, "GET": Flow.GET}.get(action.method, Flow.ASK)
    return Told(sentences[action.method].format(name=action.name), flow)


def _copy(action: Action, tr: Translate) -> Told | None:
    """Tell a third-party copy: the storage that is asked fetches a file, or sends it."""
    if source := _SOURCE.search(action.sent):
        told = tr("The storage pulls {name} directly from another storage.")
        return Told(told.format(name=action.name), Flow.GET, other=source[1])
    if destination := _DESTINATION.search(action.sent):
        told = tr("The storage pushes {name} directly to another storage.")
        return Told(told.format(name=action.name), Flow.PUT, other=destination[1])
    return None

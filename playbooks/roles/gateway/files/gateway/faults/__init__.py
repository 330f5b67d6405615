"""All faults by name; each is a function from a request to the answer of the service that has it."""

from gateway.faults import (
    accounting,
    answers,
    cloud,
    data,
    issuer,
    jobs,
    keys,
    openid,
    registries,
    scopes,
    suspension,
    tokens,
    webdav,
)
from gateway.faults.entries import ENTRY_FAULTS
from gateway.faults.registry import FAULTS

__all__ = [
    "ENTRY_FAULTS",
    "FAULTS",
    "accounting",
    "answers",
    "cloud",
    "data",
    "issuer",
    "jobs",
    "keys",
    "openid",
    "registries",
    "scopes",
    "suspension",
    "tokens",
    "webdav",
]

"""All faults by name; each is a function from a request to the answer of the service that has it."""

from gateway.faults import accounting, answers, cloud, data, issuer, jobs, keys, scopes, tokens
from gateway.faults.registry import FAULTS

__all__ = [
    "FAULTS",
    "accounting",
    "answers",
    "cloud",
    "data",
    "issuer",
    "jobs",
    "keys",
    "scopes",
    "tokens",
]

"""The labels by which the testbed knows its own containers, networks and images.

Nothing is ever found by its name alone: what bears no label of ours is not ours to touch.
"""

from __future__ import annotations

TESTBED = "interop-testbed"
"""Name of the testbed that an object belongs to; empty for what all testbeds share."""

KIND = "interop-testbed.kind"
"""What the object is: see the constants below."""

KEY = "interop-testbed.key"
"""Hash of everything that made the object."""

HOST = "interop-testbed.host"
ROLES = "interop-testbed.roles"
INFRASTRUCTURE = "interop-testbed.infrastructure"

LINEAGE = "interop-testbed.lineage"
"""Keys of the base and install images that a host snapshot stands on, separated by commas."""

BASE, INSTALL, SNAPSHOT = "base", "install", "host-snapshot"
"""Kinds of images."""

BUILD, CONFIGURE, RUNNING = "build", "configure", "host"
"""Kinds of containers; only the last has everything that its inventory says."""


def of(testbed: str, kind: str, **more: str) -> dict[str, str]:
    """Return the labels of an object; keywords are `key`, `host`, `roles` and so on."""
    return {
        TESTBED: testbed,
        KIND: kind,
        **{f"{TESTBED}.{name}": value for name, value in more.items()},
    }


def query(**wanted: str | None) -> dict[str, str | bool | list[str]]:
    """Return a filter for the engine's lists: keywords as in `of`, None for any value.

    `testbed` stands for the testbed's name.
    """
    terms = []
    for name, value in wanted.items():
        label = TESTBED if name == "testbed" else f"{TESTBED}.{name}"
        terms.append(label if value is None else f"{label}={value}")
    return {"label": terms}

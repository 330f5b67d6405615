"""What the kinds of service bring, each as `module:function`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Fixture = Callable[[str], Any]
"""Returns a fixture by its name, as `request.getfixturevalue` does: a kind asks for its own by it."""

PROBES = ("harness.services.issuer.probes:probe", "harness.services.storage.probes:probe")
"""Look for a capability that is not declared (`harness.engine.probes.Probe`)."""

ENTRANCES = (
    "harness.services.storage.entrance:entrances",
    "harness.services.cloud.entrance:entrances",
    "harness.services.compute.entrance:entrances",
)
"""List what opens to a token (`harness.engine.containment.Entrances`)."""

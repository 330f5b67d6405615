"""Statements of version 1, whose routes led to infrastructures, in the form of version 2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness import routes


def upgraded(content: Any) -> Any:
    """Return a statement as version 2 has it; anything but version 1 is returned as it is."""
    if not isinstance(content, dict) or not str(content.get("version", "")).startswith("1."):
        return content
    made = {**content, "version": "2.0"}
    listed = content.get("routes")
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        return made
    names = names_of(listed)
    ends = {str(one.get("id")): (one.get("home"), one.get("resource")) for one in listed}
    made["routes"] = [{**one, "id": names[str(one.get("id"))]} for one in listed]
    for part in ("requirements", "scenarios"):
        if isinstance(content.get(part), list):
            made[part] = [_led(one, names, ends) for one in content[part]]
    return made


def names_of(listed: list[Any]) -> dict[str, str]:
    """Return the former name of each route -> its name today.

    Of two sites of one infrastructure, which had one name, the first was tested.
    """
    return {
        str(one.get("id")): routes.name(str(one.get("home")), str(one.get("site")))
        for one in reversed(listed)
    }


def _led(one: Any, names: Mapping[str, str], ends: Mapping[str, tuple[Any, Any]]) -> Any:
    """Return a verdict on the route by its name today."""
    if not isinstance(one, dict):
        return one
    route = str(one.get("route"))
    home, resource = ends.get(route, (None, None))
    own = {"home": home, "resource": resource} if "scenario" in one else {}
    return {**one, **own, "route": names.get(route, one.get("route"))}

"""The secrets of a testbed."""

from __future__ import annotations

import json
from pathlib import Path

from harness.provision import vault
from harness.state import State


def test_all_secrets_are_told_to_whoever_looks_for_them(tmp_path: Path) -> None:
    state = State("unit", root=tmp_path).make()
    assert vault.needles(state) == frozenset()
    state.vault.write_text(json.dumps({"vault": {"egi": {"a": "one"}, "cstcloud": {"a": "two"}}}))
    state.issuer_keys.mkdir()
    (state.issuer_keys / "egi.jwk.json").write_text('{"kty": "EC", "x": "public", "d": "three"}')
    assert vault.needles(state) == {"one", "two", "three"}

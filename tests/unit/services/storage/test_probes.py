"""What a storage does not declare is looked for, and what is stored for that is removed."""

from __future__ import annotations

from typing import Any

import pytest

from harness.answer import Answer
from harness.services.storage.kind import KIND
from harness.services.storage.probes import PROBES
from tests.unit.services.probing import answer

PULLED = "Perf Marker\nEnd\nsuccess: Created\n"
FAILED = "failure: Remote side failed with status code 404\n"


STORES = {"PUT": answer(201), "DELETE": answer(204)}


@pytest.mark.parametrize(
    ("capability", "answers", "there", "seen"),
    [
        ("third-party-copy", STORES | {"COPY": answer(201, PULLED)}, True, "success: Created"),
        ("third-party-copy", STORES | {"COPY": answer(202, FAILED)}, True, "failure: Remote"),
        (
            "third-party-copy",
            STORES | {"COPY": answer(400)},
            False,
            "HTTP 400 and reported no result",
        ),
        (
            "third-party-copy",
            STORES | {"COPY": answer(201)},
            False,
            "HTTP 201 and reported no result",
        ),
        ("checksum", STORES | {"HEAD": answer(digest="ADLER32=01")}, True, "ADLER32=01"),
        ("checksum", STORES | {"HEAD": answer(digest="md5=aa==")}, False, "md5=aa=="),
        ("checksum", STORES | {"HEAD": answer()}, False, "none was reported"),
        ("read", STORES | {"GET": answer()}, True, "HTTP 200"),
        ("read", STORES | {"GET": answer(403)}, False, "HTTP 403"),
        ("scope-prefix", STORES | {"GET": answer()}, True, "HTTP 200"),
        ("scope-prefix", STORES | {"GET": answer(403)}, False, "HTTP 403"),
        ("write", STORES, True, "HTTP 201"),
        ("write", {"PUT": answer(405)}, False, "HTTP 405"),
        ("checksum", {"PUT": answer(403)}, False, "the probe failed: expected success"),
        ("checksum", {}, False, "the probe failed: PUT "),
    ],
)
def test_a_storage_is_asked_to_do_it(
    probe: Any, capability: str, answers: dict[str, Answer], there: bool, seen: str
) -> None:
    found, _ = probe("webdav", capability, **answers)
    assert found.there is there
    assert seen in found.seen


@pytest.mark.parametrize(
    "capability", ["third-party-copy", "checksum", "read", "write", "scope-prefix"]
)
def test_what_a_probe_stores_it_removes(probe: Any, capability: str) -> None:
    _, asked = probe(
        "webdav", capability, COPY=answer(201, PULLED), HEAD=answer(), GET=answer(), **STORES
    )
    stored = {line.split()[1] for line in asked if line.startswith(("PUT", "COPY"))}
    removed = {line.split()[1] for line in asked if line.startswith("DELETE")}
    assert stored == removed != set()


def test_every_capability_that_can_be_probed_can_be_declared() -> None:
    assert PROBES.keys() <= KIND.capabilities.keys()

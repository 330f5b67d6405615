"""The makes of WebDAV endpoints, as cases of a scenario that runs against each."""

from __future__ import annotations

import pytest

from harness.engine.needs import MARK

_NEEDS = getattr(pytest.mark, MARK)

MAKES = [
    pytest.param(None, id="webdav", marks=_NEEDS("webdav", "read")),
    pytest.param("apache", id="apache", marks=_NEEDS("webdav", implementation="apache")),
]
"""What `storage.at(..., implementation=make)` takes: the first endpoint of a site, and Apache's."""

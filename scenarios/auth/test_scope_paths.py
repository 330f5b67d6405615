"""The issuer normalises the paths of scopes, so that no storage has to."""

import posixpath

import pytest


@pytest.mark.requirement("AUTHZ-017")
@pytest.mark.killed_by("grants-unclean-paths")
@pytest.mark.parametrize(
    "path", ["/a/../b", "//a", "/a//b", "/./a", "/a/..", "/a/%2e%2e/b"], ids=repr
)
def test_an_issuer_writes_clean_paths_only(member, audience, path):
    """The issuer drops or normalises a requested path that has dots or empty parts."""
    answer = member.ask(audience=audience, scope=f"storage.read:/clean/path storage.read:{path}")
    granted = [scope.partition(":")[2] for scope in answer.token.scopes if ":" in scope]
    assert "/clean/path" in granted, (
        f"the control failed, a normalised path was not granted: {granted}"
    )
    for written in granted:
        tidied = "/" + posixpath.normpath(written).lstrip("/")
        assert written.rstrip("/") == tidied.rstrip("/"), f"not normalised: {written}"
        assert "%2e" not in written.lower(), f"the path has an escaped dot: {written}"

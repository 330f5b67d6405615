"""Creating folders (RFC 4918, sections 9.1, 9.3 and 9.7)."""

import pytest

from harness.services.storage.client import FULL_SCOPE


@pytest.mark.requirement("XFER-021")
@pytest.mark.killed_by("makes-folders-anew")
@pytest.mark.parametrize("there", ["file", "folder"])
def test_a_folder_is_not_made_where_something_is(route, storage, member, rejected, there):
    """MKCOL on an existing file or folder is answered 405."""
    area = storage.at(route.resource)
    area.put("1 KiB", by=member, name="file")
    area.make_folder("folder/", by=member).expect_ok()
    name = f"{there}/" if there == "folder" else there
    answer = rejected(lambda name: area.make_folder(name, by=member), good="new/", bad=name)
    assert answer.status == 405, f"expected 405, got {answer}"


@pytest.mark.requirement("XFER-021")
@pytest.mark.killed_by("makes-folders-of-missing-parents")
def test_a_folder_is_not_made_in_a_missing_one(route, storage, member, rejected):
    """MKCOL in a missing folder is answered 409."""
    area = storage.at(route.resource)
    answer = rejected(
        lambda name: area.make_folder(name, by=member), good="new/", bad="missing/inner/"
    )
    assert answer.status == 409, f"expected 409, got {answer}"


@pytest.mark.requirement("XFER-020")
@pytest.mark.killed_by("takes-files-of-missing-parents")
def test_a_file_is_not_stored_in_a_missing_folder(route, storage, member, rejected):
    """PUT into a missing folder is answered 409."""
    area = storage.at(route.resource)
    answer = rejected(
        lambda name: area.file(name).upload(by=member), good="data", bad="missing/data"
    )
    assert answer.status == 409, f"expected 409, got {answer}"


@pytest.mark.requirement("XFER-023")
@pytest.mark.killed_by("lists-what-is-not-there")
def test_what_is_not_there_is_not_listed(route, storage, member, rejected):
    """PROPFIND on a file is answered 207, and on a missing file 404."""
    area = storage.at(route.resource)
    token = member.token(area.audience, FULL_SCOPE)
    answer = rejected(
        lambda file: area.webdav.propfind(file.path, token=token),
        good=area.put("1 KiB", by=member),
        bad=area.file(),
    )
    assert answer.status == 404, f"expected 404, got {answer}"

"""What is done to a folder is done to everything in it (RFC 4918, sections 9.6, 9.8 and 9.9)."""

import pytest


@pytest.fixture
def area(route, storage, member):
    """An area with a folder that has a file and, in a folder within it, another."""
    area = storage.at(route.resource)
    for name in ("folder/", "folder/inner/"):
        area.make_folder(name, by=member).expect_ok()
    return area


@pytest.fixture
def files(area, member):
    """The two files."""
    return [area.put("1 KiB", by=member, name=f"folder/{name}") for name in ("a", "inner/b")]


def arrived(files, member):
    """Both files must be in the folder `there`, with their bytes."""
    for file in files:
        copy = file.area.copy_of(file, f"there/{file.path.partition('/folder/')[2]}")
        assert copy.get(by=member).expect_ok().body == file.data.content


@pytest.mark.requirement("XFER-032")
@pytest.mark.killed_by("deletes-empty-folders-only")
def test_a_folder_is_deleted_with_what_is_in_it(area, files, member):
    """DELETE of a folder deletes every file and folder in it."""
    area.file("folder/").delete(by=member).expect_ok()
    for file in files:
        assert file.get(by=member).status == 404, f"{file.path} is still there"


@pytest.mark.needs("webdav", "copy")
@pytest.mark.requirement("XFER-035")
@pytest.mark.killed_by("copies-folders-without-content")
def test_a_folder_is_copied_with_what_is_in_it(area, files, member):
    """COPY of a folder copies every file and folder in it, and leaves the folder itself as it was."""
    area.file("folder/").duplicate(area.file("there/"), by=member).expect_ok()
    arrived(files, member)
    for file in files:
        assert file.get(by=member).expect_ok().body == file.data.content


@pytest.mark.requirement("XFER-036")
@pytest.mark.killed_by("moves-folders-without-content")
def test_a_folder_is_moved_with_what_is_in_it(area, files, member):
    """MOVE of a folder moves every file and folder in it."""
    area.file("folder/").move(area.file("there/"), by=member).expect_ok()
    arrived(files, member)
    for file in files:
        assert file.get(by=member).status == 404, f"{file.path} is still there"

"""A user's client that copies a folder finds the files that the listing names rightly."""

import pytest

UNESCAPED = pytest.mark.killed_by("lists-names-unescaped")
NAMES = [
    "a+b",
    *(pytest.param(name, marks=UNESCAPED) for name in ("two words", "100%", "%20", "a#b", "数据")),
]


@pytest.mark.requirement("XFER-039")
@pytest.mark.killed_by("lists-no-new-files")
@pytest.mark.needs("webdav", "read")
@pytest.mark.parametrize("name", NAMES)
def test_gfal_copy_brings_every_file_of_a_folder(route, storage, member, commands, name):
    """`gfal-copy -r` brings a file from a folder, whatever its name."""
    area = storage.at(route.resource)
    area.make_folder("folder/", by=member).expect_ok()
    plain, odd = (area.put("4 KiB", by=member, name=f"folder/{one}") for one in ("plain", name))
    url, here = area.webdav.url(f"{area.name}/folder/"), commands.path()
    commands.gfal_copy_folder(url, here, token=area.token(member, "storage.read"))
    brought = commands.sums_in(here)
    assert plain.data.adler32 in brought, "the control failed: a plain name was not brought"
    assert odd.data.adler32 in brought, f"{name!r} was not brought"

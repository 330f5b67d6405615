"""A token with several audiences counts where one of them is the storage (RFC 7519, section 4.1.3)."""

import pytest

from harness.services.storage.client import FULL_SCOPE

pytestmark = pytest.mark.needs("webdav", "read")
OTHERS = ["https://another.invalid", "https://third.invalid"]


@pytest.fixture
def read(route, storage, member, forge):
    """Read a file of the storage with a token that names these audiences."""
    file = storage.at(route.resource).put("1 KiB", by=member)

    def reading(audiences):
        named = [one or file.area.audience for one in audiences]
        token = forge.token(
            member, audience=file.area.audience, scope=FULL_SCOPE, claims={"aud": named}
        )
        return file.get(by=token)

    return reading


@pytest.mark.requirement("AUTH-021")
@pytest.mark.killed_by("refuses-several-audiences")
def test_one_of_several_audiences_is_enough(read):
    """A storage accepts a token that lists it among other audiences."""
    read([None, OTHERS[0]]).expect_ok()


@pytest.mark.requirement("AUTH-020")
@pytest.mark.killed_by("ignores-audience")
def test_several_audiences_of_others_are_refused(read, refused):
    """A storage refuses a token that lists several audiences, but not the storage."""
    refused(read, good=[None], bad=OTHERS)

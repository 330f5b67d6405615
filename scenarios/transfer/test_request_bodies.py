"""Bodies of requests that a storage cannot read are refused (RFC 4918, sections 8.2, 8.4 and 9.3)."""

import pytest

from harness.services.storage.client import FULL_SCOPE

GOOD = b'<?xml version="1.0"?><D:propfind xmlns:D="DAV:"><D:allprop/></D:propfind>'
BROKEN = GOOD.removesuffix(b"</D:propfind>")


@pytest.mark.requirement("XFER-033")
@pytest.mark.killed_by("ignores-bodies-of-listings")
def test_a_listing_asked_for_in_broken_xml_is_refused(route, storage, member, rejected):
    """PROPFIND with XML that is not well-formed is answered 400."""
    area = storage.at(route.resource)
    file, token = area.put("1 KiB", by=member), member.token(area.audience, FULL_SCOPE)
    answer = rejected(
        lambda body: area.webdav.propfind(file.path, token=token, body=body), good=GOOD, bad=BROKEN
    )
    assert answer.status == 400, f"expected 400, got {answer}"


@pytest.mark.requirement("XFER-034")
@pytest.mark.killed_by("ignores-bodies-of-new-folders")
def test_a_folder_is_not_made_of_an_unknown_body(route, storage, member, rejected):
    """MKCOL with a body that the storage does not understand is answered 415."""
    area = storage.at(route.resource)
    token = member.token(area.audience, FULL_SCOPE)
    answer = rejected(
        lambda body: area.webdav.mkcol(area.path(f"folder-{len(body)}/"), token=token, body=body),
        good=b"",
        bad=b"<unknown/>",
    )
    assert answer.status == 415, f"expected 415, got {answer}"

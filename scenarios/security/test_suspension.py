"""A member whom the home bans is refused by each service of a site, and nobody else is.

The ban is on a signed list that sites fetch. The issuer continues to issue tokens, so it is the site that
refuses. Each site must act within the agreed time, and must accept the member again when the ban is lifted.
"""

import pytest

from harness.services.storage.client import FULL_SCOPE as FILES

pytestmark = [pytest.mark.requirement("SEC-010"), pytest.mark.long]


@pytest.mark.needs("webdav", "read")
@pytest.mark.killed_by("ignores-bans", "never-lifts-bans", "bans-whole-issuers")
def test_a_storage_refuses_a_banned_member(route, storage, second, suspect, ban_list, refused):
    """A storage refuses a banned member and nobody else, and accepts the member after the ban is lifted."""
    file = storage.at(route.resource).put("1 KiB", by=second)
    where, held = file.area.service, suspect.token(file.area.audience, FILES)
    file.get(by=held).expect_ok()
    with ban_list.naming(held):
        ban_list.takes_hold(where, lambda: file.get(by=held).denied)
        refused(lambda user: file.get(by=user), good=second, bad=suspect)
    ban_list.lets_go(where, lambda: file.get(by=held).ok)


@pytest.mark.killed_by("ignores-bans", "never-lifts-bans", "bans-whole-issuers")
def test_a_cloud_refuses_a_banned_member(route, cloud, second, suspect, ban_list, refused):
    """A cloud refuses a banned member and nobody else, and accepts the member after the ban is lifted."""
    site = cloud.at(route.resource)
    where, held = site.keystone.service, suspect.token(site.audience)
    site.login(by=held).expect_ok()
    with ban_list.naming(held):
        ban_list.takes_hold(where, lambda: site.login(by=held).denied)
        refused(lambda user: site.login(by=user), good=second, bad=suspect)
    ban_list.lets_go(where, lambda: site.login(by=held).ok)


@pytest.mark.killed_by("keeps-sessions-of-the-banned")
def test_a_cloud_ends_the_sessions_of_a_banned_member(
    route, cloud, second, suspect, ban_list, refused
):
    """A cloud revokes the tokens that it issued to a member before the ban."""
    site = cloud.at(route.resource)
    given = {user: site.enter(by=user) for user in (second, suspect)}
    with ban_list.naming(suspect.token(site.audience)):
        ban_list.takes_hold(
            site.keystone.service,
            lambda: site.keystone.show(given[suspect]).denied,
            detail="Keystone token",
        )
        refused(site.keystone.show, good=given[second], bad=given[suspect])


@pytest.mark.killed_by("takes-unsigned-lists", "takes-old-lists", "takes-expired-lists")
def test_lists_with_a_flaw_change_nothing(route, cloud, suspect, second, ban_list, refused):
    """A list with a foreign signature, an old list and an expired list ban nobody; a valid list does."""
    site = cloud.at(route.resource)
    where, held = site.keystone.service, suspect.token(site.audience)
    with ban_list.replaced() as publish:
        for forgery in ban_list.forgeries(held, seen_by=where):
            site.login(by=held).expect_ok()
            publish(forgery, where)
            assert site.login(by=held).ok, f"a list that is {forgery.flaw} banned a member"
    with ban_list.naming(held):
        ban_list.takes_hold(where, lambda: site.login(by=held).denied)
        refused(lambda user: site.login(by=user), good=second, bad=suspect)

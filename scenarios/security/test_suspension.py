"""A member whom the home bans everywhere is refused by each service of a site, and by no other's fault.

The ban stands on a signed list that sites fetch. The issuer goes on giving tokens: it is the site that
refuses. Each site must act within the time agreed, and must admit the member again when the ban is lifted.
"""

import pytest

from harness.services.compute.client import JobDescription, JobState
from harness.services.compute.kind import ARC, HTCONDOR
from harness.services.compute.kind import FULL_SCOPE as JOBS
from harness.services.storage.client import FULL_SCOPE as FILES

pytestmark = pytest.mark.requirement("SEC-010")


@pytest.mark.needs("webdav", "read")
@pytest.mark.killed_by("ignores-bans", "never-lifts-bans", "bans-whole-issuers")
def test_a_storage_refuses_a_banned_member(route, storage, second, suspect, ban_list, refused):
    """A storage refuses a banned member and nobody else, and admits the member when the ban is lifted."""
    file = storage.at(route.resource).put("1 KiB", by=second)
    where, held = file.area.service, suspect.token(file.area.audience, FILES)
    file.get(by=held).expect_ok()
    with ban_list.naming(held):
        ban_list.takes_hold(where, lambda: file.get(by=held).denied)
        refused(lambda user: file.get(by=user), good=second, bad=suspect)
    ban_list.lets_go(where, lambda: file.get(by=held).ok)


@pytest.mark.killed_by("ignores-bans", "never-lifts-bans", "bans-whole-issuers")
def test_a_cloud_refuses_a_banned_member(route, cloud, second, suspect, ban_list, refused):
    """A cloud refuses a banned member and nobody else, and admits the member when the ban is lifted."""
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
    """A cloud takes back the tokens that it gave a member before the ban."""
    site = cloud.at(route.resource)
    given = {user: site.enter(by=user) for user in (second, suspect)}
    with ban_list.naming(suspect.token(site.audience)):
        ban_list.takes_hold(
            site.keystone.service,
            lambda: site.keystone.show(given[suspect]).denied,
            detail="Keystone token",
        )
        refused(site.keystone.show, good=given[second], bad=given[suspect])


@pytest.mark.killed_by("ignores-bans", "never-lifts-bans", "bans-whole-issuers")
def test_a_computing_element_refuses_a_banned_member(
    route, element, second, suspect, ban_list, refused
):
    """A computing element refuses a banned member and nobody else, and admits the member afterwards."""
    where = route.resource.service(ARC, HTCONDOR)
    held = suspect.token(element.audience, JOBS)
    element.listing(held).expect_ok()
    with ban_list.naming(held):
        ban_list.takes_hold(where, lambda: element.listing(held).denied)
        refused(lambda user: element.listing(element.token(user)), good=second, bad=suspect)
    ban_list.lets_go(where, lambda: element.listing(held).ok)


@pytest.mark.killed_by("keeps-jobs-of-the-banned", "ignores-bans")
def test_jobs_of_a_banned_member_are_ended(route, element, suspect, second, ban_list):
    """The site cancels the running job of a banned member, and leaves the job of another member alone."""
    where, nap = route.resource.service(ARC, HTCONDOR), JobDescription.script("sleep 280")
    doomed = element.run(nap, suspect.token(element.audience, JOBS))
    other = element.run(nap, second.token(element.audience, JOBS))
    doomed.wait_running()
    other.wait_running()
    with ban_list.naming(doomed.token):
        ban_list.takes_hold(where, lambda: element.listing(doomed.token).denied)
    ban_list.lets_go(where, lambda: element.listing(doomed.token).ok)
    doomed.wait_ended_as(JobState.CANCELLED)
    assert not other.status().state.is_final, "the job of a member who is not banned has ended"


@pytest.mark.killed_by("takes-unsigned-lists", "takes-old-lists", "takes-expired-lists")
def test_lists_with_a_flaw_change_nothing(route, cloud, suspect, second, ban_list, refused):
    """A list that is signed by somebody else, old or expired bans nobody; the true one does."""
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

"""A member whom the home bans runs no more jobs at a site, and nobody else is affected."""

import pytest

from harness.services.compute.client import JobDescription, JobState
from harness.services.compute.kind import ARC, HTCONDOR

pytestmark = [pytest.mark.requirement("SEC-010"), pytest.mark.long]


def asked_anew(element, token):
    """Ask for the member's jobs over a new connection, as a command that was just started does."""
    element.disconnect()
    return element.listing(token)


@pytest.mark.killed_by("ignores-bans", "never-lifts-bans", "bans-whole-issuers")
def test_a_computing_element_refuses_a_banned_member(
    route, element, second, suspect, ban_list, refused
):
    """A computing element refuses a banned member and nobody else, until the ban is lifted."""
    where, held = route.resource.service(ARC, HTCONDOR), element.token(suspect)
    asked_anew(element, held).expect_ok()
    with ban_list.naming(held):
        ban_list.takes_hold(where, lambda: asked_anew(element, held).denied)
        refused(
            lambda user: asked_anew(element, element.token(user)),
            good=second,
            bad=suspect,
        )
    ban_list.lets_go(where, lambda: asked_anew(element, held).ok)


@pytest.mark.needs("org.nordugrid.arex")
@pytest.mark.killed_by("ignores-bans")
def test_a_banned_member_is_refused_on_an_open_connection(
    route, compute, second, suspect, ban_list, refused
):
    """A computing element refuses a banned member also on a connection from before the ban."""
    where = route.resource.service(ARC)
    kept, other = compute.at(route.resource), compute.at(route.resource)
    held = kept.token(suspect)
    kept.listing(held).expect_ok()

    def refuses():
        kept.listing(held)  # else the connection would be closed because nobody uses it
        return asked_anew(other, held).denied

    with ban_list.naming(held):
        ban_list.takes_hold(where, refuses)
        refused(lambda user: kept.listing(kept.token(user)), good=second, bad=suspect)


@pytest.mark.killed_by("keeps-jobs-of-the-banned", "ignores-bans")
def test_jobs_of_a_banned_member_are_cancelled(route, element, suspect, second, ban_list):
    """The site cancels the running job of a banned member, and no job of another member."""
    where, nap = route.resource.service(ARC, HTCONDOR), JobDescription.script("sleep 280")
    doomed, other = (element.run(nap, element.token(user)) for user in (suspect, second))
    doomed.wait_running()
    other.wait_running()
    with ban_list.naming(doomed.token):
        ban_list.takes_hold(where, lambda: asked_anew(element, doomed.token).denied)
    ban_list.lets_go(where, lambda: asked_anew(element, doomed.token).ok)
    doomed.wait_ended_as(JobState.CANCELLED)
    assert other.status().state in (JobState.RUNNING, JobState.DONE)

"""How long a storage caches the keys of an issuer. The cache is aged, so nobody waits for days."""

import pytest

from harness.services.storage.client import FULL_SCOPE

pytestmark = [
    pytest.mark.alone,
    pytest.mark.requirement("AUTH-032"),
    pytest.mark.needs("webdav", implementation="xrootd"),
]
SIX_HOURS = 6 * 3600
FOUR_DAYS = 4 * 24 * 3600


@pytest.mark.killed_by("keeps-withdrawn-keys")
def test_a_storage_looks_for_keys_within_six_hours(
    route, storage, member, forge, stand_in, key_caches, refused
):
    """A storage refreshes its cached keys within 6 h, and is set to drop them within 4 days."""
    file = storage.at(route.resource).put("1 KiB", by=member)

    def signed(**key):
        return forge.token(member, audience=file.area.audience, scope=FULL_SCOPE, **key)

    with stand_in(file.area.service) as withdrawn:
        file.get(by=signed(key=withdrawn)).expect_ok()
    kept = key_caches.of(file.area.service).times()
    assert kept.refresh <= SIX_HOURS
    assert kept.expiry <= FOUR_DAYS
    file.get(by=signed(key=withdrawn)).expect_ok()  # the control: so far it is kept
    key_caches.of(file.area.service).age(SIX_HOURS)
    refused(lambda token: file.get(by=token), good=signed(), bad=signed(key=withdrawn))


@pytest.mark.killed_by("keeps-keys-for-ever")
def test_a_storage_drops_keys_after_four_days(
    route, storage, member, cut_issuer, key_caches, rejected
):
    """Cached keys that could not be refreshed for four days are no longer accepted, and new keys are."""
    file = storage.at(route.resource).put("1 KiB", by=member)
    new = {"audience": file.area.audience, "scope": FULL_SCOPE}

    def get(seconds):
        file.get(by=member.ask(**new).token).expect_ok()  # the keys are there
        with cut_issuer(file.area.service):
            key_caches.of(file.area.service).age(seconds)
            return file.get(by=member.ask(**new).token)

    assert rejected(get, good=0, bad=FOUR_DAYS).denied

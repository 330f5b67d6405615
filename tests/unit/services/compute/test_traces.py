"""Records of computing elements, as ARC CE 7.0.0 and HTCondor 23.9.6 write them."""

from __future__ import annotations

from harness.engine.site_records import Trace
from harness.services.compute.traces import _arc, of_arc, of_condor

ISSUER, SUBJECT = "https://aai.cstcloud.test", "ea5b77c0@cstcloud.cn"
STARTED = (
    '2026-11-30 22:40:01 Started - job id: fb41063326bb, unix user: 1008:1001, name: "job", '
    f'owner: "{ISSUER}/{SUBJECT}", lrms: SLURM, queue: batch\n'
)
KEPT = (
    "clientname=10.111.2.50:40066\n"
    f"tokenclaim.iss={ISSUER}\ntokenclaim.jti=a578ff56\ntokenclaim.sub={SUBJECT}\n"
)


def test_a_job_of_arc_that_is_kept_has_the_claims_of_its_token():
    assert of_arc(STARTED + KEPT) == Trace(ISSUER, SUBJECT, "a578ff56", "10.111.2.50")


def test_of_a_job_of_arc_that_was_cleaned_the_owner_is_left():
    assert of_arc(STARTED) == Trace(ISSUER, SUBJECT)
    assert of_arc("") == Trace()


def test_the_folder_of_a_job_of_arc_is_found_by_its_id():
    assert "/jobs/fb4/106/332/6bb/local" in _arc("fb41063326bb")


def test_a_job_of_htcondor_has_issuer_subject_and_identifier():
    ad = f'[{{"AuthTokenIssuer": "{ISSUER}", "AuthTokenSubject": "{SUBJECT}", "AuthTokenId": "5dNO"}}]'
    assert of_condor(ad) == Trace(ISSUER, SUBJECT, "5dNO")


def test_a_job_of_htcondor_without_a_token_names_nobody():
    assert of_condor('[{"Owner": "cst01"}]') == Trace()
    assert of_condor("\n") == Trace()

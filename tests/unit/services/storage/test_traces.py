"""Logs of storages, as XRootD 5.8.1 and Apache with mod_oauth2 write them."""

from __future__ import annotations

import subprocess
from importlib.resources import files

from harness.engine.site_records import Trace
from harness.services.storage.traces import of_apache, of_xrootd

ISSUER = "https://aai.egi.test"
LOG = """\
261130 22:39:02 170 unknown.1:27@[::10.111.1.50] ofs_open: 200-40664 (664) fn=/vo/a
261130 22:39:02 171 unknown.2:28@[::10.111.2.50] ofs_open: 200-40664 (664) fn=/vo/ab
261130 22:39:03 170 scitokens_Access: New valid token mapped_username=xrootd, subject=u1@egi.eu, \
issuer=https://aai.egi.test, authorizations=/vo:read
261130 22:39:03 171 scitokens_Access: Cached token mapped_username=xrootd, subject=u2@cn, \
issuer=https://aai.cstcloud.test, authorizations=/vo:read
261130 22:39:03 171 scitokens_Access: Grant authorization based on scopes for operation=create, path=/vo/ab
261130 22:39:03 170 scitokens_Access: Grant authorization based on scopes for operation=create, path=/vo/a
"""


def searched(tmp_path, path: str) -> str:
    (tmp_path / "xrootd.log").write_text(LOG)
    program = files("harness.services.storage").joinpath("programs/xrootd_requests.awk").read_text()
    command = ["awk", "-v", f"path={path}", program, str(tmp_path / "xrootd.log")]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_requests_of_xrootd_are_told_apart_by_their_threads(tmp_path):
    assert of_xrootd(searched(tmp_path, "/vo/a")) == (
        Trace(ISSUER, "u1@egi.eu", address="10.111.1.50"),
    )
    assert of_xrootd(searched(tmp_path, "/vo/ab")) == (
        Trace("https://aai.cstcloud.test", "u2@cn", address="10.111.2.50"),
    )


def test_what_xrootd_did_not_permit_leads_to_nobody(tmp_path):
    assert of_xrootd(searched(tmp_path, "/vo")) == ()


def test_requests_of_apache_end_in_the_claims():
    end = f'iss="{ISSUER}" sub="u1@egi.eu" jti="3aOn"'
    line = '10.111.1.50 - u1 [30/Nov/2026:22:37:50 +0000] "PUT /vo/a HTTP/1.1" 201 9 "-" "curl" '
    anonymous = line + 'iss="-" sub="-" jti="-"'
    stock = line.strip()
    assert of_apache(line + end) == (Trace(ISSUER, "u1@egi.eu", "3aOn", "10.111.1.50"),)
    assert of_apache(anonymous) == (Trace(address="10.111.1.50"),)
    assert of_apache(stock) == ()

"""The accounting repository: what counts, what does not, and what is counted once."""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from accounting import records, signatures
from accounting.service import Service
from accounting.settings import Settings
from accounting.signatures import Refused, Signed
from accounting.store import Store

from harness.model import Infrastructure
from harness.provision.pki import Authority
from harness.services.accounting import messages

NOW = int(time.time())
HOME = cast(Infrastructure, SimpleNamespace(name="a", title="A"))
CAR = """<?xml version="1.0" encoding="utf-8"?>
<UsageRecords xmlns="http://eu-emi.eu/namespaces/2012/11/computerecord">
<UsageRecord xmlns:urf="http://eu-emi.eu/namespaces/2012/11/computerecord">
<JobIdentity><GlobalJobId>abc</GlobalJobId><LocalJobId>7</LocalJobId></JobIdentity>
<UserIdentity><GlobalUserName urf:type="opensslCompat">https://aai.test/ada</GlobalUserName>
<LocalUserId>a01</LocalUserId><Group>vo.test</Group></UserIdentity>
<WallDuration>PT1M5S</WallDuration><CpuDuration urf:usageType="all">PT4S</CpuDuration>
<CpuDuration urf:usageType="user">PT3S</CpuDuration>
<StartTime>2026-11-30T10:00:00Z</StartTime><EndTime>2026-11-30T10:02:00Z</EndTime>
<Site urf:type="gocdb">A-SITE</Site><ServiceLevel urf:type="HEPscore23">10.0</ServiceLevel>
</UsageRecord></UsageRecords>"""
STAR = """<sr:StorageUsageRecords xmlns:sr="http://eu-emi.eu/namespaces/2011/02/storagerecord">
<sr:StorageUsageRecord>
<sr:RecordIdentity sr:createTime="2026-11-30T10:00:00Z" sr:recordId="r1"/>
<sr:StorageSystem>cloud.test</sr:StorageSystem><sr:Site>A-SITE</sr:Site>
<sr:StorageShare>box</sr:StorageShare><sr:FileCount>2</sr:FileCount>
<sr:SubjectIdentity><sr:Group>project</sr:Group></sr:SubjectIdentity>
<sr:StartTime>2026-11-30T09:00:00Z</sr:StartTime><sr:EndTime>2026-11-30T10:00:00Z</sr:EndTime>
<sr:ResourceCapacityUsed>3072</sr:ResourceCapacityUsed>
</sr:StorageUsageRecord></sr:StorageUsageRecords>"""


def text(**changes: str) -> str:
    fields = messages.record("A-SITE", **changes)
    return messages.HEADER + "\n" + "".join(f"{n}: {v}\n" for n, v in fields.items()) + "%%\n"


def test_a_record_of_arc_is_read() -> None:
    kind, (record,) = records.read(CAR)
    assert kind == records.JOB
    assert record["GlobalJobId"] == "abc"
    assert record["GlobalUserName"] == "https://aai.test/ada"
    assert record["VO"] == "vo.test"
    assert (record["WallDuration"], record["CpuDuration"]) == ("65", "4")
    assert int(record["EndTime"]) - int(record["StartTime"]) == 120
    assert record["ServiceLevelType"] == "HEPscore23"


def test_a_storage_record_is_read() -> None:
    kind, (record,) = records.read(STAR)
    assert kind == records.STORAGE
    assert record["RecordId"] == "r1"
    assert record["Group"] == "project"
    records.check(
        kind, record | {"CreateTime": str(NOW), "StartTime": str(NOW), "EndTime": str(NOW)}
    )


def test_a_text_of_several_records_is_read() -> None:
    kind, found = records.read(
        "APEL-individual-job-message: v0.3\nSite: A\nVO: None\n%%\nSite: B\n%%\n"
    )
    assert kind == records.JOB
    assert found == [{"Site": "A"}, {"Site": "B"}]


@pytest.mark.parametrize("told", ["hello", "<a/>", "<broken"])
def test_what_has_no_known_form_is_refused(told: str) -> None:
    with pytest.raises(Refused) as error:
        records.read(told)
    assert error.value.rule == "form"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"LocalJobId": ""}, "missing"),
        ({"WallDuration": "a minute"}, "numbers"),
        ({"WallDuration": "-1"}, "negative"),
        ({"CpuDuration": "-1"}, "negative"),
        ({"StartTime": "0"}, "times"),
        ({"EndTime": str(NOW + 3600)}, "times"),
        ({"StartTime": str(NOW - 5), "EndTime": str(NOW - 10)}, "times"),
        ({"ServiceLevelType": "bogomips"}, "benchmark"),
        ({"ServiceLevelType": ""}, "benchmark"),
    ],
)
def test_an_impossible_job_is_refused(changes: dict[str, str], rule: str) -> None:
    good = messages.record("A-SITE")
    records.check(records.JOB, good)
    with pytest.raises(Refused) as error:
        records.check(records.JOB, good | changes)
    assert error.value.rule == rule


def test_a_summary_is_of_its_month() -> None:
    good = {
        "Site": "A", "Month": "11", "Year": "2026", "WallDuration": "5", "CpuDuration": "1",
        "NumberOfJobs": "2", "EarliestEndTime": "1796000000", "LatestEndTime": "1796000000",
    }  # fmt: skip
    good["EarliestEndTime"] = good["LatestEndTime"] = "1795000000"  # 2026-11-18
    records._check_month(good, {"EarliestEndTime": 1795000000})
    with pytest.raises(Refused, match="2026-10"):
        records._check_month(good | {"Month": "10"}, {"EarliestEndTime": 1795000000})


def test_a_record_counts_once_and_for_its_own_site(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "records.sqlite"))
    signed = Signed(text(), "ce.a.test")
    assert store.take("m1", signed, site="A-SITE").fresh == 1
    again = store.take("m2", signed, site="A-SITE")
    assert (again.state, again.fresh, again.again) == ("counted", 0, 1)
    assert store.take("m3", Signed(text(), "ce.b.test"), site="B-SITE").rule == "publisher"
    assert store.take("m4", Signed(text(), "nobody.test"), site=None).rule == "publisher"
    (kept,) = store.records(records.JOB, since=0, site="A-SITE")
    assert kept["times"] == 2
    assert not list(store.records(records.JOB, since=0, site="B-SITE"))
    message = store.message("m3")
    assert message is not None
    assert message["state"] == "refused"
    assert store.message("none") is None


class Running:
    """A repository that runs, and the keys of the hosts that may send to it."""

    def __init__(self, folder: Path) -> None:
        authority = Authority.ensure(HOME, folder)
        self.pki = folder / HOME.name
        for name in ("localhost", "ce.a.test"):
            authority.ensure_host(name)
        trusted = folder / "trusted"
        trusted.mkdir()
        (trusted / "ca.pem").write_bytes((self.pki / "ca.pem").read_bytes())
        subprocess.run(["openssl", "rehash", str(trusted)], check=True)
        self.settings = Settings(
            certificate=str(self.pki / "localhost.pem"), key=str(self.pki / "localhost.key"),
            authorities=str(trusted), database=str(folder / "records.sqlite"),
            reader_key="reader-key", publishers={"ce.a.test": "A-SITE"}, port=0, token_port=0,
        )  # fmt: skip
        self.service = Service(self.settings)

    def ask(
        self, method: str, path: str, *, token: str = "reader-key", door: int = 0, **rest: Any
    ) -> httpx.Response:
        port = self.service._servers[door].server_address[1]
        tls = ssl.create_default_context(cafile=self.pki / "ca.pem")
        if cert := rest.pop("cert", None):
            tls.load_cert_chain(*cert)
        with httpx.Client(verify=tls, trust_env=False) as client:
            return client.request(
                method, f"https://localhost:{port}{path}", headers={"x-api-key": token}, **rest
            )

    def message(self, host: str = "ce.a.test", **changes: str) -> messages.Message:
        return messages.signed(
            messages.record("A-SITE", **changes),
            certificate=self.pki / f"{host}.pem", key=self.pki / f"{host}.key",
        )  # fmt: skip

    def hand_in(self, message: messages.Message, token: str = "reader-key") -> dict[str, Any]:
        path = "/v1/projects/accounting/topics/gLite-APEL:publish"
        (id_,) = self.ask("POST", path, token=token, json=message.body).json()["messageIds"]
        told: dict[str, Any] = self.ask("GET", f"/v1/projects/accounting/messages/{id_}").json()
        return told


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    made = Running(tmp_path_factory.mktemp("repository"))
    with made.service:
        yield made


def test_a_signed_record_is_given_out(running: Running) -> None:
    message = running.message()
    assert running.hand_in(message)["state"] == "counted"
    told = running.ask("GET", "/v1/projects/accounting/records/job?site=A-SITE&since=0").json()
    assert message.job in [one["fields"]["LocalJobId"] for one in told["records"]]


def test_an_altered_message_is_refused(running: Running) -> None:
    assert running.hand_in(running.message().tampered())["rule"] == "signature"


def test_an_unsigned_message_is_refused(running: Running) -> None:
    plain = messages.Message(messages.record("A-SITE"), text())
    assert running.hand_in(plain)["rule"] == "signature"


def test_a_host_of_no_site_is_refused(running: Running) -> None:
    assert running.hand_in(running.message("localhost"))["rule"] == "publisher"


def test_what_is_no_base64_is_refused(running: Running) -> None:
    id_ = running.service.take({"data": "%%%"})
    message = running.service.store.message(id_)
    assert message is not None
    assert message["rule"] == "form"


def test_a_stranger_reads_nothing(running: Running) -> None:
    path = "/v1/projects/accounting/records/job"
    assert running.ask("GET", path).status_code == 200
    assert running.ask("GET", path, token="guess").status_code == 401
    assert (
        running.ask(
            "POST", "/v1/projects/accounting/topics/x:publish", token="guess", json={}
        ).status_code
        == 401
    )


def test_a_token_needs_a_certificate_and_reads_nothing(running: Running) -> None:
    pem, key = running.pki / "ce.a.test.pem", running.pki / "ce.a.test.key"
    path = "/v1/service-types/ams/hosts/localhost:authx509"
    given = running.ask("GET", path, door=1, cert=(str(pem), str(key)))
    token = given.json()["token"]
    assert running.ask("GET", path).status_code == 401
    assert running.ask("GET", "/v1/projects/accounting/records/job", token=token).status_code == 401
    assert running.hand_in(running.message(), token)["state"] == "counted"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/health", 200), ("GET", "/v1/none", 404), ("POST", "/v1/none", 404),
     ("GET", "/v1/projects/accounting/messages/abc", 404)],
)  # fmt: skip
def test_paths(running: Running, method: str, path: str, status: int) -> None:
    assert running.ask(method, path).status_code == status


def test_no_messages_are_no_request(running: Running) -> None:
    path = "/v1/projects/accounting/topics/x:publish"
    assert running.ask("POST", path, content=b"hello").status_code == 400


def test_the_text_and_the_signer_come_out(running: Running) -> None:
    signed = signatures.verify(running.message().data, authorities=running.settings.authorities)
    assert signed.signer == "ce.a.test"
    assert signed.text.startswith(messages.HEADER)


def test_settings_are_read(tmp_path: Path, running: Running) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(running.settings.__dict__))
    assert Settings.read(path) == running.settings


def test_a_message_of_ams_is_base64() -> None:
    message = messages.Message({"LocalJobId": "1"}, "signed")
    (one,) = message.body["messages"]
    assert base64.b64decode(one["data"]) == b"signed"

"""Site files of fedcloudclient, and the catalogue of a Keystone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import yaml

from harness import inventory
from harness.model import Service
from tests.unit.importers import exports
from tests.unit.importers.exports import catalogue, results, service, site_file, written
from tests.unit.serving import Asked, serving

Import = Callable[..., CompletedProcess[str]]


def services(folder: Path, site: str) -> dict[str, Service]:
    exports.filled_in(folder)
    return {one.endpoint: one for one in inventory.load(folder).testbed.site(site).services}


def test_a_folder_of_site_files_is_an_inventory(
    imports: Import, into: Path, tmp_path: Path
) -> None:
    """400 of them, some in the older form, with the project of the VO that is asked for."""
    folder = tmp_path / "sites"
    folder.mkdir()
    for number in range(400):
        name = f"CLOUD-{number}"
        older = (
            {"vos": {"vo.example": {"auth": {"project_id": "c" * 32}}}} if number % 9 == 0 else {}
        )
        more = {"protocol": "oidc", "region": "eu-1"} if number == 5 else {}
        file = folder / f"{name}.yaml"
        file.write_text("---\n" + yaml.safe_dump(site_file(name, **older, **more)))
    done = imports("fedcloudclient", folder, "--vo", "vo.example")
    assert "400 services of 400 sites" in done.stdout
    assert "the testbed works in the project of one VO" in done.stdout
    exports.filled_in(into)
    testbed = inventory.load(into).testbed
    (one,) = testbed.site("CLOUD-9").services
    assert one.endpoint == "https://api.cloud-9.example:5000/v3"
    assert one.settings.data["login"] == {
        "protocol": "openid",
        "project": "c" * 32,
        "identity_providers": {"egi": "egi.eu"},
    }
    (other,) = testbed.site("CLOUD-5").services
    assert other.settings.data["login"]["protocol"] == "oidc"
    assert other.settings.data["login"]["region"] == "eu-1"
    assert "nothing changed" in imports("fedcloudclient", folder, "--vo", "vo.example").stdout


def test_without_a_vo_its_project_is_to_be_filled_in(
    imports: Import, into: Path, tmp_path: Path
) -> None:
    file = tmp_path / "A.yaml"
    file.write_text(yaml.safe_dump(site_file("A")))
    imports("fedcloudclient", file)
    blank = f"FILL IN: name or id of the VO's project ({'a' * 32} of ops, {'b' * 32} of vo.example)"
    assert f'"{blank}"' in (into / "a.yml").read_text()


def test_it_fills_in_what_the_gocdb_left_open(imports: Import, into: Path, tmp_path: Path) -> None:
    """Two registries of one service make one entry."""
    entry = service(1, site="A", host="api.a.example", type_="org.openstack.nova")
    imports("gocdb", written(tmp_path / "s.xml", results(entry)))
    file = tmp_path / "A.yaml"
    file.write_text(yaml.safe_dump(site_file("A")))
    imports("fedcloudclient", file, "--vo", "vo.example")
    (one,) = services(into, "A").values()
    assert one.settings.data["login"]["project"] == "b" * 32
    assert "nothing changed" in imports("gocdb", tmp_path / "s.xml").stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("- https://x.example/a.yaml\n", "it is a list of addresses of site files"),
        ("gocdb: A\n", "it has no key `endpoint`"),
        ("gocdb: [A]\nendpoint: x\n", "it has no key `gocdb`"),
        ("gocdb: 'A\n", "x.yaml:"),
        ("gocdb: A\nendpoint: https://x.example/v3\nvos: 7\n", "`vos` must be a list"),
        ("gocdb: A\nendpoint: https://x.example/v3\nregion: [a]\n", "`region` must be a word"),
        ("a: &a [*a]\n", "contains itself"),
        ("<html>", "it is not a mapping"),
    ],
)
def test_no_site_file_is_refused(
    imports: Import, into: Path, tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "x.yaml").write_text(text)
    done = imports("fedcloudclient", tmp_path / "x.yaml", ends=2)
    assert "x.yaml" in done.stderr
    assert said in done.stderr
    assert not into.exists()


def test_what_else_a_folder_has_is_left_out(imports: Import, into: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sites"
    folder.mkdir()
    (folder / "A.yaml").write_text(yaml.safe_dump(site_file("A")))
    (folder / "sites.yaml").write_text("- https://x.example/A.yaml\n")
    (folder / "evil.yml").write_text(
        "gocdb: B\nendpoint: !!python/object/apply:os.system ['touch owned']\n"
    )
    (folder / "README.md").write_text("gocdb")
    done = imports("fedcloudclient", folder)
    assert "1 services of 1 sites" in done.stdout
    assert "it is a list of addresses of site files" in done.stdout
    assert "it has no key `endpoint`" in done.stdout


def test_an_empty_folder_is_told(imports: Import, tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    done = imports("fedcloudclient", tmp_path / "sites", ends=2)
    assert "has no file that ends in .yaml or .yml" in done.stderr


# -- Keystone


def test_a_catalogue_is_a_site(imports: Import, into: Path, tmp_path: Path) -> None:
    done = imports("keystone", written(tmp_path / "c.json", catalogue("eu-1")), "--site", "CLOUD-A")
    found = services(into, "CLOUD-A")
    assert {url: one.type for url, one in found.items()} == {
        "https://cloud.a.example:5000/v3": "org.openstack.keystone",
        "https://cloud.a.example:8080/v1": "org.openstack.swift",
    }
    assert found["https://cloud.a.example:5000/v3"].settings.data["login"]["region"] == "eu-1"
    for said in ("compute of CLOUD-A", "the account is removed from", "public endpoints only"):
        assert said in done.stdout


def test_a_region_is_chosen(imports: Import, into: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "c.json", catalogue("eu-1", "eu-2"))
    done = imports("keystone", file, "--site", "A", "--region", "mars", ends=2)
    assert "has no region mars; there are eu-1, eu-2" in done.stderr
    imports("keystone", file, "--site", "A", "--region", "eu-2")
    assert len(services(into, "A")) == 2
    more = imports("keystone", file, "--site", "B")
    assert "lists the same service twice" in more.stdout


@pytest.mark.parametrize("form", ["token", "access", "printed", "printed text"])
def test_each_form_of_a_catalogue_is_read(
    imports: Import, into: Path, tmp_path: Path, form: str
) -> None:
    url = "https://cloud.a.example:5000/v3"
    endpoints = [{"interface": "public", "region": "r", "url": url}]
    content: object = {
        "token": {
            "token": {
                "catalog": [{"type": "identity", "endpoints": endpoints}],
                "project": {"name": "vo.example", "id": "1"},
            }
        },
        "access": {
            "access": {
                "serviceCatalog": [
                    {
                        "type": "identity",
                        "endpoints": [
                            {
                                "publicURL": url.replace("/v3", "/v2.0"),
                                "adminURL": url,
                                "region": "r",
                            }
                        ],
                    }
                ]
            }
        },
        "printed": [{"Name": "keystone", "Type": "identity", "Endpoints": endpoints}],
        "printed text": [{"Name": "k", "Type": "identity", "Endpoints": f"r\n  public: {url}\n"}],
    }[form]
    imports("keystone", written(tmp_path / "c.json", content), "--site", "A")
    (one,) = services(into, "A").values()
    assert one.endpoint == url
    assert one.settings.data["login"]["region"] == "r"
    assert one.settings.data["login"]["project"] == "vo.example"


def test_a_catalogue_needs_the_name_of_its_site(imports: Import, tmp_path: Path) -> None:
    done = imports("keystone", written(tmp_path / "c.json", catalogue("r")), ends=2)
    assert "--site MY-SITE" in done.stderr


def test_a_token_is_not_sent_in_the_clear(
    imports: Import, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_TOKEN", "gAAAAA-secret-token")

    def reply(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        return 401, {}, b"{}"

    with serving(reply) as server:
        done = imports("keystone", f"{server.url}/v3/auth/catalog", "--site", "A", ends=2)
    assert "x-auth-token" not in server.asked[0].headers
    assert "answered 401" in done.stderr

"""A workstation may be the control host, a machine behind SSH, or a container: users see the same."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.clients import tunnels
from harness.clients.workstations import Workstations
from harness.errors import ProvisionError, Unreachable
from harness.model import Host
from harness.shell import Shell
from harness.state import State
from tests.unit.clients.authorities import Authority
from tests.unit.serving import serving

STAND_IN = Path(__file__).with_name("ssh_stand_in.py")
KINDS = ("local", "ssh", "docker")
Made = Callable[..., Host]


@pytest.fixture
def client(tmp_path: Path) -> str:
    """The SSH client of the tests."""
    path = tmp_path / "ssh"
    path.write_text(f'#!/bin/sh\nexec {sys.executable} {STAND_IN} "$@"\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.fixture(autouse=True)
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the SSH client writes what it was asked."""
    path = tmp_path / "words"
    path.touch()
    monkeypatch.setenv("WORDS", str(path))
    return path


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    tunnels.close_all()


@pytest.fixture
def host(client: str) -> Made:
    def make(connection: str, **more: object) -> Host:
        fields: dict[str, object] = {
            "name": "ui.test",
            "infrastructure": "egi",
            "site": "SITE",
            "roles": ("ui",),
            "connection": connection,
            "target": "ui.test",
            "user": "ada",
            "ssh": (client, "-p", "2200"),
        }
        return Host.model_validate(fields | more)

    return make


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "ca")


@pytest.fixture
def workstations(
    tmp_path: Path, authority: Authority, host: Made, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Workstations]]:
    """The workstation of each connection; a container's proxy is one like that of OpenSSH."""
    state = State("unit", root=tmp_path)
    state.pki.mkdir(parents=True)
    shutil.copy(authority.file, state.ca_bundle)
    made: list[Workstations] = []

    def make(connection: str) -> Workstations:
        found = host(connection)
        if connection == "docker":
            # Role `proxy`: SOCKS5 at port 1080 of the container's own address.
            found = found.model_copy(update={"address": IPv4Address("127.44.0.9")})
            monkeypatch.setattr(tunnels, "_HERE", "127.44.0.9")
            monkeypatch.setattr(tunnels.Tunnel, "_free_port", lambda _: 1080)
            tunnels.to(host("ssh"))
        testbed = SimpleNamespace(workstation=lambda _: found, contact=None)
        made.append(Workstations(testbed, state))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize("connection", KINDS)
def test_a_service_answers_each_alike(
    workstations: Callable[[str], Workstations], authority: Authority, connection: str
) -> None:
    """Over TLS, by an authority of the testbed, with body and redirect as they were sent."""
    answers = [(307, {"location": "https://elsewhere.test/"}, b""), (200, {}, b"fine")]
    with serving(
        lambda _: answers.pop(), tls=authority.server("localhost"), name="localhost"
    ) as it:
        http = workstations(connection).http("egi")
        assert http.request("PUT", f"{it.url}/vo/f", content=b"x" * 100_000).text == "fine"
        assert http.request("GET", f"{it.url}/vo/f").status == 307
    assert [(one.method, one.target) for one in it.asked] == [("PUT", "/vo/f"), ("GET", "/vo/f")]


@pytest.mark.parametrize("connection", KINDS)
@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "http://nobody.invalid/x"])
def test_nobody_answers_each_alike(
    workstations: Callable[[str], Workstations], connection: str, url: str
) -> None:
    with pytest.raises(Unreachable) as failed:
        workstations(connection).http("egi").request("GET", url)
    assert failed.value.host in url


@pytest.mark.parametrize("connection", KINDS)
def test_an_unknown_authority_is_refused_by_each(
    workstations: Callable[[str], Workstations], tmp_path: Path, connection: str
) -> None:
    tls = Authority(tmp_path / "other").server("localhost")
    with serving(lambda _: (200, {}, b""), tls=tls, name="localhost") as server:
        http = workstations(connection).http("egi")
        with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
            http.request("GET", f"{server.url}/x")


def test_names_are_looked_up_behind_ssh(workstations: Callable[[str], Workstations]) -> None:
    with serving(lambda _: (200, {}, b"inside")) as server:
        url = server.url.replace("127.0.0.1", "se.inside.test")
        assert workstations("ssh").http("egi").request("GET", f"{url}/x").text == "inside"


def test_one_connection_serves_all_clients_and_heeds_the_inventory(
    workstations: Callable[[str], Workstations], words: Path
) -> None:
    one = workstations("ssh")
    one.http("egi")
    one.browser("egi").close()
    said = words.read_text().split("--\n")[:-1]
    assert len(said) == 1
    assert "\n-p\n2200\n" in said[0]
    assert "\nada@ui.test\n" in said[0]


def test_a_connection_that_broke_is_made_anew(host: Made, words: Path) -> None:
    way = tunnels.to(host("ssh"))
    assert tunnels.to(host("ssh")) is way
    way.close()
    again = tunnels.to(host("ssh"))
    assert again.holds
    assert words.read_text().count("--\n") == 2


def test_a_fork_leaves_the_connection_of_its_parent_open(host: Made) -> None:
    way = tunnels.to(host("ssh"))
    pid = os.fork()
    if not pid:
        tunnels.close_all()
        os._exit(0)
    os.waitpid(pid, 0)
    assert way.holds


def test_a_busy_server_is_asked_again(host: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """It closes some connections of many at once (MaxStartups)."""
    monkeypatch.setenv("TROUBLE", "busy")
    assert tunnels.to(host("ssh")).holds


def test_a_busy_server_is_asked_again_for_a_command(
    host: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TROUBLE", "busy")
    assert Shell(host("ssh")).run(["echo", "well"]).stdout == "well\n"


@pytest.mark.parametrize(
    ("trouble", "said"),
    [("refused", "Permission denied"), ("prohibited", "AllowTcpForwarding yes")],
)
def test_a_workstation_that_refuses_is_told_by_its_name(
    host: Made, monkeypatch: pytest.MonkeyPatch, trouble: str, said: str
) -> None:
    monkeypatch.setenv("TROUBLE", trouble)
    with pytest.raises(ProvisionError, match=r"connect failed on ui\.test") as failed:
        tunnels.to(host("ssh"))
    assert said in str(failed.value)


def test_a_user_whom_nobody_can_become_is_no_answer_of_a_command(
    host: Made, tmp_path: Path
) -> None:
    """No sudo, or a refused log-in: the command did not run, so its exit code would be a lie."""
    lost = tmp_path / "lost"
    lost.write_text("#!/bin/sh\necho 'sh: 1: sudo: not found' >&2\nexit 127\n")
    lost.chmod(0o755)
    with pytest.raises(ProvisionError) as failed:
        Shell(host("ssh", ssh=(str(lost),))).run(["gfal-ls", "davs://se.test/"], user="researcher")
    assert "no shell there as researcher: sh: 1: sudo: not found" in str(failed.value)

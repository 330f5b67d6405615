"""The way out of a workstation of connection `local` is that of its user's tools; of others, their own."""

import shutil
from ipaddress import IPv4Address
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.clients.http import Http
from harness.clients.proxies import proxy_for
from harness.clients.workstations import Workstations
from harness.errors import BadInput, Unreachable
from harness.redaction import redactor
from harness.state import State
from tests.unit.clients.authorities import Authority
from tests.unit.serving import serving


def test_a_request_goes_by_the_proxy_of_the_environment(client, monkeypatch):
    with serving(lambda _: (200, {}, b"by the proxy")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert client.request("GET", "http://door.grid.invalid/vo/f").text == "by the proxy"
    assert proxy.asked[0].target == "http://door.grid.invalid/vo/f"


def test_a_path_goes_to_the_letter_by_a_proxy_too(client, monkeypatch):
    with serving(lambda _: (200, {}, b"")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.removeprefix("http://"))
        client.request("GET", "http://door.grid.invalid/a/../b", extensions={"target": b"/a/../b"})
    assert proxy.asked[0].target == "http://door.grid.invalid/a/../b"


def test_tls_is_asked_for_through_the_proxy(client, monkeypatch):
    with serving(lambda _: (403, {}, b"")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(Unreachable, match="403"):
            client.request("GET", "https://door.grid.invalid:8443/f", extensions={"target": b"/f"})
    assert [(one.method, one.target) for one in proxy.asked] == [
        ("CONNECT", "door.grid.invalid:8443")
    ]


def test_who_stands_in_no_proxy_is_asked_straight(client, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "other.test, 127.0.0.0/8")
    with serving(lambda _: (204, {}, b"")) as server:
        assert client.request("GET", server.url).status == 204


@pytest.mark.parametrize(
    ("entries", "url", "straight"),
    [
        ("grid.test", "https://se.grid.test/x", True),
        (".grid.test", "https://SE.Grid.Test/x", True),
        ("grid.test", "https://mygrid.test/x", False),
        ("se.grid.test:8443", "https://se.grid.test:8443/x", True),
        ("se.grid.test:8443", "https://se.grid.test/x", False),
        ("*", "https://anything.test", True),
        ("10.1.0.0/16", "https://10.1.2.3/x", True),
        ("10.1.0.0/16", "https://10.2.2.3/x", False),
        ("2001:db8::/32", "https://[2001:db8::9]/x", True),
        ("", "https://se.grid.test", False),
    ],
)
def test_no_proxy_is_read_as_curl_reads_it(monkeypatch, entries, url, straight):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:3128")
    monkeypatch.setenv("NO_PROXY", entries)
    assert (proxy_for(url) is None) is straight


def test_one_proxy_for_all(monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "socks5h://proxy.test:1080")
    assert (
        proxy_for("https://se.test") == proxy_for("http://se.test") == "socks5h://proxy.test:1080"
    )


@pytest.mark.parametrize("proxy", ["ftp://proxy.test", "http://[", "gopher://x:1"])
def test_what_is_no_proxy_is_told(client, monkeypatch, proxy):
    monkeypatch.setenv("HTTP_PROXY", proxy)
    with pytest.raises(BadInput, match="names a proxy that cannot be used"):
        client.request("GET", "http://door.grid.invalid/")


def test_the_password_of_a_proxy_is_a_secret(client, monkeypatch):
    with serving(lambda _: (200, {}, b"")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("//", "//me:proxy-w0rd%21@"))
        client.request("GET", "http://door.grid.invalid/")
    assert proxy.asked[0].headers["proxy-authorization"].startswith("Basic ")
    assert {"proxy-w0rd%21", "proxy-w0rd!"} <= set(redactor.known)


@given(st.text() | st.text().map("https://{}".format))
def test_any_url_has_a_proxy_or_none(url):
    assert proxy_for(url) is None


@pytest.mark.parametrize(("connection", "by_proxy"), [("local", True), ("docker", False)])
def test_only_this_machine_heeds_this_machine_s_environment(
    monkeypatch, tmp_path, connection, by_proxy
):
    """A container's users have the way out that it has, whatever the control host's is."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    host = SimpleNamespace(connection=connection, address=IPv4Address("127.0.0.1"))
    testbed = SimpleNamespace(workstation=lambda _: host, contact=None)
    state = State("unit", root=tmp_path)
    state.pki.mkdir(parents=True)
    shutil.copy(Authority(tmp_path / "ca").file, state.ca_bundle)
    made = Workstations(testbed, state).browser("egi")  # type: ignore[arg-type]
    assert isinstance(made, Http)
    assert (made.proxy is None) is by_proxy
    with pytest.raises(Unreachable) as failed:
        made.request("GET", "http://door.grid.invalid/")
    made.close()
    # Nobody listens at either: at the environment's proxy the one asks, at its own SOCKS proxy the other.
    assert "ConnectError" in str(failed.value) or "ProxyError" in str(failed.value)

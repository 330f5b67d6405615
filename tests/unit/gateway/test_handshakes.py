"""TLS of the gateway: each fault of the handshake is spoken under its own name alone."""

from __future__ import annotations

import ssl
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from gateway import handshakes

from harness import inventory
from harness.provision import pki
from tests.unit.gateway.fakes import Behind

HOST = "se.a.test"


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    folder = tmp_path_factory.mktemp("pki")
    twin = inventory.load(Path(__file__).parents[3] / "inventories" / "twin").testbed
    authority = pki.Authority.ensure(twin.infrastructure("egi"), folder)
    authority.ensure_host("gateway")
    authority.ensure_host("ending", life=pki._ENDING_LIFE)
    made = authority.folder
    settings = replace(
        Behind(lambda _: None).settings,  # type: ignore[arg-type,return-value]
        certificate=str(made / "gateway.pem"),
        key=str(made / "gateway.key"),
        ending_certificate=str(made / "ending.pem"),
        ending_key=str(made / "ending.key"),
    )
    return handshakes.context(settings)


def agreed(server: ssl.SSLContext, name: str, *, ciphers: str, newest: ssl.TLSVersion) -> str:
    """Return the cipher suite that both ends agree on; empty where they do not."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.set_ciphers(ciphers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        client.minimum_version, client.maximum_version = ssl.TLSVersion.TLSv1, newest
    wires = [ssl.MemoryBIO() for _ in range(2)]
    ends = (
        client.wrap_bio(wires[0], wires[1], server_hostname=f"{name}.{HOST}"),
        server.wrap_bio(wires[1], wires[0], server_side=True),
    )
    for _ in range(6):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError:
                return ""
    cipher = ends[0].cipher()
    return cipher[0] if cipher else ""


OLD = {"ciphers": "ALL:@SECLEVEL=0", "newest": ssl.TLSVersion.TLSv1_1}
CLEAR = {"ciphers": "eNULL:@SECLEVEL=0", "newest": ssl.TLSVersion.TLSv1_2}
STATIC = {"ciphers": "kRSA:!eNULL:@SECLEVEL=0", "newest": ssl.TLSVersion.TLSv1_2}
USUAL = {"ciphers": "DEFAULT", "newest": ssl.TLSVersion.TLSv1_3}
FAULTS = {
    "speaks-old-tls": OLD,
    "speaks-tls-in-the-clear": CLEAR,
    "takes-keys-by-static-rsa": STATIC,
}


@pytest.mark.parametrize("name", ["faultless", *sorted(handshakes.HANDSHAKE_FAULTS)])
def test_a_name_has_its_own_fault_and_no_other(context: ssl.SSLContext, name: str) -> None:
    assert agreed(context, name, **USUAL), "who offers what is usual is served"
    spoken = {fault for fault, offer in FAULTS.items() if agreed(context, name, **offer)}
    assert spoken == {name} & FAULTS.keys()

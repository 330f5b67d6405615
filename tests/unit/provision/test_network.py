"""Which ranges of addresses this machine reaches directly."""

from __future__ import annotations

from ipaddress import IPv4Network
from pathlib import Path

from harness.provision import network

TABLE = """\
Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	0101A8C0	0003	0	0	0	00000000	0	0	0
eth0	0001A8C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
br-1	00016F0A	00000000	0001	0	0	0	00FFFFFF	0	0	0
tun0	0000000A	00000000	0000	0	0	0	000000FF	0	0	0
"""


def test_routes_are_read_from_the_kernel_s_table(tmp_path: Path) -> None:
    """Addresses stand there in host byte order; neither the default route nor one that is down counts."""
    table = tmp_path / "route"
    table.write_text(TABLE)
    assert network.routes(table) == [
        ("eth0", IPv4Network("192.168.1.0/24")),
        ("br-1", IPv4Network("10.111.1.0/24")),
    ]

"""Makes Swift's rings in the current folder: one disk on this host, one copy.

Arguments: the partition power, the disk, and `name:port` of each server. One process, since each call of
`swift-ring-builder` takes a while to start.
"""

import sys

from swift.common.ring.builder import RingBuilder

power, disk, *servers = sys.argv[1:]
for server in servers:
    name, port = server.split(":")
    builder = RingBuilder(int(power), replicas=1, min_part_hours=1)
    builder.add_dev(
        {"region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": disk, "weight": 1}
    )
    builder.rebalance()
    builder.get_ring().save(f"{name}.ring.gz")
    builder.save(f"{name}.builder")

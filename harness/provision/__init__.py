"""From an inventory to hosts that run: engine, images, networks, hosts, plays, health."""

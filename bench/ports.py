"""Ports of the loopback that nobody listens on."""

from __future__ import annotations

import socket


def free_ports(number: int) -> list[int]:
    """Held all at once while they are looked for, so that they differ."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports

"""Hosts with networks of their own, on one machine: each a network namespace that hangs on one bridge (Linux).

Whoever calls `enter` leaves the machine's network for good and finds itself on an empty one, where nothing it does
reaches anybody else. All of it goes with the process. Root may do so; others may where the system lets them make user
namespaces.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

from pyroute2 import IPRoute
from pyroute2.netlink.exceptions import NetlinkError

OUTER = "198.18.0.1"  # RFC 2544: addresses for such tests
LOOPBACK, PREFIX = 1, 24


class NoNamespaces(Exception):
    """This system lets us make none; the text says why."""


class Network:
    """The bridge, on which this process has the address `OUTER`."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)  # pyroute2 needs one without an event loop
        self._route = self._thread.submit(IPRoute).result()
        self.link("set", index=LOOPBACK, state="up")
        self.link("add", ifname="hosts", kind="bridge")
        self.bridge = self.place("hosts")
        self._thread.submit(self._route.addr, "add", index=self.bridge, address=OUTER, prefixlen=PREFIX).result()
        self.link("set", index=self.bridge, state="up")

    @classmethod
    def enter(cls) -> Self:
        """Call it before there is a second thread. Raises `NoNamespaces`."""
        uid, gid = os.geteuid(), os.getegid()
        try:
            os.unshare(os.CLONE_NEWNET if uid == 0 else os.CLONE_NEWUSER | os.CLONE_NEWNET)
            if uid != 0:
                Path("/proc/self/setgroups").write_text("deny")
                Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
                Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
            return cls()
        except (OSError, NetlinkError) as error:
            raise NoNamespaces(f"no network namespaces for uid {uid} on this system: {error}") from None

    def link(self, what: str, **about: Any) -> None:
        """`ip link WHAT`."""
        self._thread.submit(self._route.link, what, **about).result()

    def place(self, name: str) -> int:
        """Index of the link of this name."""
        (index,) = self._thread.submit(self._route.link_lookup, ifname=name).result()
        return int(index)

    def host(self, name: str, last: int) -> Host:
        """`last`: number of its address."""
        return Host(self, name, f"{OUTER.rpartition('.')[0]}.{last}")


class Host:
    """`call` runs something there. `cut`: nothing comes or goes, and nobody is told."""

    def __init__(self, network: Network, name: str, address: str) -> None:
        self.name, self.address = name, address
        self._network = network
        # One thread that lives as long as the host: it lies in the namespace, and so does what it starts. What it
        # starts on a leash dies with it.
        self._inside = ThreadPoolExecutor(1, thread_name_prefix=name)
        space = self.call(_new_space)
        network.link("add", ifname=f"to-{name}", kind="veth", peer=name)
        self._port = network.place(f"to-{name}")
        network.link("set", index=network.place(name), net_ns_fd=space)
        os.close(space)
        network.link("set", index=self._port, master=network.bridge, state="up")
        self.call(lambda: _address(name, address))

    def call[T](self, what: Callable[[], T]) -> T:
        return self._inside.submit(what).result()

    def cut(self) -> None:
        self._network.link("set", index=self._port, state="down")

    def join(self) -> None:
        self._network.link("set", index=self._port, state="up")


def _new_space() -> int:
    os.unshare(os.CLONE_NEWNET)
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _address(name: str, address: str) -> None:
    with IPRoute() as route:
        route.link("set", index=LOOPBACK, state="up")
        (own,) = route.link_lookup(ifname=name)
        route.addr("add", index=own, address=address, prefixlen=PREFIX)
        route.link("set", index=own, state="up")

"""A door's port, taken or refused."""

from __future__ import annotations

import socket

import pytest

from bot.errors import SettingsError
from bot.listening import bound


def test_nobody_gets_in_before_it_listens() -> None:
    with bound("127.0.0.1", 0, "FARO_PORT") as door:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(door.getsockname(), timeout=5)
        door.listen()
        socket.create_connection(door.getsockname(), timeout=5).close()


def test_a_taken_port_and_a_host_that_is_not_ours_are_told_by_the_names_of_their_settings() -> None:
    with bound("127.0.0.1", 0, "FARO_PORT") as door:
        door.listen()
        port = door.getsockname()[1]
        with pytest.raises(SettingsError, match=r"^FARO_PORT: can't listen there \(Address already in use\)"):
            bound("127.0.0.1", port, "FARO_PORT")
    for host in ("192.0.2.1", "nowhere.invalid", "::ffff:192.0.2.1"):
        with pytest.raises(SettingsError, match=r"^FARO_HOST: can't listen there \(.+\)\.$"):
            bound(host, 0, "FARO_HOST")

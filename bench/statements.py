"""How many statements PostgreSQL runs for one turn, counted in its own log."""

from __future__ import annotations

from pathlib import Path

import psycopg

from storage.database import libpq_url

MARK = b"duration:"


def count(database_url: str, on: bool) -> None:
    """Lets the server log each statement of connections that begin from now on: its time, nothing of its values."""
    with psycopg.connect(libpq_url(database_url), autocommit=True) as connection:
        connection.execute(f"ALTER ROLE postgres SET log_min_duration_statement = {0 if on else -1}".encode())


def logged(data: Path) -> dict[str, int]:
    """Statements so far, by their first words; transactions are `BEGIN` and `COMMIT`."""
    found: dict[str, int] = {}
    for part in (data / "postgres" / "server.log").read_bytes().split(MARK):
        step, _, statement = part.partition(b" ms ")[2].partition(b": ")
        # Of a prepared statement parse and bind are logged too; only its run counts.
        if b"execute" in step or b"statement" in step:
            words = statement.rpartition(b"\n")[0].decode(errors="replace").split()  # without the next entry's time
            name = " ".join(words[:6])
            found[name] = found.get(name, 0) + 1
    return found

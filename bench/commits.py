"""How many transactions a second PostgreSQL brings to the disk here, with as many connections as Faro has."""

from __future__ import annotations

import threading
import time

import psycopg

from storage.database import libpq_url


def per_second(database_url: str, connections: int = 10, seconds: float = 3.0) -> float:
    """Commits of a small row, each waited for until it is on the disk."""
    url = libpq_url(database_url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS committed (at timestamptz)")
    end, done = time.monotonic() + seconds, [0] * connections

    def commit(place: int) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while time.monotonic() < end:
                connection.execute("INSERT INTO committed VALUES (now())")
                done[place] += 1

    threads = [threading.Thread(target=commit, args=(place,)) for place in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds

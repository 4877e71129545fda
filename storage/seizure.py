"""What lies in a database that was taken: every table as a file, and what its open columns tell."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from storage.database import libpq_url

# Each is told as one line: what it is, and a query for a few words. None reads a sealed column but for its size.
FACTS: dict[str, str] = {
    "living conversations, by channel": "SELECT string_agg(channel || ' ' || n, ', ' ORDER BY channel) FROM"
    " (SELECT channel, count(*) AS n FROM conversations GROUP BY channel) AS c",
    "their last words, at most a day ago": "SELECT min(expires) - interval '24 hours' || ' to ' ||"
    " max(expires) - interval '24 hours' FROM conversations",
    "messages by day, of the last 60": "SELECT string_agg(day || ': ' || n, ', ' ORDER BY day) FROM"
    " (SELECT day, count(*) AS n FROM seen GROUP BY day) AS d",
    "reports by day, class and kind": "SELECT string_agg(day || ' ' || tier || ' ' || kind || ': ' || n, ', ') FROM"
    " (SELECT day, tier, kind, count(*) AS n FROM reports GROUP BY 1, 2, 3 ORDER BY 1, 2, 3) AS r",
    "units that reports are for": "SELECT string_agg(unit || ' ' || n, ', ' ORDER BY unit) FROM"
    " (SELECT unit, count(*) AS n FROM report_units GROUP BY unit) AS u",
    "sizes of sealed reports, in bytes": "SELECT string_agg(DISTINCT length(sealed)::text, ', ') FROM reports",
    "sizes of sealed states, in bytes": "SELECT string_agg(DISTINCT length(state)::text, ', ') FROM conversations",
    "what officers did": "SELECT string_agg(event || ' ' || n, ', ' ORDER BY event) FROM (SELECT"
    " convert_from(body, 'UTF8')::jsonb ->> 'event' AS event, count(*) AS n FROM audit GROUP BY 1) AS a",
    "numbers that platforms gave to our messages": "SELECT sum(cardinality(platform_ids))::text FROM outbox",
    "numbers of messages that a platform is to delete": "SELECT sum(cardinality(ids))::text FROM copies",
    "events that a page has not seen": "SELECT count(*)::text FROM mail",
    "published statistics": "SELECT count(*)::text || ' rows, in steps of ' || min(step) FROM statistics",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """One table. `size` in bytes, as it lies in its file."""

    name: str
    rows: int
    size: int


def dump(url: str, folder: Path) -> list[Taken]:
    """Every table of ours and of the queue as `folder/<name>.tsv`, bytes in hexadecimal; in one snapshot."""
    folder.mkdir(parents=True, mode=0o700)
    with psycopg.connect(libpq_url(url)) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        return [_table(connection, name, folder / f"{name}.tsv") for (name,) in names]


def facts(url: str) -> dict[str, str]:
    """What can be counted in the open columns; of a database of another version, what it has of them."""
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        answers = {what: _answer(connection, query) for what, query in FACTS.items()}
    return {what: answer for what, answer in answers.items() if answer}


def _answer(connection: psycopg.Connection[tuple[object, ...]], query: str) -> str:
    try:
        row = connection.execute(query.encode()).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
        return ""
    return str(row[0]) if row and row[0] is not None else ""


def _table(connection: psycopg.Connection[tuple[str, ...]], name: str, path: Path) -> Taken:
    query = sql.SQL("COPY {} TO STDOUT WITH (HEADER)").format(sql.Identifier(name))
    rows = -1  # the first line names the columns
    with connection.cursor() as cursor, path.open("wb") as file, cursor.copy(query) as copy:
        for row in copy:
            rows += 1
            file.write(bytes(row))
    return Taken(name, rows, path.stat().st_size)

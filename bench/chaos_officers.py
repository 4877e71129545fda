"""What is left when all is over, by reading alone: the reports that officers open, what the tables and doctor say."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bench.chaos_accounts import Accounts
from bench.chaos_check import Shelves, owner
from bench.chaos_town import Town
from bot.doctor import waiting
from storage import audit, envelope, rotation
from storage.audit import AuditRow
from storage.database import Database, libpq_url
from storage.health import look

_REPORTS = "SELECT r.id, r.sealed, min(u.unit) FROM reports r JOIN report_units u ON u.report = r.id GROUP BY r.id"
_JOBS = """
    SELECT count(*) FROM procrastinate_jobs
    WHERE queue_name IN ('turns', 'sends', 'deliveries') AND status IN ('todo', 'doing')
"""


_NOTED = "SELECT unnest(ids) FROM copies"


async def opened(town: Town) -> list[Mapping[str, Any]]:
    """Every report, opened with an officer's key: `number` of the person, and the `body`."""
    return await asyncio.to_thread(_opened, town)


def _opened(town: Town) -> list[Mapping[str, Any]]:
    sealers, found = _sealers(town), []
    with psycopg.connect(libpq_url(town.database_url)) as connection:
        for id, sealed, unit in connection.execute(_REPORTS.encode()):
            report = envelope.open_report(
                sealed, town.officers.keys[unit].identity, sealer_public=sealers, expect_report_id=id
            )
            body = orjson.loads(report.parts["report.json"])
            found.append({"number": owner(body), "body": body})
    return found


def _sealers(town: Town) -> list[Ed25519PublicKey]:
    """The present one, and those that handed the chain on to it while things went on."""
    return [town.keys.sealer_key().public_key(), *rotation.former_sealers(town.data / "keys")]


def shelves(town: Town) -> Shelves:
    with psycopg.connect(libpq_url(town.database_url)) as connection:

        def numbers(query: str) -> list[int]:
            return [row[0] for row in connection.execute(query.encode())]

        shown = asyncio.run(_shown(town))
        return Shelves(
            parked_messages=numbers("SELECT id FROM inbox WHERE parked IS NOT NULL"),
            parked_sends=numbers("SELECT id FROM outbox WHERE status = 'parked'"),
            shown_messages=shown[0],
            shown_sends=shown[1],
            untaken=numbers("SELECT count(*) FROM inbox WHERE parked IS NULL")[0],
            unsent=numbers("SELECT count(*) FROM outbox WHERE status = 'waiting'")[0],
            jobs=numbers(_JOBS)[0],
            chain=_chain(town, connection),
            copies=_copies(town, connection),
        )


async def _shown(town: Town) -> tuple[list[int], list[int]]:
    """What doctor finds; its lines must name the same numbers."""
    database = Database(town.database_url, pool=1)
    try:
        async with database.begin() as tx:
            health = await look(tx, datetime.now(UTC))
    finally:
        await database.close()
    lines = [finding.what for finding in waiting(health)]
    assert f"messages parked after the last try: {len(health.parked_messages)}" in lines
    assert f"answers parked after the last try: {len(health.parked_sends)}" in lines
    return list(health.parked_messages), list(health.parked_sends)


def _copies(town: Town, connection: psycopg.Connection) -> list[str]:
    """Messages that the platform still holds, and that are not noted to be deleted there."""
    held = town.twilio.copies() if isinstance(town.twilio, Accounts) else set()
    return sorted(held - {id for (id,) in connection.execute(_NOTED.encode())})


def _chain(town: Town, connection: psycopg.Connection) -> list[str]:
    rows = [AuditRow(seq, b"", hash, body, signature) for seq, hash, body, signature in
            connection.execute(b"SELECT seq, hash, body, signature FROM audit ORDER BY seq")]  # fmt: skip
    result = audit.verify(rows, _sealers(town))
    digests = audit.sealed_digests(rows)
    wrong = [id.hex() for id, sealed in connection.execute(b"SELECT id, sealed FROM reports")
             if digests.get(id.hex()) != envelope.payload_sha256(sealed).hex()]  # fmt: skip
    found = [f"row {problem.seq} {problem.what}" for problem in result.problems]
    found += [f"report {report} is not the one that was sealed" for report in wrong]
    if len(digests) != connection.execute(b"SELECT count(*) FROM reports").fetchone()[0]:  # type: ignore[index]
        found.append("another number of reports than it names")
    return found

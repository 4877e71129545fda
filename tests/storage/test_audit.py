import asyncio
import dataclasses
import hashlib
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from storage import audit, signing
from storage.audit import Head, Problem

DAY = date(2026, 11, 15)
REPORT, PAYLOAD = b"r" * 16, b"p" * 32


@pytest.fixture
def signer() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


async def chain(database, signer, length: int) -> list[audit.AuditRow]:
    async with database.begin() as tx:
        for _ in range(length):
            await audit.append(tx, "filed", REPORT, "sealer", PAYLOAD, signer, day=DAY)
        return await audit.rows(tx)


def whats(result: audit.VerifyResult) -> set[str]:
    return {problem.what for problem in result.problems}


async def test_a_row_holds_what_was_done_and_the_hash_of_the_row_before(database, signer) -> None:
    one, two = await chain(database, signer, 2)
    assert signing.parse(two.body, audit.CTX) == {
        "actor": "sealer", "ctx": "faro/audit/v1", "day": "2026-11-15", "event": "filed",
        "payload_sha256": PAYLOAD.hex(), "prev": one.hash.hex(), "report_id": REPORT.hex(), "seq": 2,
    }  # fmt: skip
    assert two.hash == hashlib.sha256(two.body).digest()
    assert (one.seq, one.prev, two.prev) == (1, bytes(32), one.hash)


async def test_every_eighth_row_is_signed_and_the_chain_is_sound(database, signer) -> None:
    rows = await chain(database, signer, 20)
    assert [row.seq for row in rows if row.signature] == [8, 16]
    result = audit.verify(rows, signer.public_key())
    assert result.ok
    assert result.head == Head(20, rows[-1].hash)
    assert audit.verify([], signer.public_key()).head == Head(0, bytes(32))


async def test_writers_at_the_same_time_make_one_chain(database, signer) -> None:
    await asyncio.gather(*(chain(database, signer, 1) for _ in range(12)))
    async with database.begin() as tx:
        rows = await audit.rows(tx)
    assert [row.seq for row in rows] == list(range(1, 13))
    assert audit.verify(rows, signer.public_key()).ok


async def test_a_manifest_may_name_the_place_that_its_row_then_takes(database, signer) -> None:
    async def seal() -> bool:
        async with database.begin() as tx:
            place = await audit.head(tx, hold=True)
            await asyncio.sleep(0)
            row = await audit.append(tx, "filed", REPORT, "sealer", PAYLOAD, signer, day=DAY)
            return (row.seq, row.prev) == (place.seq + 1, place.hash)

    assert all(await asyncio.gather(*(seal() for _ in range(6))))


async def test_every_edit_of_every_row_is_found(database, signer) -> None:
    rows = await chain(database, signer, 9)
    for at, row in enumerate(rows):
        body = row.body.replace(b'"filed"', b'"filet"')
        silent = dataclasses.replace(row, body=body)
        rehashed = dataclasses.replace(row, body=body, hash=hashlib.sha256(body).digest())
        assert "changed" in whats(audit.verify([*rows[:at], silent, *rows[at + 1 :]], signer.public_key()))
        found = audit.verify(
            [*rows[:at], rehashed, *rows[at + 1 :]], signer.public_key(), witness=Head(9, rows[-1].hash)
        )
        assert not found.ok


async def test_a_row_taken_out_of_the_middle_is_missing(database, signer) -> None:
    rows = await chain(database, signer, 9)
    for at in range(8):
        assert whats(audit.verify(rows[:at] + rows[at + 1 :], signer.public_key())) == {"missing", "unlinked"}


async def test_a_chain_written_anew_by_another_lacks_the_sealers_signature(database, signer) -> None:
    rows = await chain(database, Ed25519PrivateKey.generate(), 8)
    assert audit.verify(rows, signer.public_key()).problems == (Problem(8, "bad_signature"),)
    unsigned = [*rows[:-1], dataclasses.replace(rows[-1], signature=None)]
    assert audit.verify(unsigned, signer.public_key()).problems == (Problem(8, "unsigned"),)


async def test_a_cut_tail_is_seen_by_a_witness_alone(database, signer) -> None:
    rows = await chain(database, signer, 10)
    witness = Head(10, rows[-1].hash)
    assert audit.verify(rows[:7], signer.public_key()).ok
    assert audit.verify(rows[:7], signer.public_key(), witness=witness).problems == (Problem(10, "rolled_back"),)
    assert audit.verify(rows, signer.public_key(), witness=witness).ok
    longer = await chain(database, signer, 3)
    assert audit.verify(longer, signer.public_key(), witness=witness).ok
    assert audit.verify(longer, signer.public_key(), witness=Head(0, bytes(32))).ok


async def test_a_tail_that_was_rewritten_does_not_fit_the_witness(database, signer) -> None:
    rows = await chain(database, signer, 3)
    async with database.begin() as tx:
        await tx.execute(text("DELETE FROM audit WHERE seq = 3"))
        await audit.append(tx, "withdrawn", REPORT, "sealer", None, signer, day=DAY)
        rewritten = await audit.rows(tx)
    assert audit.verify(rewritten, signer.public_key()).ok
    found = audit.verify(rewritten, signer.public_key(), witness=Head(3, rows[-1].hash))
    assert whats(found) == {"rolled_back"}


async def test_a_signed_head_is_read_back_with_the_sealers_key_only(database, signer) -> None:
    rows = await chain(database, signer, 3)
    async with database.begin() as tx:
        document = await audit.signed_head(tx, signer, day=DAY)
    assert audit.read_head(document, signer.public_key()) == Head(3, rows[-1].hash)
    with pytest.raises(signing.BadSignature):
        audit.read_head(document, Ed25519PrivateKey.generate().public_key())
    with pytest.raises(signing.SigningError):
        audit.read_head(document.replace(b'"seq":3', b'"seq":4'), signer.public_key())
    with pytest.raises(signing.NotCanonical):
        audit.read_head(b"{}", signer.public_key())


async def test_a_body_that_is_no_json_is_reported_and_does_not_stop_the_check(database, signer) -> None:
    rows = await chain(database, signer, 3)
    broken = [rows[0], dataclasses.replace(rows[1], body=b"\xff"), rows[2]]
    assert whats(audit.verify(broken, signer.public_key())) == {"changed", "unlinked"}

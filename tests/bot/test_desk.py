"""What officers do at their desk is told, or not done."""

import secrets

import pytest

from bot.desk import Desk
from storage import envelope, reports
from storage.envelope import Part
from tests.storage.sealing import DAY
from tests.storage.sealing import Desk as Seals

LARGE = bytes(4 * 1024 * 1024 + 1)


class Told:
    """Takes down what the chain is told; or refuses."""

    def __init__(self, refuses=False):
        self.rows, self.refuses = [], refuses

    async def __call__(self, event, report_id, payload_sha256):
        if self.refuses:
            raise ZeroDivisionError
        self.rows.append((event, report_id, payload_sha256))


@pytest.fixture
async def filed(database):
    """A report of `coat` with one large attachment."""
    report_id = secrets.token_bytes(16)
    sealed = Seals().seal(Part("att/1.mp4", LARGE), report_id=report_id)
    async with database.begin() as tx:
        await reports.file(tx, report_id, sealed.data, sealed.detached, ["coat"], "P1", False, DAY, None, bytes(32))
    return report_id, sealed


async def test_each_file_that_is_handed_out_is_told_with_its_own_digest(database, filed):
    (report_id, sealed), told = filed, Told()
    name, part = next(iter(sealed.detached.items()))
    async with database.begin() as tx:
        desk = Desk(tx, "coat", told)
        assert [row.id for row in await desk.listing()] == [report_id]
        whole, bare = await desk.fetch(report_id), await desk.fetch(report_id, with_parts=False)
        assert await desk.part(report_id, name) == part
    assert (whole.sealed, whole.parts, bare.parts) == (sealed.data, {name: part}, {})
    digest = envelope.payload_sha256(sealed.data)
    assert told.rows == [("fetched", report_id, digest)] * 2 + [("fetched", report_id, envelope.payload_sha256(part))]


async def test_it_is_acknowledged_and_told_once(database, filed):
    (report_id, sealed), told = filed, Told()
    async with database.begin() as tx:
        desk = Desk(tx, "coat", told)
        assert [await desk.acknowledge(report_id, "ana") for _ in range(2)] == [True, False]
    assert told.rows == [("acknowledged", report_id, envelope.payload_sha256(sealed.data))]


async def test_another_unit_gets_nothing_and_nothing_is_told(database, filed):
    (report_id, sealed), told = filed, Told()
    async with database.begin() as tx:
        desk = Desk(tx, "icbf", told)
        assert await desk.listing() == []
        assert await desk.fetch(report_id) is None
        assert await desk.part(report_id, next(iter(sealed.detached))) is None
        assert await desk.acknowledge(report_id, "ana") is None
        assert await Desk(tx, "coat", told).part(report_id, "other.age") is None
    assert told.rows == []


async def test_what_cannot_be_told_is_not_done(database, filed):
    (report_id, sealed), told = filed, Told(refuses=True)
    for work in (
        lambda desk: desk.fetch(report_id),
        lambda desk: desk.part(report_id, next(iter(sealed.detached))),
        lambda desk: desk.acknowledge(report_id, "ana"),
    ):
        with pytest.raises(ZeroDivisionError):
            async with database.begin() as tx:
                await work(Desk(tx, "coat", told))
    async with database.begin() as tx:
        assert [row.officer for row in await reports.listing(tx, "coat")] == [None]

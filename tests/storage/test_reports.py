import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from storage import deliveries, reports
from storage.errors import NotSealed

SEALED = b"age-encryption.org/v1\n" + b"sealed"
ID, OTHER = b"r" * 16, b"s" * 16
PERSON = b"p" * 32
LOOKUP = b"l" * 32
RECEIPT = reports.ReceiptRow(LOOKUP, "age1pq1x", SEALED)


async def filed(
    tx, now, id=ID, *, person=PERSON, units=("coat", "icbf"), tier="P1", kind="full", parts=None, receipt=None
):
    return await reports.file(
        tx, id, SEALED, parts or {}, units, tier, False, now.date(), receipt, person, kind=kind
    )  # fmt: skip


async def test_a_report_is_fetched_as_it_was_filed(database, now) -> None:
    parts = {"att1.age": SEALED + b"1", "att2.age": SEALED + b"2"}
    async with database.begin() as tx:
        assert await filed(tx, now, parts=parts)
        row = await reports.fetch(tx, ID)
    assert row == reports.ReportRow(ID, "full", "P1", False, now.date(), SEALED, parts)


async def test_a_conversation_files_a_report_of_each_kind_once(database, now) -> None:
    async with database.begin() as tx:
        assert await filed(tx, now)
        assert not await filed(tx, now, OTHER)
        assert await reports.fetch(tx, OTHER) is None
        assert await filed(tx, now, OTHER, kind="partial")
        assert await reports.filed(tx, PERSON) == ID
        assert await reports.filed(tx, PERSON, kind="partial") == OTHER
        assert await reports.filed(tx, b"q" * 32) is None


@pytest.mark.parametrize(("sealed", "parts"), [(b"words", {}), (SEALED, {"att1.age": b"words"}), (b"", {})])
async def test_nothing_unsealed_is_written(database, now, sealed, parts) -> None:
    async with database.begin() as tx:
        with pytest.raises(NotSealed):
            await reports.file(tx, ID, sealed, parts, ["coat"], "P1", False, now.date(), None, PERSON)
        assert await reports.fetch(tx, ID) is None


async def test_the_database_itself_refuses_an_unsealed_report(database) -> None:
    insert = text(
        "INSERT INTO reports (id, conversation_digest, kind, sealed, tier, practice, day)"
        " VALUES ('a', 'b', 'full', 'words', 'P1', false, '2026-11-15')"
    )
    with pytest.raises(IntegrityError):
        async with database.begin() as tx:
            await tx.execute(insert)


async def test_a_unit_sees_its_own_reports_most_urgent_first(database, now) -> None:
    async with database.begin() as tx:
        await filed(tx, now)
        await filed(tx, now, OTHER, person=b"q" * 32, units=["coat"], tier="P0")
        coat, icbf = await reports.listing(tx, "coat"), await reports.listing(tx, "icbf")
        assert [row.id for row in coat] == [OTHER, ID]
        assert icbf == [reports.ListedReport(ID, "full", "P1", False, now.date(), len(SEALED), None)]
        assert await reports.listing(tx, "fiscalia") == []


async def test_a_unit_fetches_no_report_of_another(database, now) -> None:
    async with database.begin() as tx:
        await filed(tx, now, units=["coat"])
        assert await reports.fetch(tx, ID, unit="icbf") is None
        assert await reports.fetch(tx, ID, unit="coat")


async def test_an_acknowledged_report_names_its_officer_and_stops_its_notices(database, now) -> None:
    async with database.begin() as tx:
        await filed(tx, now, tier="P0")
        notice = await deliveries.plan(tx, ID, "coat", now)
        other = await deliveries.plan(tx, ID, "icbf", now)
        assert await reports.acknowledge(tx, ID, "coat", "officer-7")
        assert not await reports.acknowledge(tx, ID, "coat", "officer-8")
        assert not await reports.acknowledge(tx, ID, "fiscalia", "officer-9")
        assert [row.officer for row in await reports.listing(tx, "coat")] == ["officer-7"]
        assert [row.officer for row in await reports.listing(tx, "icbf")] == [None]
        assert await deliveries.get(tx, notice) is None
        assert await deliveries.get(tx, other)


async def test_a_withdrawn_report_is_fetched_by_nobody(database, now) -> None:
    async with database.begin() as tx:
        await filed(tx, now)
        await filed(tx, now, OTHER, kind="partial")
        notice = await deliveries.plan(tx, ID, "coat", now)
        assert sorted(await reports.withdraw(tx, PERSON)) == [ID, OTHER]
        assert await reports.withdraw(tx, PERSON) == []
        assert await reports.fetch(tx, ID) is None
        assert await reports.listing(tx, "coat") == []
        assert await deliveries.get(tx, notice) is None


async def test_a_receipt_leads_to_its_case_and_the_newest_report_of_it(database, now) -> None:
    async with database.begin() as tx:
        await filed(tx, now, kind="complete-9", receipt=RECEIPT)
        assert await reports.case_of(tx, LOOKUP) == reports.Case(PERSON, ID, SEALED)
        await filed(tx, now, OTHER, kind="more-10")
        assert await reports.case_of(tx, LOOKUP) == reports.Case(PERSON, OTHER, SEALED)
        assert await reports.case_of(tx, b"m" * 32) is None


async def test_reports_of_a_case_are_counted_on_by_whichever_conversation_adds_to_it(database, now) -> None:
    async with database.begin() as tx:
        assert await reports.next_number(tx, PERSON) == 1
        assert await reports.newest(tx, PERSON) is None
        await filed(tx, now, kind="complete-9")
        await filed(tx, now, OTHER, kind="more-10")
        assert await reports.next_number(tx, PERSON) == 11
        assert await reports.newest(tx, PERSON) == OTHER


async def test_a_receipt_leads_nowhere_once_its_report_was_taken_back(database, now) -> None:
    async with database.begin() as tx:
        await filed(tx, now, kind="complete-1", receipt=RECEIPT)
        await filed(tx, now, b"t" * 16, person=b"q" * 32, receipt=reports.ReceiptRow(b"n" * 32, "age1pq1y", SEALED))
        await reports.withdraw(tx, PERSON)
        assert await reports.case_of(tx, LOOKUP) is None
        assert await tx.scalar(text("SELECT count(*) FROM receipts")) == 1
        assert await reports.case_of(tx, b"n" * 32)


async def test_a_memo_that_is_not_sealed_is_written_by_nobody(database, now) -> None:
    with pytest.raises(NotSealed):
        async with database.begin() as tx:
            await filed(tx, now, receipt=reports.ReceiptRow(LOOKUP, "age1pq1x", b"words"))
    async with database.begin() as tx:
        await filed(tx, now, receipt=reports.ReceiptRow(LOOKUP, "age1pq1x"))
        assert await reports.case_of(tx, LOOKUP) is None
    with pytest.raises(IntegrityError):
        async with database.begin() as tx:
            await tx.execute(text("UPDATE receipts SET memo = 'words'"))

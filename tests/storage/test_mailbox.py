import asyncio
from datetime import timedelta

import psycopg
import pytest

from storage import mailbox
from storage.database import Database, libpq_url
from storage.errors import MailboxClosed, MailboxFull, NotFound, Tampered
from storage.keys import KeyRing
from storage.mailbox import MOST_UNSEEN, Mailbox

WORDS = "Zarzamora 417"


def some(keys: KeyRing) -> Mailbox:
    return Mailbox.of(keys, mailbox.new_handle(keys))


async def put(database: Database, box: Mailbox, now, *texts: str) -> list[int]:
    async with database.begin() as tx:
        return [await mailbox.put(tx, box, {"text": text}, now) for text in texts]


async def texts(database: Database, box: Mailbox, after: int = 0) -> list[object]:
    async with database.begin() as tx:
        return [event.body.get("text", event.body) for event in await mailbox.unseen(tx, box, after)]


async def count(database: Database) -> tuple[int, int]:
    async with database.begin() as tx:
        driver = (await tx.get_raw_connection()).driver_connection
        cursor = await driver.execute("SELECT (SELECT count(*) FROM mailboxes), (SELECT count(*) FROM mail)")
        return await cursor.fetchone()


def test_a_handle_leads_to_one_mailbox_and_another_to_another(keys: KeyRing) -> None:
    handle = mailbox.new_handle(keys)
    assert len(handle) == 64
    assert Mailbox.of(keys, handle) == Mailbox.of(keys, handle) != some(keys)


def test_only_handles_of_this_installation_lead_anywhere(keys: KeyRing, tmp_path) -> None:
    handle = mailbox.new_handle(keys)
    other = "A" if handle[0] != "A" else "B"
    foreign = mailbox.new_handle(KeyRing.open(tmp_path / "elsewhere"))
    for wrong in ("", "x", other + handle[1:], handle[:-4], handle + "AAAA", handle[:-1] + "ñ", "A" * 64, foreign):
        with pytest.raises(NotFound):
            Mailbox.of(keys, wrong)


def test_neither_handle_nor_key_is_in_what_is_printed_of_a_mailbox(keys: KeyRing) -> None:
    box = some(keys)
    assert repr(box.key) not in repr(box)


async def test_events_come_in_the_order_they_were_put_with_rising_numbers(database, keys, now) -> None:
    box = some(keys)
    numbers = await put(database, box, now, "uno", "dos") + await put(database, box, now, "tres")
    assert numbers == sorted(set(numbers))
    assert await texts(database, box) == ["uno", "dos", "tres"]
    assert await texts(database, box, numbers[1]) == ["tres"]
    assert await texts(database, some(keys)) == []


async def test_what_was_seen_goes_and_the_rest_stays(database, keys, now) -> None:
    box, other = some(keys), some(keys)
    first, _ = await put(database, box, now, "uno", "dos")
    await put(database, other, now, "suyo")
    async with database.begin() as tx:
        await mailbox.seen(tx, box, first)
    assert (await texts(database, box), await texts(database, other)) == (["dos"], ["suyo"])


async def test_many_who_put_at_once_keep_one_order_and_lose_nothing(database, keys, now) -> None:
    """A number that is read is never followed by a smaller one that was not there yet."""
    box, read = some(keys), []
    writing = asyncio.gather(*(put(database, box, now, str(n)) for n in range(30)))
    while len(read) < 30:
        async with database.begin() as tx:
            read += await mailbox.unseen(tx, box, read[-1].number if read else 0)
    await writing
    assert sorted(int(event.body["text"]) for event in read) == list(range(30))


async def test_numbers_go_on_rising_after_a_mailbox_was_swept(database, keys, now) -> None:
    """Else a page that was left open for a day would wait for a number that never comes."""
    box = some(keys)
    (before,) = await put(database, box, now, "uno")
    async with database.begin() as tx:
        await mailbox.sweep(tx, now + timedelta(seconds=1))
    assert await count(database) == (0, 0)
    (after,) = await put(database, box, now, "dos")
    assert after > before


async def test_the_table_holds_no_word_and_no_handle(database, database_url, keys, now) -> None:
    handle = mailbox.new_handle(keys)
    await put(database, Mailbox.of(keys, handle), now, WORDS)
    with psycopg.connect(libpq_url(database_url)) as connection:
        rows = connection.execute("SELECT m.*, mail.* FROM mailboxes m JOIN mail ON mailbox = name").fetchall()
    (row,) = rows
    held = b"".join(value for value in row if isinstance(value, bytes))
    assert WORDS.encode() not in held
    assert handle[:20].encode() not in held
    body = next(value for value in row if isinstance(value, bytes) and len(value) > 32)
    assert len(body) % 256 == 12 + 16  # padded: its length says little


async def test_a_body_that_was_moved_or_changed_does_not_open(database, keys, now) -> None:
    box = some(keys)
    sealed = box.seal({"text": WORDS}, 7)
    assert box.open(sealed, 7) == {"text": WORDS}
    for wrong, number in ((sealed, 8), (sealed[:-1] + bytes([sealed[-1] ^ 1]), 7)):
        with pytest.raises(Tampered):
            box.open(wrong, number)
    with pytest.raises(Tampered):
        some(keys).open(sealed, 7)


async def test_a_page_that_sees_nothing_gets_no_more_until_it_does(database, keys, now) -> None:
    box = some(keys)
    numbers = await put(database, box, now, *map(str, range(MOST_UNSEEN)))
    with pytest.raises(MailboxFull) as caught:
        await put(database, box, now, "de más")
    assert caught.value.retry
    async with database.begin() as tx:
        await mailbox.seen(tx, box, numbers[0])
    await put(database, box, now, "otra")


async def put_reply(database: Database, box: Mailbox, now, text: str, reply: int) -> int | None:
    async with database.begin() as tx:
        return await mailbox.put(tx, box, {"text": text}, now, reply=reply)


async def test_a_reply_that_is_put_again_is_not_there_twice_even_when_it_was_seen(database, keys, now) -> None:
    box, other = some(keys), some(keys)
    assert all([await put_reply(database, box, now, "siete", 7), await put_reply(database, box, now, "nueve", 9)])
    assert [await put_reply(database, box, now, "siete", 7), await put_reply(database, box, now, "nueve", 9)] == [
        None
    ] * 2
    await put(database, box, now, "sin número", "sin número")
    assert await texts(database, box) == ["siete", "nueve", "sin número", "sin número"]
    (last,) = await put(database, box, now, "última")
    async with database.begin() as tx:
        await mailbox.seen(tx, box, last)
    assert await put_reply(database, box, now, "nueve", 9) is None
    assert await put_reply(database, box, now, "diez", 10)
    assert await put_reply(database, other, now, "siete", 7)
    assert (await texts(database, box), await texts(database, other)) == (["diez"], ["siete"])


async def test_a_reply_that_was_not_committed_comes_when_it_is_put_again(database, keys, now) -> None:
    box = some(keys)
    async with database.begin() as tx:
        await mailbox.put(tx, box, {"text": "siete"}, now, reply=7)
        await tx.rollback()
    assert await put_reply(database, box, now, "siete", 7)
    assert await texts(database, box) == ["siete"]


async def test_what_was_said_after_an_erasure_is_there_when_both_are_done_again(database, keys, now) -> None:
    box = some(keys)
    for _ in range(2):
        async with database.begin() as tx:
            await mailbox.erase(tx, box, {"erase": True}, now)
        await put_reply(database, box, now, "adiós", 8)
    assert await texts(database, box) == [{"erase": True}, "adiós"]


async def test_erasing_leaves_one_event_and_what_comes_later_comes(database, keys, now) -> None:
    box = some(keys)
    await put(database, box, now, "uno", "dos")
    async with database.begin() as tx:
        await mailbox.erase(tx, box, {"erase": True}, now)
    await put(database, box, now, "adiós")
    assert await texts(database, box) == [{"erase": True}, "adiós"]


async def test_a_closed_mailbox_takes_nothing_and_closing_it_again_changes_nothing(database, keys, now) -> None:
    box = some(keys)
    await put(database, box, now, "uno")
    for again in (True, False, True):
        async with database.begin() as tx:
            await mailbox.erase(tx, box, {"erase": True, "again": again}, now, close=again)
    with pytest.raises(MailboxClosed):
        await put(database, box, now, "dos")
    assert await texts(database, box) == [{"erase": True, "again": True}]
    async with database.begin() as tx:
        assert await mailbox.closed(tx, box)
        assert not await mailbox.closed(tx, some(keys))


async def test_sweeping_takes_what_is_old_and_leaves_what_is_in_use(database, keys, now) -> None:
    old, used = some(keys), some(keys)
    await put(database, old, now, "uno")
    await put(database, used, now, "viejo")
    await put(database, used, now + timedelta(hours=2), "nuevo")
    async with database.begin() as tx:
        assert await mailbox.sweep(tx, now + timedelta(hours=1)) == 3
    assert (await texts(database, old), await texts(database, used)) == ([], ["nuevo"])
    assert await count(database) == (1, 1)

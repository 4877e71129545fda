import pytest
from sqlalchemy import select, update

from storage import attachments, conversations
from storage.errors import NotFound, Tampered, TooLarge
from storage.tables import attachments as table


async def admitted(tx, keys, now, address="+1"):
    return await conversations.admit(tx, keys, "telegram", address, now)


async def test_an_attachment_comes_back_whole(database, keys, now) -> None:
    data = bytes(range(256)) * 100 + bytes(40_000)
    async with database.begin() as tx:
        conversation = await admitted(tx, keys, now)
        id = await attachments.put(tx, conversation, "1.jpg", "image/jpeg", data)
        assert await attachments.listing(tx, conversation) == [
            attachments.AttachmentRow(id, "1.jpg", "image/jpeg", len(data))
        ]
        assert await attachments.get(tx, conversation, id) == data


async def test_the_largest_attachment_is_kept_and_one_byte_more_is_not(database, keys, now) -> None:
    async with database.begin() as tx:
        conversation = await admitted(tx, keys, now)
        id = await attachments.put(tx, conversation, "1.mp4", "video/mp4", bytes(attachments.LIMIT))
        assert len(await attachments.get(tx, conversation, id)) == attachments.LIMIT
        with pytest.raises(TooLarge):
            await attachments.put(tx, conversation, "2.mp4", "video/mp4", bytes(attachments.LIMIT + 1))
        assert len(await attachments.listing(tx, conversation)) == 1


async def test_neither_name_nor_kind_nor_content_is_readable_at_rest(database, keys, now) -> None:
    async with database.begin() as tx:
        conversation = await admitted(tx, keys, now)
        await attachments.put(tx, conversation, "marcador.jpg", "image/jpeg", b"marcador")
        row = (await tx.execute(select(table))).one()
    stored = b"".join(value for value in row if isinstance(value, bytes))
    assert b"marcador" not in stored
    assert b"image" not in stored


async def test_an_attachment_opens_in_its_own_conversation_and_row_only(database, keys, now) -> None:
    async with database.begin() as tx:
        one, two = await admitted(tx, keys, now), await admitted(tx, keys, now, "+2")
        first = await attachments.put(tx, one, "1.jpg", "image/jpeg", b"a")
        second = await attachments.put(tx, one, "2.jpg", "image/jpeg", b"b")
        with pytest.raises(NotFound):
            await attachments.get(tx, two, first)
        stolen = select(table.c.data).where(table.c.id == first).scalar_subquery()
        await tx.execute(update(table).where(table.c.id == second).values(data=stolen))
        with pytest.raises(Tampered):
            await attachments.get(tx, one, second)


async def test_attachments_that_a_report_took_are_dropped(database, keys, now) -> None:
    async with database.begin() as tx:
        conversation = await admitted(tx, keys, now)
        ids = [await attachments.put(tx, conversation, f"{n}.jpg", "image/jpeg", b"a") for n in range(3)]
        assert await attachments.drop(tx, conversation, ids[:2]) == 2
        assert [row.id for row in await attachments.listing(tx, conversation)] == ids[2:]

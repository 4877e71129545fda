from datetime import timedelta

from sqlalchemy import select

from storage import conversations, copies, inbox, outbox, turns
from storage.outbox import Handed, Holder
from storage.tables import inbox as inbox_table

SPAN = timedelta(seconds=45)


async def taken(database, keys, now):
    """A conversation, and a message of it that is to be answered."""
    async with database.begin() as tx:
        conversation = await conversations.admit(tx, keys, "sms", "+1", now)
        row = await inbox.accept(tx, keys, conversation, "m1", {"text": "a"}, now)
    conversation.state = {"n": 1}
    return conversation, row


def words(rows) -> list[str]:
    return [row.body["text"] for row in rows]


async def test_replies_state_message_and_copies_change_together(database, keys, now) -> None:
    conversation, row = await taken(database, keys, now)
    async with database.begin() as tx:
        handed = await turns.end(tx, conversation, row, [{"text": "1"}, {"text": "2"}], now, SPAN, ["SM1"])
    assert (handed.mine, words(handed.rows)) == (True, ["1", "2"])
    async with database.begin() as tx:
        assert (await conversations.lock(tx, keys, conversation.id)).state == {"n": 1}
        assert (await tx.execute(select(inbox_table.c.id))).all() == []
        assert [(one.channel, one.ids) for one in await copies.take(tx, now)] == [("sms", ("SM1",))]
        assert await outbox.lease(tx, conversation, now, SPAN, Holder.SEND) == []
        assert words(await outbox.lease(tx, conversation, now + SPAN, SPAN, Holder.SEND)) == ["1", "2"]


async def test_replies_wait_behind_earlier_ones(database, keys, now) -> None:
    conversation, row = await taken(database, keys, now)
    async with database.begin() as tx:
        await outbox.put(tx, conversation, [{"text": "1"}], now)
        handed = await turns.end(tx, conversation, row, [{"text": "2"}], now, SPAN)
        assert not handed.mine
        assert words(await outbox.lease(tx, conversation, now, SPAN, Holder.SEND)) == ["1", "2"]


async def test_a_turn_without_an_answer_or_a_copy_leaves_none(database, keys, now) -> None:
    conversation, row = await taken(database, keys, now)
    async with database.begin() as tx:
        assert await turns.end(tx, conversation, row, [], now, SPAN) == Handed()
        assert await copies.take(tx, now) == []
        assert await inbox.take(tx, conversation, row) is None


async def test_the_end_gives_a_conversation_another_day_and_the_key_of_now(database, keys, now) -> None:
    conversation, row = await taken(database, keys, now)
    later = now + timedelta(hours=23)
    async with database.begin() as tx:
        await turns.end(tx, conversation, row, [], later, SPAN)
    assert keys.is_present(conversation.key.wrapped, later)
    async with database.begin() as tx:
        assert await conversations.erase_expired(tx, now + timedelta(hours=25)) == 0
        assert (await conversations.lock(tx, keys, conversation.id)).state == {"n": 1}


async def test_nothing_is_left_of_a_conversation_that_was_erased_in_its_turn(database, keys, now) -> None:
    conversation, row = await taken(database, keys, now)
    async with database.begin() as tx:
        await conversations.erase(tx, conversation.id)
        assert await turns.end(tx, conversation, row, [], now, SPAN, ["SM1"]) == Handed()
    async with database.begin() as tx:
        assert await conversations.lock(tx, keys, conversation.id) is None
        assert [one.ids for one in await copies.take(tx, now)] == [("SM1",)]

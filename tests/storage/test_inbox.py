import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from storage import conversations, inbox
from storage.errors import ConversationGone, Tampered
from storage.tables import inbox as table


async def accepted(database, keys, now, platform_id="m1", message=None, address="+1"):
    async with database.begin() as tx:
        conversation = await conversations.admit(tx, keys, "sms", address, now)
        return conversation, await inbox.accept(tx, keys, conversation, platform_id, message or {"text": "a"}, now)


async def test_a_message_is_taken_as_it_was_accepted(database, keys, now) -> None:
    conversation, row = await accepted(database, keys, now, message={"text": "hola", "buttons": ["sí"]})
    async with database.begin() as tx:
        assert await inbox.take(tx, conversation, row) == {"text": "hola", "buttons": ["sí"]}


async def test_a_message_is_kept_with_the_job_of_its_turn_or_not_at_all(database, keys, now) -> None:
    """Also where each statement is a transaction of its own: all of it is one statement."""
    conversation, _ = await accepted(database, keys, now)
    async with database.each() as tx:
        row = await inbox.accept(tx, keys, conversation, "m2", {"text": "b"}, now)
        assert await inbox.accept(tx, keys, conversation, "m2", {"text": "b"}, now) is None
    async with database.begin() as tx:
        query = text("SELECT queue_name, task_name, lock, args FROM procrastinate_jobs ORDER BY id")
        jobs = [tuple(job) for job in await tx.execute(query)]
    name = conversation.id.hex()
    assert [job[:3] for job in jobs] == [("turns", "turn", name)] * 2
    assert jobs[1][3] == {"conversation": name, "inbox_id": row}


async def test_a_repeated_delivery_is_known_before_and_after_its_turn(database, keys, now) -> None:
    conversation, row = await accepted(database, keys, now)
    assert (await accepted(database, keys, now))[1] is None
    async with database.begin() as tx:
        await inbox.done(tx, row)
    assert (await accepted(database, keys, now))[1] is None
    async with database.begin() as tx:
        assert await inbox.take(tx, conversation, row) is None


async def test_erasing_a_conversation_does_not_let_its_messages_be_played_again(database, keys, now) -> None:
    conversation, _ = await accepted(database, keys, now)
    async with database.begin() as tx:
        await conversations.erase(tx, conversation.id)
    again, row = await accepted(database, keys, now + timedelta(days=59))
    assert again.fresh
    assert row is None


async def test_of_many_equal_deliveries_at_once_one_is_accepted(database, keys, now) -> None:
    rows = await asyncio.gather(*(accepted(database, keys, now) for _ in range(20)))
    assert sum(row is not None for _, row in rows) == 1


async def test_equal_ids_of_two_channels_are_two_messages(database, keys, now) -> None:
    async with database.begin() as tx:
        for channel in ("telegram", "sms"):
            conversation = await conversations.admit(tx, keys, channel, "1", now)
            assert await inbox.accept(tx, keys, conversation, "7", {"text": "a"}, now)


async def test_a_message_for_a_conversation_erased_meanwhile_asks_to_be_admitted_again(database, keys, now) -> None:
    async with database.begin() as tx:
        conversation = await conversations.admit(tx, keys, "sms", "+1", now)
    async with database.begin() as tx:
        await conversations.erase(tx, conversation.id)
    with pytest.raises(ConversationGone) as gone:
        async with database.begin() as tx:
            await inbox.accept(tx, keys, conversation, "m1", {"text": "a"}, now)
    assert gone.value.retry
    # And it was not remembered as seen, so that the second try is not taken for a repetition.
    assert (await accepted(database, keys, now, "m1"))[1] is not None


async def test_a_message_moved_to_another_row_does_not_open(database, keys, now) -> None:
    conversation, one = await accepted(database, keys, now, "m1")
    _, two = await accepted(database, keys, now, "m2")
    async with database.begin() as tx:
        stolen = select(table.c.body).where(table.c.id == one).scalar_subquery()
        await tx.execute(update(table).where(table.c.id == two).values(body=stolen))
        with pytest.raises(Tampered):
            await inbox.take(tx, conversation, two)


async def test_nobody_takes_a_message_of_another_conversation(database, keys, now) -> None:
    _, row = await accepted(database, keys, now)
    other, _ = await accepted(database, keys, now, "m2", address="+2")
    async with database.begin() as tx:
        assert await inbox.take(tx, other, row) is None


async def test_a_parked_message_is_not_taken_and_is_shown_without_its_words(database, keys, now) -> None:
    conversation, row = await accepted(database, keys, now, message={"text": "marcador"})
    async with database.begin() as tx:
        assert await inbox.parked(tx) == []
        await inbox.park(tx, row, "engine_down")
        assert await inbox.take(tx, conversation, row) is None
        shown = await inbox.parked(tx)
    assert shown == [inbox.ParkedRow(row, conversation.id, "engine_down", now)]


async def test_rolled_back_means_never_seen(database, keys, now) -> None:
    class Crash(Exception):
        pass

    with pytest.raises(Crash):  # noqa: PT012
        async with database.begin() as tx:
            conversation = await conversations.admit(tx, keys, "sms", "+1", now)
            assert await inbox.accept(tx, keys, conversation, "m1", {"text": "a"}, now)
            raise Crash
    assert (await accepted(database, keys, now))[1] is not None

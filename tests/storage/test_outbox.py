from datetime import timedelta

import pytest
from sqlalchemy import select, update

from storage import conversations, outbox
from storage.errors import Tampered
from storage.outbox import Holder
from storage.tables import outbox as table

LEASE = timedelta(seconds=45)


async def with_replies(database, keys, now, *texts, address="+1"):
    async with database.begin() as tx:
        conversation = await conversations.admit(tx, keys, "sms", address, now)
        return conversation, await outbox.put(tx, conversation, [{"text": text} for text in texts], now)


def words(rows) -> list[str]:
    return [row.body["text"] for row in rows]


async def test_replies_wait_in_the_order_of_their_turn(database, keys, now) -> None:
    texts = [str(n) for n in range(50)]
    conversation, ids = await with_replies(database, keys, now, *texts)
    assert ids == sorted(ids)
    async with database.begin() as tx:
        rows = await outbox.waiting(tx, conversation, now=now)
    assert words(rows) == texts
    assert [row.id for row in rows] == ids


async def test_nothing_to_say_is_nothing(database, keys, now) -> None:
    conversation, ids = await with_replies(database, keys, now)
    assert ids == []
    async with database.begin() as tx:
        assert await outbox.waiting(tx, conversation, now=now) == []
        assert await outbox.next_due(tx, conversation) is None


async def test_a_reply_that_must_wait_holds_back_those_behind_it(database, keys, now) -> None:
    conversation, (one, two, _) = await with_replies(database, keys, now, "1", "2", "3")
    later = now + timedelta(seconds=30)
    async with database.begin() as tx:
        await outbox.sent(tx, {one: ["a"]})
        await outbox.retry(tx, two, "throttled", later)
        assert await outbox.waiting(tx, conversation, now=now) == []
        assert await outbox.lease(tx, conversation, now, LEASE, Holder.SEND) == []
        assert await outbox.next_due(tx, conversation) == later
        rows = await outbox.waiting(tx, conversation, now=later)
    assert words(rows) == ["2", "3"]
    assert [row.attempts for row in rows] == [1, 0]


async def test_a_leased_batch_is_given_to_nobody_else_until_the_lease_ends(database, keys, now) -> None:
    conversation, ids = await with_replies(database, keys, now, "1", "2")
    async with database.begin() as tx:
        assert words(await outbox.lease(tx, conversation, now, LEASE, Holder.SEND)) == ["1", "2"]
        await outbox.put(tx, conversation, [{"text": "3"}], now)
        assert await outbox.lease(tx, conversation, now, LEASE, Holder.SEND) == []
        await outbox.sent(tx, {ids[0]: ["a"]})
        await outbox.release(tx, ids, now)
        assert words(await outbox.lease(tx, conversation, now, LEASE, Holder.SEND)) == ["2", "3"]
        assert words(await outbox.lease(tx, conversation, now + LEASE, LEASE, Holder.SEND)) == ["2", "3"]


async def test_a_turn_keeps_its_replies_for_itself_to_send(database, keys, now) -> None:
    conversation, _ = await with_replies(database, keys, now)
    async with database.begin() as tx:
        handed = await outbox.hand(tx, conversation, [{"text": "1"}, {"text": "2"}], now, LEASE)
        assert handed.mine
        assert words(handed.rows) == ["1", "2"]
        assert await outbox.lease(tx, conversation, now, LEASE, Holder.SEND) == []
        assert words(await outbox.lease(tx, conversation, now + LEASE, LEASE, Holder.SEND)) == ["1", "2"]
        assert await outbox.hand(tx, conversation, [], now, LEASE) == outbox.Handed()


async def test_a_turn_leaves_its_replies_to_others_while_earlier_ones_wait(database, keys, now) -> None:
    conversation, _ = await with_replies(database, keys, now, "1")
    async with database.begin() as tx:
        handed = await outbox.hand(tx, conversation, [{"text": "2"}], now, LEASE)
        assert not handed.mine
        assert words(await outbox.lease(tx, conversation, now, LEASE, Holder.SEND)) == ["1", "2"]


async def test_the_words_go_when_they_are_sent_and_the_platforms_ids_stay(database, keys, now) -> None:
    conversation, (one, two, three) = await with_replies(database, keys, now, "1", "2", "3")
    async with database.begin() as tx:
        await outbox.sent(tx, {one: ["a"], two: ["b", "c"], three: []})
        assert await outbox.waiting(tx, conversation, now=now) == []
        assert await outbox.platform_ids(tx, conversation) == ["a", "b", "c"]
        bodies = (await tx.execute(select(table.c.body))).scalars().all()
        assert await outbox.find(tx, "c") == outbox.SentRow(two, conversation.id)
        assert await outbox.find(tx, "x") is None
    assert bodies == [None, None, None]


async def test_a_parked_reply_lets_the_others_pass(database, keys, now) -> None:
    conversation, (one, _) = await with_replies(database, keys, now, "1", "2")
    async with database.begin() as tx:
        await outbox.park(tx, one, "refused")
        assert words(await outbox.waiting(tx, conversation, now=now)) == ["2"]


async def test_a_reply_moved_to_another_row_does_not_open(database, keys, now) -> None:
    conversation, (one, two) = await with_replies(database, keys, now, "1", "2")
    async with database.begin() as tx:
        stolen = select(table.c.body).where(table.c.id == one).scalar_subquery()
        await tx.execute(update(table).where(table.c.id == two).values(body=stolen))
        with pytest.raises(Tampered):
            await outbox.waiting(tx, conversation, now=now)


async def test_a_conversation_gets_its_own_replies_only(database, keys, now) -> None:
    one, _ = await with_replies(database, keys, now, "1")
    two, _ = await with_replies(database, keys, now, "2", address="+2")
    async with database.begin() as tx:
        assert words(await outbox.waiting(tx, one, now=now)) == ["1"]
        assert words(await outbox.lease(tx, two, now, LEASE, Holder.SEND)) == ["2"]


async def test_what_a_dead_sender_held_is_due_again_but_not_what_waits_for_its_time(database, keys, now) -> None:
    async with database.begin() as tx:
        conversation = await conversations.admit(tx, keys, "telegram", "5", now)
        handed = await outbox.hand(tx, conversation, [{"text": "1"}, {"text": "2"}], now, LEASE)
        await outbox.take_over(tx, conversation, now, Holder.TURN)
        assert words(await outbox.lease(tx, conversation, now, LEASE, Holder.SEND)) == ["1", "2"]
        await outbox.retry(tx, handed.rows[0].id, "throttled", now + LEASE)
        await outbox.take_over(tx, conversation, now, Holder.SEND)
        assert await outbox.lease(tx, conversation, now, LEASE, Holder.SEND) == []


async def test_a_job_of_one_kind_that_is_tried_again_leaves_what_the_other_kind_is_sending(database, keys, now) -> None:
    async with database.begin() as tx:
        conversation = await conversations.admit(tx, keys, "telegram", "5", now)
        await outbox.hand(tx, conversation, [{"text": "1"}], now, LEASE)
        await outbox.take_over(tx, conversation, now, Holder.SEND)
        assert await outbox.lease(tx, conversation, now, LEASE, Holder.SEND) == []
        await outbox.take_over(tx, conversation, now, Holder.TURN)
        assert words(await outbox.lease(tx, conversation, now, LEASE, Holder.SEND)) == ["1"]
        await outbox.take_over(tx, conversation, now, Holder.TURN)
        assert await outbox.lease(tx, conversation, now, LEASE, Holder.TURN) == []

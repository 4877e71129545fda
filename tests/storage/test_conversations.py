import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update

from storage import attachments, conversations, inbox, outbox
from storage.database import Database
from storage.errors import KeyGone, Tampered
from storage.keys import EPOCH_SECONDS, KeyRing, epoch_of, epoch_start
from storage.tables import attachments as attachment_table
from storage.tables import conversations as table
from storage.tables import inbox as inbox_table
from storage.tables import outbox as outbox_table

DAY = timedelta(hours=24)


async def admitted(database: Database, keys: KeyRing, now: datetime, address: str = "+1"):
    async with database.begin() as tx:
        return await conversations.admit(tx, keys, "sms", address, now)


async def with_state(database: Database, keys: KeyRing, now: datetime, state: dict, address: str = "+1"):
    async with database.begin() as tx:
        conversation = await conversations.admit(tx, keys, "sms", address, now)
        conversation.state = state
        await conversations.save(tx, conversation, now)
    return conversation


async def locked(database: Database, keys: KeyRing, id: bytes):
    async with database.begin() as tx:
        return await conversations.lock(tx, keys, id)


async def count(database: Database, what=table) -> int:
    async with database.begin() as tx:
        return (await tx.execute(select(func.count()).select_from(what))).scalar_one()


async def test_who_is_known_is_found_and_nobody_is_made_by_looking(database, keys, now) -> None:
    async with database.each() as tx:
        assert await conversations.find(tx, keys, "sms", "+1", now) is None
    made = await admitted(database, keys, now)
    async with database.each() as tx:
        found = await conversations.find(tx, keys, "sms", "+1", now)
        assert found
        assert (found.id, found.key.key, found.fresh) == (made.id, made.key.key, False)
        assert await conversations.find(tx, keys, "sms", "+1", now + DAY) is None
    assert await count(database) == 1


async def test_what_nobody_can_open_any_more_is_not_found(database, keys, now) -> None:
    await admitted(database, keys, now)
    keys.shred_epochs(now + DAY)
    async with database.each() as tx:
        assert await conversations.find(tx, keys, "sms", "+1", now) is None


async def test_the_same_person_comes_back_to_the_same_conversation(database, keys, now) -> None:
    first = await admitted(database, keys, now)
    again = await admitted(database, keys, now + timedelta(hours=23))
    assert (first.fresh, again.fresh) == (True, False)
    assert first.id == again.id
    assert first.key.key == again.key.key
    assert again.state is None
    other = await admitted(database, keys, now, "+2")
    assert other.id != first.id


async def test_a_state_comes_back_as_it_was_saved(database, keys, now) -> None:
    made = await with_state(database, keys, now, {"slots": {"Q3": "yes"}, "words": ["sí"]})
    found = await locked(database, keys, made.id)
    assert found is not None
    assert found.state == {"slots": {"Q3": "yes"}, "words": ["sí"]}
    assert found.channel == "sms"
    assert not found.fresh


async def test_many_doors_at_once_make_one_conversation_of_a_person(database, keys, now) -> None:
    found = await asyncio.gather(*(admitted(database, keys, now) for _ in range(20)))
    assert len({conversation.id for conversation in found}) == 1
    assert sum(conversation.fresh for conversation in found) == 1
    assert await count(database) == 1


async def test_a_message_is_admitted_and_accepted_while_a_turn_holds_the_conversation(database, keys, now) -> None:
    made = await with_state(database, keys, now, {})
    async with database.begin() as turn:
        assert await conversations.lock(turn, keys, made.id)
        async with asyncio.timeout(5), database.begin() as door:
            conversation = await conversations.admit(door, keys, "sms", "+1", now)
            assert await inbox.accept(door, keys, conversation, "m1", {"text": "a"}, now)


async def test_a_second_turn_waits_for_the_first(database, keys, now) -> None:
    made = await with_state(database, keys, now, {"n": 0})

    async def turn() -> None:
        async with database.begin() as tx:
            conversation = await conversations.lock(tx, keys, made.id)
            assert conversation
            assert conversation.state is not None
            conversation.state["n"] += 1
            await conversations.save(tx, conversation, now)

    await asyncio.gather(*(turn() for _ in range(10)))
    assert (await locked(database, keys, made.id)).state == {"n": 10}


async def test_an_erased_conversation_is_gone_with_all_that_belongs_to_it(database, keys, now) -> None:
    made = await with_state(database, keys, now, {"a": 1})
    async with database.begin() as tx:
        assert await inbox.accept(tx, keys, made, "m1", {"text": "a"}, now)
        await outbox.put(tx, made, [{"text": "b"}], now)
        await attachments.put(tx, made, "1.jpg", "image/jpeg", b"c")
    async with database.begin() as tx:
        await conversations.erase(tx, made.id)
    assert await locked(database, keys, made.id) is None
    assert [await count(database, each) for each in (table, inbox_table, outbox_table, attachment_table)] == [0] * 4
    assert (await admitted(database, keys, now)).fresh


async def test_a_state_moved_to_another_row_does_not_open(database, keys, now) -> None:
    one = await with_state(database, keys, now, {"a": 1}, "+1")
    two = await with_state(database, keys, now, {"a": 2}, "+2")
    async with database.begin() as tx:
        stolen = select(table.c.state).where(table.c.id == one.id).scalar_subquery()
        await tx.execute(update(table).where(table.c.id == two.id).values(state=stolen))
    with pytest.raises(Tampered):
        await locked(database, keys, two.id)


async def test_a_key_and_state_moved_together_do_not_open_either(database, keys, now) -> None:
    one = await with_state(database, keys, now, {"a": 1}, "+1")
    two = await with_state(database, keys, now, {"a": 2}, "+2")
    async with database.begin() as tx:
        row = (await tx.execute(select(table.c.state, table.c.wrapped).where(table.c.id == one.id))).one()
        await tx.execute(update(table).where(table.c.id == two.id).values(state=row.state, wrapped=row.wrapped))
    with pytest.raises(Tampered):
        await locked(database, keys, two.id)


async def test_nothing_opens_once_the_epoch_is_shredded_and_the_person_starts_afresh(database, keys, now) -> None:
    made = await with_state(database, keys, now, {"a": 1})
    keys.shred_epochs(epoch_start(epoch_of(now) + 1))
    with pytest.raises(KeyGone):
        await locked(database, keys, made.id)
    again = await admitted(database, keys, now)
    assert again.fresh
    assert again.id != made.id
    assert await count(database) == 1


async def test_a_conversation_that_goes_on_moves_to_the_present_epoch(database, keys, now) -> None:
    made = await with_state(database, keys, now, {"a": 1})
    later = now + timedelta(seconds=EPOCH_SECONDS)
    async with database.begin() as tx:
        conversation = await conversations.lock(tx, keys, made.id)
        assert conversation
        await conversations.save(tx, conversation, later)
    keys.shred_epochs(epoch_start(epoch_of(later)))
    assert (await locked(database, keys, made.id)).state == {"a": 1}


async def test_twenty_four_hours_after_the_last_word_a_person_is_new(database, keys, now) -> None:
    made = await with_state(database, keys, now, {"a": 1})
    assert (await admitted(database, keys, now + DAY - timedelta(seconds=1))).id == made.id
    again = await admitted(database, keys, now + DAY)
    assert again.fresh
    assert again.id != made.id
    assert await locked(database, keys, made.id) is None


async def test_a_message_that_still_waits_keeps_its_conversation_past_its_time(database, keys, now) -> None:
    made = await with_state(database, keys, now, {"a": 1})
    async with database.begin() as tx:
        await inbox.accept(tx, keys, made, "m1", {"text": "a"}, now + DAY - timedelta(seconds=1))
    assert (await admitted(database, keys, now + 2 * DAY)).id == made.id
    async with database.begin() as tx:
        assert await conversations.erase_expired(tx, now + 30 * DAY) == 0


async def test_a_parked_message_stays_for_days_and_does_not_keep_the_person_out(database, keys, now) -> None:
    made = await with_state(database, keys, now, {"a": 1})
    async with database.begin() as tx:
        row = await inbox.accept(tx, keys, made, "m1", {"text": "a"}, now)
        assert row
        await inbox.park(tx, row, "engine_down")
    again = await admitted(database, keys, now + DAY)
    assert again.fresh
    assert again.id != made.id
    async with database.begin() as tx:
        assert [parked.conversation for parked in await inbox.parked(tx)] == [made.id]
        kept = await conversations.lock(tx, keys, made.id)
        assert kept
        assert kept.state == {"a": 1}
        assert await conversations.erase_expired(tx, now + conversations.PARKED_LIFE - timedelta(seconds=1)) == 1
        assert await inbox.parked(tx)  # the second conversation went, not this one
        assert await conversations.erase_expired(tx, now + conversations.PARKED_LIFE) == 1
        assert await inbox.parked(tx) == []


async def test_a_conversation_goes_on_over_the_turn_of_a_month(database, keys) -> None:
    last_evening = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
    made = await with_state(database, keys, last_evening, {"a": 1})
    next_morning = last_evening + timedelta(hours=8)
    assert (await admitted(database, keys, next_morning)).id == made.id
    # It goes by its new name now: the old key may go and it is found still.
    async with database.begin() as tx:
        names = (await tx.execute(select(table.c.pseudonym))).scalars().all()
    assert list(names) == [keys.pseudonym("sms", "+1", next_morning)]


async def test_the_new_months_name_waits_while_a_turn_holds_the_row(database, keys) -> None:
    last_evening = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
    made = await with_state(database, keys, last_evening, {"a": 1})
    next_morning = last_evening + timedelta(hours=8)
    async with database.begin() as turn:
        await conversations.lock(turn, keys, made.id)
        async with asyncio.timeout(5):
            assert (await admitted(database, keys, next_morning)).id == made.id
    assert (await admitted(database, keys, next_morning)).id == made.id
    assert await count(database) == 1


async def test_a_forgotten_conversation_goes_unless_something_waits_in_it(database, keys, now) -> None:
    idle = await admitted(database, keys, now, "+1")
    waiting = await admitted(database, keys, now, "+2")
    talking = await with_state(database, keys, now, {"a": 1}, "+3")
    async with database.begin() as tx:
        await inbox.accept(tx, keys, waiting, "m1", {"text": "a"}, now)
        await outbox.put(tx, talking, [{"text": "b"}], now)
        for conversation in (idle, waiting, talking):
            await conversations.forget(tx, conversation.id)
    assert await locked(database, keys, idle.id) is None
    assert await locked(database, keys, waiting.id)
    async with database.begin() as tx:
        kept = await conversations.lock(tx, keys, talking.id)
        assert kept
        assert kept.state == {"a": 1}
        assert await outbox.waiting(tx, kept, now=now) == []


async def test_a_message_that_comes_in_while_its_conversation_is_forgotten_is_not_lost(database, keys, now) -> None:
    made = await admitted(database, keys, now)
    async with database.begin() as door:
        conversation = await conversations.admit(door, keys, "sms", "+1", now)
        assert await inbox.accept(door, keys, conversation, "m1", {"text": "a"}, now)

        async def forget() -> None:
            async with database.begin() as tx:
                await conversations.forget(tx, made.id)

        forgetting = asyncio.create_task(forget())
        await blocked(database)
    await forgetting
    assert await count(database, inbox_table) == 1


async def blocked(database: Database) -> None:
    """Returns when some statement waits for a lock."""
    async with asyncio.timeout(10):
        while True:
            async with database.begin() as tx:
                waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
                if (await tx.execute(waits)).scalar_one():
                    return


async def test_addresses_and_words_are_in_no_column(database, keys, now) -> None:
    number = "+573001234567"
    made = await with_state(database, keys, now, {"words": "marcador-secreto", "address": number}, number)
    async with database.begin() as tx:
        row = (await tx.execute(select(table).where(table.c.id == made.id))).one()
    assert b"marcador" not in b"".join(value for value in row if isinstance(value, bytes))
    assert number not in repr(row)
    assert "marcador" not in repr(made)

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from storage import conversations, deliveries, inbox, mailbox, outbox, reports, retention, rotation
from storage.errors import KeyGone
from storage.keys import EPOCH_SECONDS, epoch_of
from storage.tables import conversations as conversation_table
from storage.tables import deliveries as delivery_table
from storage.tables import mail as mail_table
from storage.tables import mailboxes as mailbox_table
from storage.tables import outbox as outbox_table
from storage.tables import reports as report_table
from storage.tables import seen

EPOCH = timedelta(seconds=EPOCH_SECONDS)
SECOND = timedelta(seconds=1)


async def talk(database, keys, moment, address="+1"):
    async with database.begin() as tx:
        conversation = await conversations.admit(tx, keys, "sms", address, moment)
        conversation.state = {"a": 1}
        await conversations.save(tx, conversation, moment)
    return conversation


async def count(database, table) -> int:
    async with database.begin() as tx:
        return (await tx.execute(select(func.count()).select_from(table))).scalar_one()


def test_every_rule_says_what_when_and_why() -> None:
    assert len(retention.RULES) == 9
    assert all(rule.what and rule.reason and rule.kept > timedelta(0) for rule in retention.RULES)
    assert len({rule.what for rule in retention.RULES}) == 9


async def test_a_conversation_goes_twenty_four_hours_after_its_last_word(database, keys, now) -> None:
    await talk(database, keys, now, "+1")
    await talk(database, keys, now + timedelta(hours=1), "+2")
    await retention.run(database, keys, now + timedelta(hours=24) - SECOND)
    assert await count(database, conversation_table) == 2
    erased = await retention.run(database, keys, now + timedelta(hours=24))
    assert await count(database, conversation_table) == 1
    assert erased[retention.RULES[0].what] == 1


async def test_mail_that_no_page_fetched_goes_after_twenty_four_hours(database, keys, now) -> None:
    box = mailbox.Mailbox.of(keys, mailbox.new_handle(keys))
    async with database.begin() as tx:
        await mailbox.put(tx, box, {"text": "1"}, now)
        await mailbox.put(tx, box, {"text": "2"}, now + timedelta(hours=1))
    await retention.run(database, keys, now + timedelta(hours=24))
    assert (await count(database, mail_table), await count(database, mailbox_table)) == (2, 1)
    await retention.run(database, keys, now + timedelta(hours=24) + SECOND)
    assert (await count(database, mail_table), await count(database, mailbox_table)) == (1, 1)
    await retention.run(database, keys, now + timedelta(hours=25) + SECOND)
    assert (await count(database, mail_table), await count(database, mailbox_table)) == (0, 0)


async def test_an_epoch_key_goes_when_no_conversation_lives_under_it(database, keys, now) -> None:
    gone, kept = await talk(database, keys, now, "+1"), await talk(database, keys, now + EPOCH, "+2")
    await retention.run(database, keys, now + timedelta(hours=23))
    assert keys.open_data_key(gone.key.epoch, gone.key.wrapped, conversations._key_place(gone.id))
    await retention.run(database, keys, now + timedelta(hours=24))
    with pytest.raises(KeyGone):
        keys.open_data_key(gone.key.epoch, gone.key.wrapped, conversations._key_place(gone.id))
    assert keys.open_data_key(kept.key.epoch, kept.key.wrapped, conversations._key_place(kept.id))


async def test_after_an_exit_the_key_goes_soon_after_its_epoch(database, keys, now) -> None:
    left = await talk(database, keys, now)
    async with database.begin() as tx:
        await conversations.erase(tx, left.id)
    ends = datetime.fromtimestamp((epoch_of(now) + 1) * EPOCH_SECONDS, UTC)
    await retention.run(database, keys, ends)
    keys.open_data_key(left.key.epoch, left.key.wrapped, conversations._key_place(left.id))
    await retention.run(database, keys, ends + retention.EPOCH_MARGIN)
    with pytest.raises(KeyGone):
        keys.open_data_key(left.key.epoch, left.key.wrapped, conversations._key_place(left.id))


async def test_a_long_conversation_outlives_the_epochs_it_began_in(database, keys, now) -> None:
    made = await talk(database, keys, now)
    moment = now
    for _ in range(12):
        moment += timedelta(hours=8)
        async with database.begin() as tx:
            conversation = await conversations.lock(tx, keys, made.id)
            assert conversation
            assert conversation.state == {"a": 1}
            await conversations.save(tx, conversation, moment)
        await retention.run(database, keys, moment)
    with pytest.raises(KeyGone):
        keys.open_data_key(made.key.epoch, made.key.wrapped, conversations._key_place(made.id))


async def test_digests_keep_a_message_from_being_played_again_for_sixty_days(database, keys, now) -> None:
    async with database.begin() as tx:
        conversation = await conversations.admit(tx, keys, "sms", "+1", now)
        row = await inbox.accept(tx, keys, conversation, "m1", {"text": "a"}, now)
        await inbox.done(tx, row)
    await retention.run(database, keys, now + timedelta(days=60))
    assert await count(database, seen) == 1
    await retention.run(database, keys, now + timedelta(days=61))
    assert await count(database, seen) == 0


async def test_ids_of_sent_replies_go_after_two_days_though_the_conversation_goes_on(database, keys, now) -> None:
    made = await talk(database, keys, now)
    async with database.begin() as tx:
        first, _ = await outbox.put(tx, made, [{"text": "1"}, {"text": "2"}], now)
        await outbox.sent(tx, {first: ["a"]})
    await talk(database, keys, now + timedelta(hours=20))
    await talk(database, keys, now + timedelta(hours=40))
    await retention.run(database, keys, now + timedelta(hours=48))
    assert await count(database, outbox_table) == 2
    await retention.run(database, keys, now + timedelta(hours=48) + SECOND)
    async with database.begin() as tx:
        assert (await tx.execute(select(outbox_table.c.status))).scalars().all() == ["waiting"]


async def test_failed_jobs_go_after_a_week_and_waiting_ones_never(database, keys, now) -> None:
    async with database.begin() as tx:
        for status in ("failed", "succeeded", "todo"):
            job = (
                "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('q', 't', :status) RETURNING id"
            )
            (id,) = (await tx.execute(text(job), {"status": status})).one()
            event = "INSERT INTO procrastinate_events (job_id, type, at) VALUES (:id, 'deferred', :at)"
            await tx.execute(text("DELETE FROM procrastinate_events WHERE job_id = :id"), {"id": id})
            await tx.execute(text(event), {"id": id, "at": now})
    statuses = text("SELECT status::text FROM procrastinate_jobs ORDER BY id")
    week = timedelta(days=7)
    for age, left in ((week - SECOND, ["failed", "succeeded", "todo"]), (week, ["todo"]), (100 * week, ["todo"])):
        await retention.run(database, keys, now + age)
        async with database.begin() as tx:
            assert (await tx.execute(statuses)).scalars().all() == left


async def test_notices_go_a_month_after_they_were_sent_and_reports_stay(database, keys, now) -> None:
    sealed = b"age-encryption.org/v1\n"
    async with database.begin() as tx:
        for id in (b"r" * 16, b"s" * 16):
            await reports.file(tx, id, sealed, {}, ["coat"], "P1", False, now.date(), None, id)
        done = await deliveries.plan(tx, b"r" * 16, "coat", now)
        await deliveries.plan(tx, b"s" * 16, "coat", now)
        await deliveries.delivered(tx, done, now)
    await retention.run(database, keys, now + timedelta(days=30))
    assert await count(database, delivery_table) == 2
    await retention.run(database, keys, now + timedelta(days=31))
    assert await count(database, delivery_table) == 1
    assert await count(database, report_table) == 2


async def test_former_keys_of_handles_go_a_day_after_they_were_replaced(database, keys, tmp_path) -> None:
    keys.handle_marks(b"")
    rotation.handles(tmp_path / "keys")
    replaced = datetime.now(UTC)
    await retention.run(database, keys, replaced + timedelta(hours=23))
    assert len(keys.handle_marks(b"")) == 2
    await retention.run(database, keys, replaced + timedelta(hours=25))
    assert len(keys.handle_marks(b"")) == 1


async def test_pseudonym_keys_go_after_the_next_month(database, keys, now) -> None:
    name = keys.pseudonym("sms", "+1", now)
    await retention.run(database, keys, datetime(2026, 12, 31, tzinfo=UTC))
    assert keys.earlier_pseudonyms("sms", "+1", datetime(2026, 12, 31, tzinfo=UTC)) == [name]
    await retention.run(database, keys, datetime(2027, 1, 1, tzinfo=UTC))
    assert keys.earlier_pseudonyms("sms", "+1", datetime(2026, 12, 31, tzinfo=UTC)) == []


async def test_erasing_twice_erases_nothing_more(database, keys, now) -> None:
    await talk(database, keys, now)
    await retention.run(database, keys, now + timedelta(days=2))
    assert set((await retention.run(database, keys, now + timedelta(days=2))).values()) == {0}

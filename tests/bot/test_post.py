"""What is sent after a turn: in order, at least once, until it is taken or parked."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import post
from bot.channels import Outgoing
from bot.post import BACKOFF
from storage import conversations, outbox, queue
from tests.bot.test_metrics import value
from tests.channels.platforms.phone import Phone
from tests.channels.platforms.telegram import TelegramPhone
from tests.engine import Engine
from tests.house import House, furnished

SLOWEST_SEND = 20  # seconds that one call to a platform may take
NOTHING = "outbox HAVING count(*) FILTER (WHERE status = 'waiting') = 0"


async def failing(house: House, phone: Phone, failure: str, times: int = 1) -> list[str]:
    """What had arrived when the answer to "1" failed in this way."""
    await phone.say("hola")
    await house.quiet()
    seen = len(phone.seen)
    house.telegram.fail(failure, "sendMessage", times)  # type: ignore[arg-type]
    await phone.say("1")
    await until(house, "outbox WHERE attempts > 0 OR status = 'parked'")
    return [one.text for one in phone.seen[seen:]]


async def until(house: House, rows: str) -> None:
    async with asyncio.timeout(20):
        while not await house.count(rows):
            await asyncio.sleep(0.02)


async def seconds_to_wait(house: House) -> float:
    async with house.service.database.begin() as tx:
        due = await tx.scalar(text("SELECT due FROM outbox WHERE attempts > 0"))
    assert due is not None
    return float((due - house.clock()).total_seconds())


async def hurry(house: House, rows: str = NOTHING) -> None:
    """What waits for a later time is due now; returns when there is such a row."""
    async with house.service.database.begin() as tx:
        await tx.execute(text("UPDATE outbox SET due = now() WHERE status = 'waiting'"))
        await tx.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"))
    await until(house, rows)


def sends(house: House, outcome: str) -> float:
    return value(house.service.metrics.text(), "faro_sends_total", channel="telegram", outcome=outcome)


async def test_a_throttled_message_waits_as_long_as_the_platform_asks(house: House) -> None:
    phone = await house.phone("telegram")
    assert await failing(house, phone, "throttled") == []
    assert 5 < await seconds_to_wait(house) <= 7
    await hurry(house)
    assert phone.seen[-1].buttons == ("Sí, 18 o más", "No, menos de 18", "Prefiero no decir")


async def test_nothing_overtakes_a_message_that_waits(house: House) -> None:
    """Not the rest of its own turn, and not the answer to what the person says meanwhile."""
    phone = await house.phone("telegram")
    await failing(house, phone, "down")
    seen = len(phone.seen)
    async with house.service.database.begin() as tx:
        await tx.execute(text("UPDATE outbox SET due = now() + interval '5 minutes' WHERE attempts > 0"))
    await phone.say("1")
    await until(house, "outbox WHERE due < now() AND attempts = 0 AND status = 'waiting' HAVING count(*) > 3")
    assert len(phone.seen) == seen
    await hurry(house)
    late = [one.text for one in phone.seen[seen:]]
    assert [line[:12] for line in late[:3]] == ["Gracias. Le ", "Le responde ", "Sobre este c"]
    assert late[-1].startswith("Sobre el viaje")
    assert len(late) == len(set(late)) == 5


async def test_a_message_that_may_have_been_taken_comes_again(house: House) -> None:
    """A question twice is better than silence."""
    phone = await house.phone("telegram")
    assert len(await failing(house, phone, "cut")) == 1
    await hurry(house)
    texts = [one.text for one in phone.seen]
    assert texts.count(texts[2]) == 2
    assert all(texts.count(other) == 1 for other in texts if other != texts[2])


@pytest.mark.parametrize(("channel", "times"), [("web", 1), ("telegram", 2)])
async def test_a_batch_whose_sender_died_before_it_noted_that_it_was_sent_comes_to_a_page_once(
    tmp_path: Path, database_url: str, engine: Engine, channel: str, times: int
) -> None:
    """And to a platform again, which has nothing to know it by."""
    async with furnished(tmp_path, database_url, engine, works=False) as house:
        phone, service, now = await house.phone(channel), house.service, house.clock()
        bodies = [
            {"do": "say", "address": phone.address, "piece": Outgoing(said).to_json()} for said in ("a", "b", "b")
        ]
        async with service.database.begin() as tx:
            conversation = await conversations.admit(tx, service.keys, channel, phone.address, now)
            handed = await outbox.hand(tx, conversation, bodies, now, post.LEASE)
        for _ in range(2):
            await post.send_now(service, post.Posting(conversation.id, channel, handed.rows))
        await house.quiet()
        assert [one.text for one in phone.seen] == ["a", "b", "b"] * times


async def test_to_a_person_who_blocked_us_nothing_more_is_tried(house: House) -> None:
    phone = await house.phone("telegram")
    assert isinstance(phone, TelegramPhone)
    await phone.say("hola")
    await house.quiet()
    phone.blocked = True
    await phone.say("1")
    await until(house, "outbox WHERE status = 'parked'")
    await until(house, NOTHING)
    assert len([call for call in house.telegram.calls if call.path.endswith("/sendMessage")]) == 3
    assert sends(house, "unreachable") == 1


async def test_after_the_last_try_a_message_is_parked_and_the_next_ones_go_out(house: House) -> None:
    phone = await house.phone("telegram")
    await failing(house, phone, "down", times=len(BACKOFF) + 1)
    for attempt in range(2, len(BACKOFF) + 1):
        await hurry(house, f"outbox WHERE attempts = {attempt} AND reason = 'platform_down'")
    assert await house.count("outbox WHERE status = 'parked'") == 0
    await hurry(house)
    assert await house.count("outbox WHERE status = 'parked' AND reason = 'platform_down'") == 1
    assert [one.text[:12] for one in phone.seen[2:]] == ["Le responde ", "Sobre este c", "Para hablarl"]
    assert [sends(house, outcome) for outcome in ("sent", "again", "parked")] == [5, len(BACKOFF), 1]


async def test_each_try_waits_longer_than_the_one_before(house: House) -> None:
    phone = await house.phone("telegram")
    await failing(house, phone, "down", times=2)
    assert 0 < await seconds_to_wait(house) <= BACKOFF[0]
    await hurry(house, "outbox WHERE attempts = 2 AND reason = 'platform_down'")
    assert BACKOFF[0] < await seconds_to_wait(house) <= BACKOFF[1]
    assert list(BACKOFF) == sorted(BACKOFF)


def test_a_sender_gives_up_its_batch_before_its_lease_ends() -> None:
    """So that nobody else sends the rest too."""
    assert timedelta(seconds=post.BATCH_SECONDS + SLOWEST_SEND) <= post.LEASE
    assert post.BATCH_SECONDS < queue.STALLED_SECONDS  # also of a sender that is cut off, and taken for dead

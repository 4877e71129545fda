"""What a delivery leaves in the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.channels import Incoming, Receipt, Received
from bot.errors import Refused, Unreachable
from bot.ingest import ingest
from storage import conversations, outbox
from storage.errors import ConversationGone
from tests.engine import Engine
from tests.house import House, furnished


@pytest.fixture
async def door(tmp_path: Path, database_url: str, engine: Engine) -> AsyncIterator[House]:
    """A house without a worker: what came in stays as it came."""
    async with furnished(tmp_path, database_url, engine, works=False) as house:
        yield house


def message(number: str, address: str = "5") -> Incoming:
    return Incoming(number, address, "text", "hola")


async def take(house: House, *messages: Incoming, receipts: tuple[Receipt, ...] = ()) -> None:
    await ingest(house.service, house.service.channels.on["telegram"], Received(messages, receipts))


async def turns(house: House) -> int:
    return await house.count("procrastinate_jobs WHERE queue_name = 'turns'")


async def test_a_message_is_sealed_and_queued_once(door: House) -> None:
    await take(door, message("1"), message("2"))
    await take(door, message("1"))
    assert (await door.count("inbox"), await turns(door), await door.count("conversations")) == (2, 2, 1)


async def test_two_persons_have_two_conversations(door: House) -> None:
    await take(door, message("1"), message("2", "6"))
    assert await door.count("conversations") == 2


async def test_a_repeated_message_of_somebody_who_left_begins_nothing(door: House) -> None:
    await take(door, message("1"))
    async with door.service.database.begin() as tx:
        keys, now = door.service.keys, door.clock()
        await conversations.erase(tx, (await conversations.admit(tx, keys, "telegram", "5", now)).id)
    await take(door, message("1"))
    assert (await door.count("conversations"), await door.count("inbox")) == (0, 0)


async def test_a_conversation_that_goes_in_the_same_instant_is_begun_anew(
    door: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    admit, tries = conversations.admit, []

    async def gone_once(*given: object) -> conversations.Conversation:
        tries.append(1)
        if len(tries) == 1:
            raise ConversationGone
        return await admit(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(conversations, "admit", gone_once)
    await take(door, message("1"))
    assert len(tries) == 2
    assert await turns(door) == 1


async def sent(house: House) -> None:
    """One message that the platform knows as `SM1`, and one that still waits."""
    async with house.service.database.begin() as tx:
        somebody = await conversations.admit(tx, house.service.keys, "telegram", "5", house.clock())
        first, _ = await outbox.put(tx, somebody, [{"n": 1}, {"n": 2}], house.clock())
        await outbox.sent(tx, {first: ["SM1"]})


async def test_a_final_receipt_deletes_the_platforms_copy(door: House) -> None:
    await sent(door)
    await take(door, receipts=(Receipt("SM1", final=True),))
    assert await door.count("copies WHERE ids = ARRAY['SM1'] AND channel = 'telegram'") == 1


async def test_a_receipt_of_a_message_on_its_way_changes_nothing(door: House) -> None:
    await sent(door)
    await take(door, receipts=(Receipt("SM1", final=False),))
    assert await door.count("copies") == 0


@pytest.mark.parametrize(("error", "waiting"), [(Unreachable("blocked"), 0), (Refused("filtered"), 1)])
async def test_a_person_who_can_not_be_reached_gets_nothing_more(door: House, error: Exception, waiting: int) -> None:
    await sent(door)
    await take(door, receipts=(Receipt("SM1", final=False, failed=error),))
    assert await door.count("outbox WHERE status = 'waiting'") == waiting


async def test_a_receipt_of_a_message_that_nobody_knows_changes_nothing(door: House) -> None:
    await sent(door)
    await take(door, receipts=(Receipt("SM9", final=False, failed=Unreachable("blocked")),))
    assert await door.count("outbox WHERE status = 'waiting'") == 1

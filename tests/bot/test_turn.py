"""One message becomes its effects once, in one transaction; whatever fails, nothing of it has happened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import turn
from bot.errors import EngineDown, MediaDown
from bot.placements import COLUMNS, NAME
from bot.post import send_now
from storage import conversations, queue
from tests.channels.platforms.telegram import TelegramPhone
from tests.engine import Engine
from tests.house import House, furnished
from tests.processes import Held, holding
from tests.samples import picture_with_place, program


@pytest.fixture
async def desk(tmp_path: Path, database_url: str, engine: Engine) -> AsyncIterator[House]:
    """A house without a worker: turns are taken by hand."""
    async with furnished(tmp_path, database_url, engine, works=False) as house:
        yield house


async def waiting(house: House) -> list[tuple[bytes, int]]:
    """Conversation and number of each message that waits for its turn, oldest first."""
    async with house.service.database.begin() as tx:
        rows = await tx.exec_driver_sql("SELECT conversation, id FROM inbox WHERE parked IS NULL ORDER BY id")
        return [(bytes(conversation), number) for conversation, number in rows]


async def take(house: House) -> None:
    """The oldest message, as the worker does."""
    (message, *_) = await waiting(house)
    posting = await turn.take(house.service, *message)
    if posting:
        await send_now(house.service, posting)


async def state(house: House, conversation: bytes) -> dict[str, object] | None:
    async with house.service.database.begin() as tx:
        locked = await conversations.lock(tx, house.service.keys, conversation)
        return locked.state if locked else None


async def test_a_message_is_taken_once(desk: House) -> None:
    phone = desk.telegram.phone()
    await phone.say("hola")
    (message,) = await waiting(desk)
    posting = await turn.take(desk.service, *message)
    assert posting
    assert [row.body["do"] for row in posting.rows] == ["say", "say"]
    assert await turn.take(desk.service, *message) is None
    assert await waiting(desk) == []


async def test_a_turn_that_fails_leaves_everything_as_it_was(tmp_path: Path, database_url: str, engine: Engine) -> None:
    away = Engine("http://127.0.0.1:9", engine.token, 0, engine.log)
    async with furnished(tmp_path, database_url, away, works=False) as house:
        await house.telegram.phone().say("hola")
        (message,) = await waiting(house)
        with pytest.raises(EngineDown):
            await turn.take(house.service, *message)
        assert await waiting(house) == [message]
        assert await state(house, message[0]) is None
        assert await house.count("outbox") == 0


async def test_a_turn_that_is_given_up_parks_the_message_keeps_its_words_and_brings_numbers(desk: House) -> None:
    phone = desk.telegram.phone()
    await phone.say("me deben cinco meses de pago")
    (message,) = await waiting(desk)
    posting = await turn.give_up(desk.service, *message, "engine_down")
    assert posting
    await send_now(desk.service, posting)
    assert ": 123" in phone.seen[0].text
    assert await desk.count("inbox WHERE parked = 'engine_down'") == 1
    assert "me deben cinco meses de pago" in str(await state(desk, message[0]))
    assert await turn.take(desk.service, *message) is None


async def test_copies_of_what_is_parked_go_too_and_those_of_files_stay_while_it_is_kept(desk: House) -> None:
    phone = desk.twilio.whatsapp()
    await phone.say("hola")
    await phone.attach(picture_with_place(), "image/jpeg")
    for message in await waiting(desk):
        await turn.give_up(desk.service, *message, "engine_down")
    assert await desk.count("inbox WHERE parked IS NOT NULL") == 2
    assert await desk.count(f"copies WHERE due <= '{desk.clock().isoformat()}'") == 1
    day = (desk.clock() + conversations.LIFE).isoformat()
    assert await desk.count(f"copies WHERE due <= '{day}'") == 2


async def test_a_tapped_button_is_acknowledged_first(desk: House) -> None:
    phone = desk.telegram.phone()
    await phone.say("hola")
    await take(desk)
    await phone.tap("Sí, puedo")
    (message,) = await waiting(desk)
    posting = await turn.take(desk.service, *message)
    assert posting
    assert posting.rows[0].body["do"] == "acknowledge"
    await send_now(desk.service, posting)
    assert len(desk.telegram.answered) == 1


async def test_an_exit_leaves_a_key_that_holds_no_more_than_the_last_messages(desk: House) -> None:
    phone = desk.telegram.phone()
    for line in ("hola", "1"):
        await phone.say(line)
        await take(desk)
    before = len(phone.lines)
    await phone.say("SALIR")
    ((conversation, number),) = await waiting(desk)
    posting = await turn.take(desk.service, conversation, number)
    assert posting
    assert posting.conversation_id != conversation
    assert [row.body["do"] for row in posting.rows] == ["erase", "say", "forget"]
    assert len(posting.rows[0].body["ids"]) == before + 1
    assert await state(desk, conversation) is None
    await send_now(desk.service, posting)
    assert await desk.count("conversations") == 0


async def test_where_the_platform_deletes_nothing_an_exit_only_says_its_word(desk: House) -> None:
    phone = desk.twilio.whatsapp()
    await phone.say("hola")
    await take(desk)
    await phone.say("SALIR")
    (message,) = await waiting(desk)
    posting = await turn.take(desk.service, *message)
    assert posting
    assert [row.body["do"] for row in posting.rows] == ["say", "forget"]


async def test_a_person_who_blocked_us_is_forgotten_without_a_word(desk: House) -> None:
    phone = desk.telegram.phone()
    await phone.say("hola")
    await take(desk)
    await phone.block()
    (message,) = await waiting(desk)
    assert await turn.take(desk.service, *message) is None
    assert [await desk.count(table) for table in ("conversations", "inbox", "outbox")] == [0, 0, 0]


async def test_replies_go_behind_those_that_wait(desk: House) -> None:
    phone = desk.telegram.phone()
    await phone.say("hola")
    (message,) = await waiting(desk)
    await turn.take(desk.service, *message)  # leased, and not sent yet
    await phone.say("1")
    (message,) = await waiting(desk)
    assert await turn.take(desk.service, *message) is None
    assert await desk.count(f"procrastinate_jobs WHERE task_name = '{queue.SEND}'") == 1


async def test_a_platform_that_does_not_give_the_file_is_asked_again_and_then_it_is_told(desk: House) -> None:
    phone = desk.telegram.phone()
    await phone.say("hola")
    await take(desk)
    await phone.photo(picture_with_place())
    desk.telegram.fail("down", "file", 2)
    (message,) = await waiting(desk)
    with pytest.raises(MediaDown):
        await turn.take(desk.service, *message)
    assert await waiting(desk) == [message]
    assert await turn.take(desk.service, *message, last_try=True)
    assert await desk.count("attachments") == 0


async def test_nothing_is_fetched_while_somebody_reads_along(desk: House) -> None:
    phone = desk.telegram.phone()
    assert isinstance(phone, TelegramPhone)
    for line in ("hola", "me miran"):
        await phone.say(line)
        await take(desk)
    desk.telegram.calls.clear()
    await phone.photo(picture_with_place(), "mira")
    await take(desk)
    assert [call.path.rpartition("/")[2] for call in desk.telegram.calls] == ["sendMessage"]
    assert await desk.count("attachments") == 0


async def test_what_is_no_file_for_us_is_said_kindly(desk: House) -> None:
    phone = desk.telegram.phone()
    await phone.say("hola")
    await take(desk)
    await phone.attach(program(), "application/x-msdownload")
    await take(desk)
    assert phone.seen[2].text.startswith("No puedo recibir ese tipo de archivo.")
    assert phone.seen[-1].buttons


async def test_while_a_file_is_fetched_no_transaction_stands_open(desk: House) -> None:
    phone, held = desk.telegram.phone(), Held()
    await phone.say("hola")
    await take(desk)
    await phone.photo(picture_with_place())
    holding(desk.telegram, held, "/file/")
    held.hold()
    taking = asyncio.create_task(take(desk))
    async with asyncio.timeout(10):
        await held.reached.wait()
    assert await desk.count("pg_stat_activity WHERE datname = current_database() AND xact_start < now()") == 0
    held.let_go()
    await taking
    assert await desk.count("attachments") == 1


def carded(tmp_path: Path, *destinations: str) -> None:
    """A list of cards, the first one `7K3M9`, of people who speak English."""
    rows = [f"{code},Avianca A320,BOG-MAD,{destination},en es,1000,2027-12-31"
            for code, destination in zip(("7K3M9", "V9FTH"), destinations, strict=False)]  # fmt: skip
    (tmp_path / NAME).write_text("\n".join([",".join(COLUMNS), *rows]))


@pytest.mark.parametrize("said", ["VIAJE 7K3M9", "7k3m9"])
async def test_the_text_of_a_card_begins_a_talk_and_is_no_word_of_the_person(
    tmp_path: Path, database_url: str, engine: Engine, said: str
) -> None:
    carded(tmp_path, "ES")
    async with furnished(tmp_path, database_url, engine, works=False) as house:
        phone = house.twilio.sms()
        await phone.say(said)
        ((conversation, _),) = await waiting(house)
        await take(house)
        begun = await state(house, conversation)
        assert begun
        assert (begun["placement"], begun["story"], begun["mode"]) == ("7K3M9", [], "open")
        assert begun["language"] == ("es" if "VIAJE" in said else "en")  # the word tells it, else the card
        assert phone.seen[-1].text.endswith("3 No estoy a solas" if "VIAJE" in said else "3 I am not alone")


async def test_in_the_middle_of_a_talk_a_code_alone_is_what_the_person_says(
    tmp_path: Path, database_url: str, engine: Engine
) -> None:
    carded(tmp_path, "ES", "FR")
    async with furnished(tmp_path, database_url, engine, works=False) as house:
        phone = house.twilio.sms()
        for line in ("VIAJE 7K3M8", "1", "1", "3"):  # mistyped: a greeting
            await phone.say(line)
            ((conversation, _),) = await waiting(house)
            await take(house)
        begun = await state(house, conversation)
        assert begun
        assert (begun["placement"], begun["story"]) == ("", [])
        for line, placement in (("7K3M9", ""), ("viaje v9fth", "V9FTH")):
            await phone.say(line)
            await take(house)
            later = await state(house, conversation)
            assert later
            assert later["placement"] == placement
            assert [said["text"] for said in later["story"]] == ["7K3M9"]

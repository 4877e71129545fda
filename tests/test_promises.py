"""What must never happen (design, section 5), each as a test that fails if it happens."""

from __future__ import annotations

import asyncio
import io
import re
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from bot.channels import Incoming
from bot.conversation import Talk
from bot.effects import Leave
from storage import queue
from storage.database import libpq_url, migrate
from storage.embedded import start_embedded
from tests.channels.platforms.telegram import TelegramPhone
from tests.engine import Engine
from tests.house import UNITS, House, furnished
from tests.processes import Held, holding
from tests.promises import (
    MARKS,
    PLAN,
    QUESTIONS,
    ROOT,
    TO_CONSENT,
    TO_STORY,
    WHOLE,
    away,
    files_with,
    previewed,
    reviewed,
    shown,
    sql,
    tell,
    titles,
    until,
)
from tests.samples import HIDDEN, picture_with_place

# S1


async def test_S1_a_message_that_can_not_be_committed_is_not_answered_as_received(house: House) -> None:
    """The platform delivers it again, and then it is taken, once."""
    phone = await house.phone("telegram")
    await sql(house, "ALTER TABLE seen RENAME TO hidden")
    assert await phone.say("hola") >= 500
    await sql(house, "ALTER TABLE hidden RENAME TO seen")
    assert await phone.repeat() == 200
    await house.quiet()
    assert await phone.repeat() == 200
    await house.quiet()
    assert len(phone.seen) == 2


async def test_S1_a_report_is_with_the_officers_before_the_person_is_told_so(house: House) -> None:
    phone = await house.phone("telegram")
    there: list[int] = []
    receive = phone.receive

    def looking(seen: Any) -> None:
        with psycopg.connect(libpq_url(house.service.settings.database_url)) as connection:
            row = connection.execute("SELECT count(*) FROM reports").fetchone()
        if "quedó recibido" in seen.text:
            there.append(row[0] if row else 0)
        receive(seen)

    phone.receive = looking  # type: ignore[method-assign]
    await tell(house, phone, WHOLE)
    assert there == [1]
    assert len(await house.reports("coat")) == 1


async def test_S1_an_engine_that_is_away_loses_no_word(house: House, engine: Engine) -> None:
    """Numbers, not silence; the message is set aside where an operator sees it, and its words go to the officers."""
    phone = await house.phone("telegram")
    await tell(house, phone, [*TO_CONSENT, "2", "saltar"])
    with away(house):
        await phone.say("aquí trabaja también Bajamar")
        await house.quiet(60)
    assert "no puedo responder" in phone.seen[-1].text
    assert re.search(r": \d", phone.seen[-1].text)
    assert await house.count("inbox WHERE parked IS NOT NULL") == 1
    await tell(house, phone, [*QUESTIONS[1:], *TO_STORY, "saltar", "2", "3"])
    assert b"Bajamar" in (await house.reports("coat"))[0].parts["report.json"]


# S2


async def test_S2_no_word_is_in_any_file_or_log(engine: Engine, capfd: Any, logged: io.StringIO) -> None:
    """Whole conversations with a picture, reports and an exit; then the data folder with the database's journal."""
    # A short path, for the database's socket, which other users may pass through.
    with tempfile.TemporaryDirectory(prefix="faro-") as place:
        folder = Path(place)
        server = start_embedded(folder)
        try:
            migrate(server.url)
            async with furnished(folder, server.url, engine) as house:
                await _whole_life(house)
            with psycopg.connect(libpq_url(server.url), autocommit=True) as connection:
                connection.execute("CHECKPOINT")
            assert len(files_with(folder, ["COAT", "procrastinate_jobs"])) > 1, "the search finds what is there"
            assert files_with(folder, [*MARKS, HIDDEN.decode()]) == []
        finally:
            server.stop()
    assert engine.log.name == "null" or files_with(engine.log.parent, MARKS) == []
    said = logged.getvalue() + "".join(capfd.readouterr())
    assert [mark for mark in MARKS if mark in said] == []


async def _whole_life(house: House) -> None:
    for channel in ("telegram", "whatsapp"):
        phone = await house.phone(channel)
        await tell(house, phone, WHOLE[: -len(PLAN)])
        await phone.photo(picture_with_place(), "mire a Bajamar")
        await house.quiet()
        await tell(house, phone, [*PLAN, "auxilio Quintopelo me pega", "y Morrocoy también"])
    assert len(await house.reports("coat")) == 6
    last = await house.phone("telegram")
    await tell(house, last, [*TO_CONSENT, "2", "sí, Quintopelo", "SALIR"])
    await house.telegram.deliver({"update_id": 1, "message": {"text": "Zarzamora", "chat": 7}})


# S3


@pytest.fixture
async def keyless(tmp_path: Path, database_url: str, engine: Engine) -> AsyncIterator[House]:
    """No unit at home has an officer."""
    async with furnished(tmp_path, database_url, engine, units={"fiscalia-es": UNITS["fiscalia-es"]}) as house:
        yield house


async def test_S3_without_a_key_no_report_is_accepted_and_the_numbers_are_shown(keyless: House) -> None:
    phone = await keyless.phone("telegram")
    await tell(keyless, phone, WHOLE)
    assert "no se pudo recibir" in shown(phone)
    assert "quedó recibido" not in shown(phone)
    assert "123" in phone.seen[-1].text
    assert await keyless.count("reports") == 0


async def test_S3_in_danger_too_nobody_is_told_that_something_was_sent(keyless: House) -> None:
    phone = await keyless.phone("telegram")
    await tell(keyless, phone, ["auxilio me pegan", "estoy en Morrocoy"])
    assert "123" in phone.seen[0].text
    assert "También se envió" not in shown(phone)
    assert "personas autorizadas, cifrado" not in shown(phone)
    assert await keyless.count("reports") == 0


async def test_S3_without_a_roster_no_report_is_accepted(house: House) -> None:
    phone = await house.phone("telegram")
    await tell(house, phone, WHOLE[:-1])
    house.service.settings.roster_file.unlink()
    await tell(house, phone, WHOLE[-1:])
    assert "no se pudo recibir" in shown(phone)
    assert await house.count("reports") == 0


# S4


async def test_S4_nothing_follows_an_exit_not_even_what_waited(house: House) -> None:
    phone = await house.phone("telegram")
    await tell(house, phone, ["hola"])
    house.telegram.fail("throttled", "sendMessage")
    await phone.say("1")
    await until(house, "outbox WHERE reason = 'throttled'")
    before = len(phone.seen)
    await tell(house, phone, ["SALIR"])
    await sql(house, "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
    await house.quiet()
    assert [seen.text for seen in phone.seen[before:]] == ["Listo. Que tenga un buen viaje."]
    assert [await house.count(table) for table in ("conversations", "inbox", "outbox", "attachments")] == [0] * 4


async def test_S4_a_message_that_is_being_sent_is_the_last_one_before_an_exit(house: House) -> None:
    """Its batch is in a sender's hands while the person leaves: the rest of it stays there."""
    phone, held = await house.phone("telegram"), Held()
    await tell(house, phone, ["hola"])
    house.telegram.fail("throttled", "sendMessage")
    await phone.say("1")
    await until(house, "outbox WHERE reason = 'throttled'")
    before = len(phone.seen)
    holding(house.telegram, held)
    held.hold()
    await sql(house, "UPDATE outbox SET due = now()")
    await sql(house, "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
    async with asyncio.timeout(20):
        await held.reached.wait()
    await phone.say("SALIR")
    await until(house, "conversations WHERE state IS NULL")
    held.let_go()
    await house.quiet()
    late = [seen.text for seen in phone.seen[before:]]
    assert len(late) == 2
    assert "Listo. Que tenga un buen viaje." in late


async def test_S4_faro_never_writes_first(house: House) -> None:
    """Whatever time passes, whatever upkeep runs: open questions, a pause, a contact plan bring no message."""
    phones = [await house.phone("telegram") for _ in range(3)]
    for phone, lines in zip(phones, (WHOLE, TO_CONSENT, ["hola", "1", "pausa"]), strict=True):
        await tell(house, phone, lines)
    before = [len(phone.seen) for phone in phones]
    for ahead in (timedelta(minutes=20), timedelta(hours=5), timedelta(days=3)):
        house.clock.ahead = ahead
        async with house.service.database.begin() as tx:
            await queue.sweep(tx, house.clock())
        await house.quiet()
    assert [len(phone.seen) for phone in phones] == before


# S5


async def test_S5_every_word_that_goes_out_is_of_the_reviewedpreviewed(house: House) -> None:
    """So nothing that a person wrote can come back, whoever reads the chat later."""
    known = reviewed()
    for channel in ("telegram", "whatsapp", "sms", "web"):
        phone = await house.phone(channel)
        await tell(house, phone, [*WHOLE[: -len(PLAN)], "¿qué escribí antes de Morrocoy?", "repite Bajamar Tolondro"])
        await phone.photo(picture_with_place(), "Peliagudo")
        await house.quiet()
        await tell(house, phone, [*PLAN, "Zarzamora otra vez", "auxilio Quintopelo me pega", "SALIR"])
        said = set(re.findall(r"[^\W\d_]{4,}", " ".join((shown(phone), *titles(phone))).lower()))
        assert len(said) > 100
        assert said - known == set(), channel


# S6


@pytest.mark.parametrize("state", ["unchecked", "stale", "unsourced"])
async def test_S6_a_number_that_nobody_checked_is_not_shown(
    tmp_path: Path, database_url: str, engine: Engine, state: str
) -> None:
    today = datetime.now(UTC).date()
    verified_on = {"unchecked": "", "stale": str(today - timedelta(days=91)), "unsourced": str(today)}[state]
    async with furnished(
        tmp_path, database_url, engine, verified_on=verified_on, confidence=_CONFIDENCE[state]
    ) as house:
        phone = await house.phone("telegram")
        await tell(house, phone, ["auxilio me pegan", "seguir", "1", "1", "persona"])
        assert re.findall(r"\d{3,}", shown(phone)) == []
        assert shown(phone).count("no tengo un número") == 2


_CONFIDENCE = {"unchecked": "found_in_source", "stale": "found_in_source", "unsourced": "unverified"}


# S7

TABLES = ("conversations", "inbox", "seen", "outbox", "procrastinate_jobs WHERE queue_name <> 'upkeep'")


async def test_S7_a_forged_delivery_leaves_no_trace(tmp_path: Path, database_url: str, engine: Engine) -> None:
    async with furnished(tmp_path, database_url, engine, works=False) as house:
        house.telegram.secret = "somebody-elses"
        assert await house.telegram.phone().say("hola Zarzamora") == 403
        house.twilio.public_url = "https://somebody.example"
        for phone in (house.twilio.whatsapp(), house.twilio.sms()):
            assert await phone.say("hola Zarzamora") == 403
        assert [await house.count(table) for table in TABLES] == [0] * len(TABLES)


@pytest.mark.parametrize("channel", ["telegram", "whatsapp", "sms", "web"])
async def test_S7_a_replayed_delivery_changes_nothing_not_even_after_an_exit(house: House, channel: str) -> None:
    phone = await house.phone(channel)
    await tell(house, phone, ["hola", "1"])
    before = len(phone.seen)
    assert await phone.repeat() < 300
    await house.quiet()
    await tell(house, phone, ["SALIR"])
    assert await phone.repeat() < 300
    await house.quiet()
    assert len(phone.seen) == before + 1
    assert await house.count("conversations") == 0


# S8

MODES = {
    "first": [],
    "gate": ["hola"],
    "age": ["hola", "1"],
    "consent": TO_CONSENT,
    "yes_no": [*TO_CONSENT, "1", "saltar"],
    "multi": [*TO_CONSENT, "1", *QUESTIONS[:-1]],
    "one_more": [*TO_CONSENT, "1", *QUESTIONS[:-1], "1"],
    "own_words": [*TO_CONSENT, "1", *QUESTIONS, *TO_STORY],
    "contact_plan": [*TO_CONSENT, "2", *QUESTIONS, *TO_STORY, "saltar", "2", "1"],
    "paused": ["hola", "1", "pausa"],
    "cover": ["hola", "1", "me miran"],
    "danger": ["auxilio me pegan"],
    "refused": [*TO_CONSENT, "4"],
}


def _exit_words() -> list[str]:
    files = sorted((ROOT / "nlu" / "data").glob("*/safety.yml"))
    assert len(files) >= 2
    words = [str(word) for file in files for word in yaml.safe_load(file.read_text(encoding="utf-8"))["exit"]]
    variants = [form for word in words for form in (word, word.upper(), word.lower(), f"  {word}. ", f"¡{word}!")]
    return list(dict.fromkeys([*variants, "sálir", "Sàir", "ＳＡＬＩＲ"]))


@pytest.mark.parametrize("language", ["es", "en"])
async def test_S8_every_exit_word_works_in_every_state(house: House, language: str) -> None:
    """The real responder with the real engine; what a word leads to is looked at in each state, in each form."""
    respond, now = house.service.respond, datetime.now(UTC)
    words = _exit_words()
    assert len(words) > 50
    for mode, lines in MODES.items():
        talk = Talk.begin("telegram", Incoming("1", "5", "text"), language, now)
        for line in lines:
            await respond(talk, Incoming("1", "5", "text", line), False, now)
        for word in words:
            for silent in (False, True):
                then = Talk.from_json(talk.to_json())
                (effect,) = await respond(then, Incoming("1", "5", "text", word), silent, now)
                assert isinstance(effect, Leave), (mode, word)
                assert effect.word is not None, (mode, word)


async def test_S8_an_exit_word_works_while_the_engine_is_away(house: House) -> None:
    phone = await house.phone("telegram")
    await tell(house, phone, ["hola", "1"])
    with away(house):
        await tell(house, phone, ["0"])
    assert phone.screen == ["Listo. Que tenga un buen viaje."]


async def test_S8_an_exit_word_works_in_an_edited_message_and_in_a_caption(house: House) -> None:
    for way in ("edit", "caption"):
        phone = await house.phone("telegram")
        assert isinstance(phone, TelegramPhone)
        await tell(house, phone, ["hola", "1"])
        await (phone.edit("Salir") if way == "edit" else phone.photo(picture_with_place(), "salir"))
        await house.quiet()
        assert phone.screen == ["Listo. Que tenga un buen viaje."], way


# S9


async def test_S9_an_error_that_nobody_foresaw_is_logged_and_the_message_stays(
    house: House, logged: io.StringIO
) -> None:
    phone = await house.phone("telegram")
    await tell(house, phone, ["hola"])
    await sql(house, "UPDATE conversations SET state = state || '\\x00'")
    await phone.say("1")
    await until(house, "procrastinate_jobs WHERE status = 'failed'")
    assert await house.count("inbox") == 1
    assert "Tampered" in logged.getvalue() or "procrastinate" in logged.getvalue()


# S10

REVEALING = re.compile(
    r"trata|trafic|tráfic|v[ií]ctim|explot|exploit|denunci|polic|fiscal|coat|rescat|rescue|delito|crime|esclav|slav"
    r"|secuestr|captor|report|refug|asyl|asilo|migra",
    re.IGNORECASE,
)


@pytest.mark.parametrize("channel", ["telegram", "whatsapp", "sms", "terminal", "web"])
@pytest.mark.parametrize(("language", "hello"), [("es", "hola"), ("en", "hello there")])
async def test_S10_the_first_messages_reveal_nothing(
    tmp_path: Path, database_url: str, engine: Engine, channel: str, language: str, hello: str
) -> None:
    async with furnished(tmp_path, database_url, engine, practice=channel == "terminal") as house:
        phone = await house.phone(channel, language)
        await tell(house, phone, [hello])
        assert len(phone.seen) >= 2
        assert REVEALING.findall(" ".join((shown(phone), *titles(phone)))) == []
        assert REVEALING.search("trata de personas")


def test_S10_no_preview_of_any_text_reveals_anything() -> None:
    """A push message shows about 40 characters."""
    texts = [
        text
        for file in (ROOT / "nlu" / "data").glob("*/say.yml")
        for text in previewed(yaml.safe_load(file.read_text()))
    ]
    assert len(texts) > 200
    assert [text[:40] for text in texts if REVEALING.search(text[:40])] == []

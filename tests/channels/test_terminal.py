"""The terminal as a channel, with a terminal on the loopback."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import replace

import orjson
import pytest

from bot.channels import MEDIA_LIMIT, Button, Delivery, Media, Outgoing
from bot.channels.terminal import SIGNATURE, Terminal, sign
from bot.errors import Forged, Malformed, MaybeSent, MediaRefused, TooBig, Unreachable
from tests.channels.kit import HOSTILE, WORDS
from tests.channels.platforms.phone import Seen
from tests.channels.platforms.server import Call, Loopback, Reply
from tests.channels.platforms.terminal import TerminalPhone

TOKEN = "between-us"


@pytest.fixture
async def terminal() -> AsyncIterator[Terminal]:
    channel = Terminal(TOKEN)
    await channel.start()
    yield channel
    await channel.close()


@pytest.fixture
async def person() -> AsyncIterator[TerminalPhone]:
    async with TerminalPhone("http://gateway", TOKEN) as phone:
        yield phone


def delivery(value: object, token: str = TOKEN) -> Delivery:
    body = value if isinstance(value, bytes) else orjson.dumps(value)
    return Delivery("/webhooks/terminal", "/webhooks/terminal", {SIGNATURE: sign(token, body)}, body)


def line(**more: object) -> dict[str, object]:
    return {"id": "a1", "port": 40123, **more}


def test_words_a_choice_and_a_file_arrive_as_they_were_sent() -> None:
    channel = Terminal(TOKEN)
    (said,) = channel.read(delivery(line(text=WORDS, language="es"))).messages
    assert (said.kind, said.text, said.address, said.language, said.thread) == ("text", WORDS, "40123", "es", ("a1",))
    (chosen,) = channel.read(delivery(line(choice="Q3=yes"))).messages
    assert (chosen.kind, chosen.choice) == ("choice", "Q3=yes")
    (sent,) = channel.read(delivery(line(file="eA==", media_type="image/jpeg", text="mira"))).messages
    assert (sent.kind, sent.media[0].media_type, sent.text) == ("media", "image/jpeg", "mira")


def test_what_another_token_signed_is_refused() -> None:
    genuine = delivery(line(text=WORDS))
    for headers in ({}, {SIGNATURE: ""}, {SIGNATURE: "ñ"}, {SIGNATURE: genuine.headers[SIGNATURE][:-1] + "0x"}):
        with pytest.raises(Forged):
            Terminal(TOKEN).read(replace(genuine, headers=headers))
    for forged in (delivery(line(text=WORDS), "another"), replace(genuine, body=genuine.body + b" ")):
        with pytest.raises(Forged):
            Terminal(TOKEN).read(forged)


def test_hostile_bodies_are_malformed_and_not_quoted() -> None:
    odd = [line(), line(text="x", port="../1"), {"port": 1, "text": "x"}, [WORDS], WORDS]
    for body in [*HOSTILE, *odd]:
        with pytest.raises(Malformed) as caught:
            Terminal(TOKEN).read(delivery(body))
        assert "Zarzamora" not in str(caught.value)


async def test_a_message_with_its_buttons_stands_on_the_screen(terminal: Terminal, person: TerminalPhone) -> None:
    (piece,) = terminal.compose(Outgoing(WORDS, (Button("Sí", "Q3=yes"),), "utter_ask_Q3", "es"))
    ids = await terminal.send(person.address, piece)
    assert person.seen == [Seen(WORDS, ("Sí",))]
    assert len(ids) == 1


async def test_an_exit_clears_the_screen(terminal: Terminal, person: TerminalPhone) -> None:
    await terminal.send(person.address, Outgoing(WORDS))
    await terminal.erase(person.address, ("a", "b"))
    assert (person.screen, person.erased) == ([], ["a", "b"])
    await terminal.acknowledge("x")


async def test_a_program_that_has_ended_is_unreachable(terminal: Terminal) -> None:
    with pytest.raises(Unreachable):
        await terminal.send("9", Outgoing("hola"))


class Broken(Loopback):
    async def answer(self, call: Call) -> Reply:
        return Reply(cut=True) if call.path == "/" else Reply()


async def test_a_connection_that_breaks_may_have_brought_the_message(terminal: Terminal) -> None:
    broken = Broken()
    await broken.start()
    with pytest.raises(MaybeSent):
        await terminal.send(broken.url.rpartition(":")[2], Outgoing("hola"))
    await broken.close()


async def test_whoever_does_not_take_the_signature_is_not_our_program(terminal: Terminal) -> None:
    async with TerminalPhone("http://gateway", "another") as stranger:
        with pytest.raises(Unreachable):
            await terminal.send(stranger.address, Outgoing(WORDS))
        assert stranger.seen == []


async def test_a_file_comes_with_its_message(terminal: Terminal) -> None:
    data = bytes(range(256))
    (sent,) = terminal.read(delivery(line(file=base64.b64encode(data).decode(), media_type="image/jpeg"))).messages
    assert await terminal.fetch(sent.media[0]) == data
    with pytest.raises(MediaRefused):
        await terminal.fetch(Media("inline:no base64!", "image/jpeg"))
    with pytest.raises(MediaRefused):
        await terminal.fetch(Media("inline:é", "image/jpeg"))
    with pytest.raises(TooBig):
        await terminal.fetch(Media("inline:" + base64.b64encode(bytes(MEDIA_LIMIT + 1)).decode(), "image/jpeg"))


async def test_there_is_nothing_to_check(terminal: Terminal) -> None:
    assert [finding.ok for finding in await terminal.check()] == [True]

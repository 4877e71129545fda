"""What every channel must do. A channel's test gives a `Rig` and inherits `ChannelKit`; see test_telegram.py."""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

import pytest

from bot import log
from bot.channels import MEDIA_LIMIT, Button, Channel, Delivery, Incoming, Media, Outgoing, Received
from bot.errors import (
    FaroError,
    FetchError,
    Forged,
    Malformed,
    MaybeSent,
    MediaDown,
    MediaRefused,
    PlatformDown,
    SendError,
    Throttled,
    TooBig,
    Unreachable,
)
from tests.channels.platforms.phone import Collect, Phone
from tests.channels.platforms.server import Failure

WORDS = "Zarzamora 417 me quitó el pasaporte"  # must be nowhere but in the message


class Platform(Protocol):
    """What the channel reaches over the loopback, and can fail."""

    def fail(self, what: Failure, name: str, times: int = 1) -> None: ...

    async def close(self) -> None: ...


@dataclass
class Rig:
    """A channel wired to its platform on the loopback, with a timeout short enough to wait for."""

    channel: Channel
    platform: Platform
    phone: Phone
    gate: Collect
    secrets: tuple[str, ...]  # must be in no log and no error
    sends: str  # the platform's name of sending, for failures
    files: str  # … and of fetching; empty where a file comes with its message
    limit: int  # characters of one message
    sign: Callable[[bytes], Delivery]  # makes a genuine delivery of any body
    forge: Callable[[Delivery], list[Delivery]]  # makes deliveries that are not genuine
    nothing: list[Delivery] = field(default_factory=list)  # genuine ones that say nothing to us
    waits: float = 7  # seconds that a throttled message is to wait
    buttons: int = 0  # most choices shown as buttons; more are numbered
    lost_address: str = ""  # nobody's
    long_address: str = ""  # the longest that the platform gives

    def hear(self) -> Received:
        return self.channel.read(self.gate.take())

    def heard(self) -> Incoming:
        (message,) = self.hear().messages
        return message

    async def say(self, message: Outgoing) -> tuple[str, ...]:
        ids: list[str] = []
        for piece in self.channel.compose(message):
            ids += await self.channel.send(self.phone.address, piece)
        await self.phone.look()
        return tuple(ids)


def choices(count: int) -> tuple[Button, ...]:
    return tuple(Button(f"Opción {n}", f"option_{n}") for n in range(1, count + 1))


HOSTILE = [
    b"",
    b"\x00",
    b"\xff\xfe\xfd",
    b"null",
    b"[]",
    b"[" * 100_000,
    b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    b"x" * 3_000_000,
    b"%ff=%fe&Body=%c3%28",
    b"&" * 200_000,
    b"a=1&" * 20_000,
    b'{"update_id":1,"message":7}',
    b'{"update_id":"1","message":{"message_id":1,"date":1,"chat":{"id":5,"type":"private"},"text":{"a":1}}}',
    b'{"update_id":1,"message":{"message_id":[],"date":1,"chat":{"id":5,"type":"private"},"text":"a"}}',
    b'{"update_id":1,"message":{"message_id":1,"date":99999999999999999,"chat":{"id":5,"type":"private"},"text":"a"}}',
    b'{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":"../5","type":"private"},"text":"a"}}',
    b'{"update_id":1,"callback_query":{"id":"1","from":{"id":1,"is_bot":false,"first_name":"a"},"data":[1]}}',
    b"MessageSid=..%2f..&From=a&To=b&Body=c&AccountSid=AC",
]


class ChannelKit:
    """Inherit, and give the fixture `rig`."""

    # Is it genuine?

    async def test_a_forged_delivery_is_refused(self, rig: Rig) -> None:
        await rig.phone.say(WORDS)
        genuine = rig.gate.take()
        assert rig.channel.read(genuine).messages
        forgeries = rig.forge(genuine)
        assert len(forgeries) >= 4
        for forged in forgeries:
            with pytest.raises(Forged):
                rig.channel.read(forged)

    async def test_hostile_bodies_raise_only_errors_with_a_name(self, rig: Rig) -> None:
        for body in HOSTILE:
            for delivery in (rig.sign(body), *rig.forge(rig.sign(body))):
                with suppress(Forged, Malformed):
                    rig.channel.read(delivery)

    async def test_damaged_bodies_raise_only_errors_with_a_name(self, rig: Rig) -> None:
        await rig.phone.photo(b"x", WORDS)
        body = rig.gate.take().body
        chance, read = Random(7), 0
        for _ in range(500):
            damaged = bytearray(body)
            for _ in range(chance.randint(1, 4)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            with suppress(Forged, Malformed):
                rig.channel.read(rig.sign(bytes(damaged)))
                read += 1
        assert 0 < read < 500

    async def test_an_error_about_a_body_does_not_quote_it(self, rig: Rig) -> None:
        for body in (WORDS.encode(), b'{"update_id":1,"message":{"text":"' + WORDS.encode() + b'"}}'):
            with pytest.raises(FaroError) as caught:
                rig.channel.read(rig.sign(body))
            assert_clean("".join(traceback.format_exception(caught.value)), rig)

    # What was said?

    @pytest.mark.parametrize("text", [WORDS, "sí", "1", '/inform{"age":1}', "a\nb", "😀 ñ á", "  x"])
    async def test_words_arrive_as_they_were_written(self, rig: Rig, text: str) -> None:
        await rig.phone.say(text)
        heard = rig.heard()
        assert (heard.kind, heard.text, heard.address) == ("text", text, rig.phone.address)

    async def test_a_repeated_delivery_has_the_same_message_id_and_another_message_has_another(self, rig: Rig) -> None:
        await rig.phone.say("uno")
        await rig.phone.repeat()
        await rig.phone.say("uno")
        first, again, other = rig.heard(), rig.heard(), rig.heard()
        assert first == again
        assert first.message_id != other.message_id

    async def test_deliveries_that_say_nothing_to_us_are_answered_and_forgotten(self, rig: Rig) -> None:
        assert rig.nothing
        for delivery in rig.nothing:
            received = rig.channel.read(delivery)
            assert not received.messages
            assert 200 <= received.status < 300

    async def test_a_place_arrives_as_latitude_and_longitude(self, rig: Rig) -> None:
        await rig.phone.place(4.711, -74.0721)
        heard = rig.heard()
        assert heard.kind == "location"
        assert [float(part) for part in heard.text.split(",")] == [4.711, -74.0721]

    async def test_an_incoming_survives_being_stored(self, rig: Rig) -> None:
        await rig.phone.photo(b"x", "con palabras")
        heard = rig.heard()
        assert Incoming.from_json(heard.to_json()) == heard

    async def test_the_longest_address_comes_back_unchanged(self, rig: Rig) -> None:
        phone = rig.phone
        phone.address = rig.long_address or phone.address
        await phone.say("hola")
        assert rig.heard().address == phone.address

    # Telling.

    async def test_a_long_text_is_split_and_nothing_is_lost(self, rig: Rig) -> None:
        text = "\n\n".join(f"Frase {n} con algunas palabras." for n in range(rig.limit * 3 // 30))
        await rig.say(Outgoing(text, choices(2)))
        pieces = [seen.text for seen in rig.phone.seen]
        assert len(pieces) >= 3
        assert all(len(piece) <= rig.limit for piece in pieces)
        shown = "".join("".join(pieces).split())
        assert "".join(text.split()) in shown if rig.buttons < 2 else "".join(text.split()) == shown

    async def test_a_text_without_any_pause_is_split_too(self, rig: Rig) -> None:
        await rig.say(Outgoing("x" * (rig.limit * 2 + 5)))
        assert "".join(seen.text for seen in rig.phone.seen) == "x" * (rig.limit * 2 + 5)

    @pytest.mark.parametrize("count", [1, 2, 3, 4, 10, 12])
    async def test_a_tap_brings_back_the_value_of_the_button(self, rig: Rig, count: int) -> None:
        buttons = choices(count)
        await rig.say(Outgoing("¿Cuál?", buttons, "utter_ask_Q3", "es"))
        for number, button in enumerate(buttons, 1):
            await rig.phone.tap(number)
            heard = rig.heard()
            if count <= rig.buttons:
                assert (heard.kind, heard.choice) == ("choice", button.value)
            else:
                assert (heard.kind, heard.text) == ("text", str(number))

    async def test_choices_that_are_numbered_show_number_and_title(self, rig: Rig) -> None:
        await rig.say(Outgoing("¿Cuál?", choices(12)))
        seen = rig.phone.seen[-1]
        assert len(seen.buttons) == 12 if rig.buttons >= 12 else ("12" in seen.text and not seen.buttons)

    async def test_every_message_sent_has_an_id(self, rig: Rig) -> None:
        ids = await rig.say(Outgoing("hola " * rig.limit))
        assert len(ids) == len(set(ids)) == len(rig.phone.seen)

    # What goes wrong.

    @pytest.mark.parametrize(
        ("failure", "error"),
        [("throttled", Throttled), ("blocked", Unreachable), ("down", PlatformDown), ("lost", MaybeSent),
         ("cut", MaybeSent)],
    )  # fmt: skip
    async def test_a_failure_has_its_name(self, rig: Rig, failure: Failure, error: type[SendError]) -> None:
        rig.platform.fail(failure, rig.sends)
        with pytest.raises(error) as caught:
            await rig.say(Outgoing(WORDS))
        assert_clean("".join(traceback.format_exception(caught.value)), rig)
        await rig.say(Outgoing("otra vez"))
        assert rig.phone.seen[-1].text == "otra vez"

    async def test_a_throttled_message_says_how_long_to_wait(self, rig: Rig) -> None:
        rig.platform.fail("throttled", rig.sends)
        with pytest.raises(Throttled) as caught:
            await rig.say(Outgoing("hola"))
        assert caught.value.after == rig.waits

    async def test_an_address_that_is_nobodys_is_refused_for_good(self, rig: Rig) -> None:
        with pytest.raises(SendError) as caught:
            await rig.channel.send(rig.lost_address, Outgoing("hola"))
        assert not caught.value.retry

    async def test_a_platform_that_is_not_there_is_down(self, rig: Rig) -> None:
        await rig.platform.close()
        with pytest.raises(PlatformDown):
            await rig.say(Outgoing(WORDS))

    async def test_nothing_secret_and_no_word_is_logged(self, rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
        lines = io.StringIO()
        with listening(caplog, lines):
            await rig.phone.say(WORDS)
            heard = rig.heard()
            await rig.say(Outgoing(WORDS, choices(2), "utter_ask_Q3", "es"))
            for failure in ("throttled", "blocked", "down", "lost", "cut"):
                rig.platform.fail(failure, rig.sends)  # type: ignore[arg-type]
                with pytest.raises(SendError) as caught:
                    await rig.say(Outgoing(WORDS))
                log.failure("send", caught.value)
            await rig.phone.photo(b"x" * 99)
            await rig.channel.fetch(rig.heard().media[0])
            await rig.channel.erase(rig.phone.address, heard.thread)
            await rig.channel.check()
        assert_clean(caplog.text + lines.getvalue(), rig)

    # Attachments.

    async def test_an_attachment_is_fetched_as_it_was_sent(self, rig: Rig) -> None:
        for send in (rig.phone.photo, rig.phone.voice):
            await send(bytes(range(256)) * 40)
            (media,) = rig.heard().media
            assert await rig.channel.fetch(media) == bytes(range(256)) * 40

    async def test_an_attachment_above_the_limit_is_refused_by_name(self, rig: Rig) -> None:
        await rig.phone.attach(bytes(MEDIA_LIMIT + 1), "application/pdf")
        with pytest.raises(TooBig):
            await rig.channel.fetch(rig.heard().media[0])

    async def test_an_attachment_that_is_gone_is_refused(self, rig: Rig) -> None:
        await rig.phone.photo(b"x")
        media = rig.heard().media[0]
        with pytest.raises(MediaRefused):
            await rig.channel.fetch(Media(media.id + "0", "image/jpeg"))

    async def test_an_attachment_may_be_asked_for_again_when_the_platform_is_down(self, rig: Rig) -> None:
        await rig.phone.photo(b"x")
        media = rig.heard().media[0]
        if rig.files:
            rig.platform.fail("down", rig.files)
            with pytest.raises(MediaDown) as caught:
                await rig.channel.fetch(media)
            assert_clean("".join(traceback.format_exception(caught.value)), rig)
        else:
            await rig.platform.close()
        assert await rig.channel.fetch(media) == b"x"

    @pytest.mark.parametrize(
        "where", ["http://169.254.169.254/latest", "file:///etc/passwd", "//evil.example/x", "\x00"]
    )
    async def test_an_attachment_elsewhere_is_never_fetched(self, rig: Rig, where: str) -> None:
        with pytest.raises(FetchError) as caught:
            await rig.channel.fetch(Media(where, "image/jpeg"))
        assert isinstance(caught.value, MediaRefused)

    # Looking after it.

    async def test_a_check_of_a_platform_that_is_not_there_raises_nothing(self, rig: Rig) -> None:
        await rig.platform.close()
        findings = await rig.channel.check()
        assert findings
        assert not all(finding.ok for finding in findings)
        assert all(finding.ok or finding.remedy for finding in findings)


class listening:
    """Every logger at its most talkative under our configuration: what still gets through is what operators get."""

    def __init__(self, caplog: pytest.LogCaptureFixture, lines: io.StringIO) -> None:
        self._caplog, self._lines = caplog, lines

    def __enter__(self) -> None:
        root = logging.getLogger()
        self._handlers, self._level = root.handlers[:], root.level
        log.configure(self._lines)
        root.addHandler(self._caplog.handler)
        root.setLevel(logging.DEBUG)

    def __exit__(self, *_: Any) -> None:
        root = logging.getLogger()
        root.handlers[:], root.level = self._handlers, self._level


def assert_clean(text: str, rig: Rig) -> None:
    for secret in (*rig.secrets, "Zarzamora", "417", "pasaporte"):
        assert secret not in text, "a secret or a word got through"

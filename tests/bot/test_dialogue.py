"""The engine's HTTP, as the worker sees it: what it answers, and every way in which it does not."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.dialogue import Engine as EngineClient
from bot.errors import EngineDown, EngineRefused, StateOfAnotherModel
from tests.channels.platforms.server import Call, Loopback, Reply, json_reply
from tests.engine import Engine
from tests.house import House

START = {"intent": "start"}


class Double(Loopback):
    """An engine that answers as it is told."""

    reply = Reply()

    async def answer(self, call: Call) -> Reply:
        return self.reply


@pytest.fixture
async def double() -> AsyncIterator[Double]:
    platform = Double()
    await platform.start()
    yield platform
    await platform.close()


async def ask(url: str, token: str = "x", *, model: str | None = None) -> object:
    async with EngineClient((url,), token) as client:
        return await client.ask(START, state=None, model=model, language="es", channel="telegram")


async def test_the_real_engine_answers_with_texts_buttons_and_a_state(engine: Engine) -> None:
    async with EngineClient((engine.url,), engine.token) as client:
        reply = await client.ask(START, state=None, model=None, language="es", channel="telegram")
        assert await client.ready()
    assert reply.asks == "safe"
    assert reply.slots == {}
    assert [button["value"] for button in reply.replies[-1]["buttons"]] == ["ready", "not_now", "watched"]


async def test_the_real_engine_refuses_a_wrong_token_and_the_state_of_another_model(engine: Engine) -> None:
    with pytest.raises(EngineRefused):
        await ask(engine.url, "wrong")
    with pytest.raises(StateOfAnotherModel):
        await ask(engine.url, engine.token, model="of-last-year")


async def test_no_engine_is_an_engine_that_may_come_back() -> None:
    with pytest.raises(EngineDown) as caught:
        await ask("http://127.0.0.1:9")
    assert caught.value.retry
    async with EngineClient(("http://127.0.0.1:9",), "x") as client:
        assert not await client.ready()


async def test_an_engine_that_does_not_answer_is_passed_over(engine: Engine) -> None:
    async with EngineClient(("http://127.0.0.1:9", engine.url), engine.token) as client:
        for _ in range(4):
            reply = await client.ask(START, state=None, model=None, language="es", channel="telegram")
            assert reply.asks == "safe"
        assert await client.ready()


async def test_an_engine_that_did_not_answer_is_asked_last_for_a_while(
    double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is cut off refuses nothing: every second turn would wait for it."""
    async with EngineClient(["http://127.0.0.1:1", double.url, "http://127.0.0.1:2"], "x") as client:
        assert client._line() == [0, 1, 2]
        assert client._line() == [1, 2, 0]
        client._failed = {0: time.monotonic(), 2: time.monotonic()}
        assert [client._line()[0] for _ in range(3)] == [1, 1, 1]
        assert sorted(client._line()) == [0, 1, 2]
        monkeypatch.setattr("bot.dialogue.PASSED_OVER_SECONDS", 0.0)
        assert {client._line()[0] for _ in range(3)} == {0, 1, 2}


@pytest.mark.parametrize(
    "reply",
    [Reply(500, b'{"error": "ValueError"}'), Reply(400), Reply(200, b"not json"), json_reply({}), json_reply([]),
     json_reply({"model": "m", "state": None}), json_reply({"model": "m", "state": {}, "replies": 7})],
)  # fmt: skip
async def test_an_answer_that_is_no_turn_is_refused_without_its_words(double: Double, reply: Reply) -> None:
    double.reply = reply
    with pytest.raises(EngineRefused) as caught:
        await ask(double.url)
    assert not caught.value.retry
    assert "ValueError" not in str(caught.value)


@pytest.mark.parametrize("reply", [Reply(cut=True), Reply(never=True)])
async def test_an_engine_that_breaks_off_is_down(double: Double, reply: Reply, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.dialogue.TIMEOUT", aiohttp.ClientTimeout(total=0.2))
    double.reply = reply
    with pytest.raises(EngineDown):
        await ask(double.url)


async def test_after_a_new_model_the_question_is_asked_again_and_nothing_is_lost(house: House) -> None:
    phone = await house.phone("telegram")
    for line in ("hola", "1", "1"):
        await phone.say(line)
        await house.quiet()
    engine = house.service.engine
    asked = engine.ask

    async def as_of_another(message: object, *, model: str | None, **rest: object) -> object:
        return await asked(message, model="of-last-year" if model else None, **rest)  # type: ignore[arg-type]

    engine.ask = as_of_another  # type: ignore[method-assign, assignment]
    before = len(phone.seen)
    await phone.say("en la finca de los Bajamar, arriba")
    await house.quiet()
    del engine.ask
    assert [seen.buttons[0] for seen in phone.seen[before:]] == ["Aún no he salido"]
    for line in ("3", "1", "1", "saltar", "2", "2", "2", "2", "2", "4", "2", "10", "2", "saltar", "saltar", "5"):
        await phone.say(line)
        await house.quiet()
    (report,) = await house.reports("coat")
    assert b"la finca de los Bajamar" in report.parts["report.json"]

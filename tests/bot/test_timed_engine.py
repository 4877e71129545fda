from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.errors import EngineDown, EngineRefused, FaroError, StateOfAnotherModel
from bot.metrics import Metrics
from bot.timed_engine import TimedEngine
from tests.bot.test_metrics import value
from tests.engine import Engine, free_port

MESSAGE = {"text": "hola"}


async def ask(url: str, token: str, metrics: Metrics, model: str | None = None) -> None:
    async with TimedEngine([url], token, metrics) as engine:
        await engine.ask(MESSAGE, state=None, model=model, language="es", channel="sms")


async def test_a_question_that_was_answered_is_measured(engine: Engine) -> None:
    metrics = Metrics()
    await ask(engine.url, engine.token, metrics)
    assert value(metrics.text(), "faro_engine_call_seconds_count", outcome="answered") == 1
    assert 0 < value(metrics.text(), "faro_engine_call_seconds_sum", outcome="answered") < 5


@pytest.fixture
async def stubborn() -> AsyncIterator[str]:
    """Something that speaks HTTP and refuses: 409 to those who name a model, else 422."""

    async def turn(request: web.Request) -> web.Response:
        return web.Response(status=409 if (await request.json())["model"] else 422)

    app = web.Application()
    app.router.add_post("/webhooks/turns/turn", turn)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.parametrize(
    ("model", "error", "outcome"),
    [("m", StateOfAnotherModel, "other_model"), (None, EngineRefused, "refused")],
)
async def test_a_refusal_is_measured_by_its_kind(
    stubborn: str, model: str | None, error: type[FaroError], outcome: str
) -> None:
    metrics = Metrics()
    with pytest.raises(error):
        await ask(stubborn, "t", metrics, model)
    assert value(metrics.text(), "faro_engine_call_seconds_count", outcome=outcome) == 1


async def test_engines_that_do_not_answer_are_measured_too() -> None:
    metrics = Metrics()
    with pytest.raises(EngineDown):
        await ask(f"http://127.0.0.1:{free_port()}", "t", metrics)
    assert value(metrics.text(), "faro_engine_call_seconds_count", outcome="down") == 1

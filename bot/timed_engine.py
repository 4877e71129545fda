"""The engines, with every question to them measured."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, override

from bot.dialogue import Engine, Reply
from bot.errors import EngineRefused, StateOfAnotherModel
from bot.metrics import Metrics


class TimedEngine(Engine):
    """Asks as `Engine` does; how long it took goes to the metrics, by what became of it."""

    def __init__(self, urls: Sequence[str], token: str, metrics: Metrics) -> None:
        super().__init__(urls, token)
        self._metrics = metrics

    @override
    async def ask(self, message: Mapping[str, Any], *, state: Mapping[str, Any] | None, model: str | None,
                  language: str, channel: str) -> Reply:  # fmt: skip
        begun, outcome = time.monotonic(), "down"
        try:
            reply = await super().ask(message, state=state, model=model, language=language, channel=channel)
            outcome = "answered"
            return reply
        except StateOfAnotherModel:
            outcome = "other_model"
            raise
        except EngineRefused:
            outcome = "refused"
            raise
        finally:
            self._metrics.observe("faro_engine_call_seconds", time.monotonic() - begun, outcome=outcome)

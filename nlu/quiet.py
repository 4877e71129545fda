"""Keeps what people write out of every log: Rasa writes messages to structlog, which `logging` does not silence."""

from __future__ import annotations

import logging
import os
import warnings
from typing import Any, NoReturn

QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "SANIC_ACCESS_LOG": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "OMP_NUM_THREADS": "1",
}


def environment() -> None:
    """To be called before Rasa is imported."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)


def mute() -> None:
    """Drop every log line and warning of this process. Called before Rasa is imported and again once the model is
    loaded, because Rasa configures structlog itself in between."""
    import structlog

    def drop(*_: Any) -> NoReturn:
        raise structlog.DropEvent

    structlog.configure(
        processors=[drop], cache_logger_on_first_use=False, wrapper_class=structlog.make_filtering_bound_logger(50)
    )
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")

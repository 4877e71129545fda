"""The only logger. It takes an event's name and codes; it can't be given text."""

from __future__ import annotations

import logging
import re
import sys
from typing import override

import orjson

# What a code looks like: identifiers, error codes, hexadecimal ids, durations. No space, no "+", no "@":
# neither a sentence, nor a telephone number, nor an address passes.
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]{0,95}")
_LOGGER = logging.getLogger("faro")

# Libraries that print addresses, tokens or message text below this level.
_FOREIGN = ("httpx", "httpcore", "telegram", "twilio", "aiohttp", "asyncio", "procrastinate", "sqlalchemy",
            "psycopg", "alembic", "uvicorn", "uvicorn.error", "uvicorn.access", "PIL",
            "multipart", "python_multipart")  # fmt: skip


def event(name: str, /, **codes: int | float | bool | str | None) -> None:
    """Writes one line. A string that does not look like a code is written as `withheld`."""
    _LOGGER.info(name, extra={"codes": {key: _safe(value) for key, value in codes.items()}})


def failure(name: str, error: BaseException, /, **codes: int | float | bool | str | None) -> None:
    """Writes one line about an error: its type and, for errors of ours, the code. Never its message."""
    event(name, error=type(error).__name__, code=getattr(error, "code", None), **codes)


def configure(stream: object = None) -> None:
    """Sends our events as JSON lines to `stream` (default: stderr), and others' warnings without their message."""
    handler = logging.StreamHandler(stream or sys.stderr)  # type: ignore[arg-type]
    handler.setFormatter(_Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _LOGGER.setLevel(logging.INFO)
    for name in _FOREIGN:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.WARNING)


def _safe(value: int | float | bool | str | None) -> int | float | bool | str | None:
    if isinstance(value, str) and not _CODE.fullmatch(value):
        return "withheld"
    return value


class _Lines(logging.Formatter):
    @override
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {"at": round(record.created, 3), "level": record.levelname.lower()}
        if record.name == "faro":
            line |= {"event": record.msg, **getattr(record, "codes", {})}
        else:
            line |= {"logger": record.name, "where": f"{record.module}:{record.lineno}"}
            if record.exc_info and record.exc_info[0]:
                line["error"] = record.exc_info[0].__name__
        return orjson.dumps(line).decode()

import io
import logging

import orjson
import pytest

from bot import log
from bot.errors import Throttled


@pytest.fixture
def written() -> io.StringIO:
    stream = io.StringIO()
    log.configure(stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize("text", ["me quitaron el pasaporte", "+573001234567", "ana@example.org", "", "a" * 97, "¡no!"])
def test_what_does_not_look_like_a_code_is_withheld(written: io.StringIO, text: str) -> None:
    log.event("turn", said=text)
    assert lines(written)[0]["said"] == "withheld"


def test_codes_and_numbers_are_written(written: io.StringIO) -> None:
    log.event("turn", channel="telegram", attempt=2, done=True)
    assert lines(written)[0] | {"event": "turn", "channel": "telegram", "attempt": 2, "done": True} == lines(written)[0]


def test_an_error_is_written_by_type_and_code_never_by_its_message(written: io.StringIO) -> None:
    log.failure("not_sent", Throttled("429"), channel="sms")
    log.failure("boom", ValueError("me quitaron el pasaporte"))
    assert "pasaporte" not in written.getvalue()
    assert [line["error"] for line in lines(written)] == ["Throttled", "ValueError"]
    assert lines(written)[0]["code"] == "throttled"


def test_other_loggers_lose_their_message_and_keep_their_place(written: io.StringIO) -> None:
    try:
        raise ValueError("secret words")
    except ValueError:
        logging.getLogger("httpx").exception("POST https://api.example/bot123:token with secret words")
    assert "secret" not in written.getvalue()
    assert "token" not in written.getvalue()
    assert lines(written)[0]["error"] == "ValueError"


def test_chatty_libraries_are_silent_below_warning(written: io.StringIO) -> None:
    for name in ("httpx", "telegram.ext.ExtBot", "twilio.http_client", "procrastinate", "sqlalchemy.engine"):
        logging.getLogger(name).info("words")
        logging.getLogger(name).debug("words")
    assert written.getvalue() == ""

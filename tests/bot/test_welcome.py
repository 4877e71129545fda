from pathlib import Path

from bot import welcome
from bot.running import Running
from bot.settings import Settings

SYSTEM = Running("postgresql://u:hidden@/x", ("http://127.0.0.1:1",), "hidden", "127.0.0.1", 8000, 8001)


def told(**given: object) -> str:
    return welcome.text(Settings(_env_file=None, data_dir=Path("var"), **given), SYSTEM)


def test_in_practice_it_shows_how_to_write_and_how_to_open_what_comes_of_it() -> None:
    said = told()
    for command in ("faro talk", "officer list --unit coat", "officer fetch", "officer open", "faro doctor"):
        assert f"./run {command}" in said or f"./run faro {command}" in said
    assert "var/practice/coat.key" in said
    assert "terminal     on" in said
    assert "web          on, under /chat" in said
    assert "console      http://127.0.0.1:8001, for officers" in said
    assert "var/practice/passphrase" in said


def test_with_real_officers_the_terminal_is_off_and_channels_say_why_they_are_off() -> None:
    said = told(roster_keys="aa", telegram_token="1:a", telegram_secret="s")
    assert "practice" not in said.lower()
    assert "telegram     on" in said
    assert "whatsapp     off: FARO_WHATSAPP_SENDER is not set" in said
    assert "terminal     off" in said


def test_a_page_that_is_off_is_told() -> None:
    assert "web          off: FARO_WEB is false" in told(web=False)


def test_no_secret_is_shown() -> None:
    said = told(database_url="postgresql://u:hidden@/x", engine_token="hidden", smtp_url="hidden", roster_keys="a")
    assert "hidden" not in said

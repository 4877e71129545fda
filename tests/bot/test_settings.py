import os
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import Settings, apart, load

TELEGRAM = {"telegram_token": "1:a", "telegram_secret": "s"}
TWILIO = {"twilio_account_sid": "AC1", "twilio_auth_token": "t", "public_url": "https://example.org"}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # no .env here
    for name in [name for name in os.environ if name.startswith("FARO_")]:
        monkeypatch.delenv(name)


def test_with_no_settings_at_all_it_is_practice_with_every_channel_off() -> None:
    settings = load()
    assert settings.practice
    assert not any(settings.complete(channel) for channel in ("telegram", "whatsapp", "sms"))
    assert settings.roster_file == Path("var/practice/roster.json")


def test_directors_keys_end_practice() -> None:
    settings = load(roster_keys="aa,bb")
    assert settings.roster_keys == ("aa", "bb")
    assert not settings.practice
    assert settings.roster_file == Path("var/roster.json")


@pytest.mark.parametrize(
    ("channel", "given"),
    [
        ("telegram", TELEGRAM),
        ("whatsapp", {**TWILIO, "whatsapp_sender": "whatsapp:+1"}),
        ("sms", {**TWILIO, "sms_sender": "+1"}),
    ],
)
def test_a_channel_is_on_with_all_its_settings_and_refused_with_one_missing(
    channel: str, given: dict[str, str]
) -> None:
    assert load(**given).complete(channel)
    for missing in given.keys() - {f"{channel}_sender"} if channel != "telegram" else given.keys():
        with pytest.raises(SettingsError, match=f"FARO_{missing.upper()}"):
            load(**{name: value for name, value in given.items() if name != missing})


def test_polling_needs_no_secret() -> None:
    assert load(telegram_token="1:a", telegram_polling=True).complete("telegram")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FARO_PORT", "eighty-secret"),
        ("FARO_ENGINES", "0"),
        ("FARO_PUBLIC_URL", "ftp://secret"),
        ("FARO_PUBLIC_URL", "secret"),
        ("FARO_DATABASE_URL", "mysql://u:secret@host/x"),
        ("FARO_DATABASE_URL", "postgresql//u:secret@host/x"),
        ("FARO_DATABASE_URL", "postgresql://u:secret"),
        ("FARO_DRAIN_SECONDS", "0"),
        ("FARO_DRAIN_SECONDS", "secret"),
        ("FARO_ENGINE_BOX", "secret"),
        ("FARO_METRICS_PORT", "65001"),
        ("FARO_TELEGRAM_NAME", "@secret"),
        ("FARO_ENGINE_URLS", "http://engine:5005,secret"),
        ("FARO_ENGINE_URLS", "unix:"),
        ("FARO_DATA_DIR", __file__),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_setting_and_not_the_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refusal:
        load()
    assert str(refusal.value).startswith(f"{name}: ")
    assert "\n" not in str(refusal.value)
    assert "secret" not in str(refusal.value)
    assert "Value error" not in str(refusal.value)


def test_a_setting_without_a_value_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(f"FARO_{name.upper()}", "")
    assert len(Settings.model_fields) > 30
    assert load() == Settings.model_construct()


@pytest.mark.parametrize(
    "value", ["console.example", "ftp://a", "https://a/path", "https://a?b", "https://u:p@a", "https://a:x"]
)
def test_where_officers_open_their_door_is_an_address_with_nothing_behind_it(value: str) -> None:
    with pytest.raises(SettingsError, match="FARO_CONSOLE_URL"):
        load(console_url=value)
    assert load(console_url="https://[2001:DB8::1]:443").console_url == "https://[2001:db8::1]"


def test_inner_doors_have_ports_of_their_own() -> None:
    apart(load(metrics_port=7996, workers=2))
    apart(load(metrics_port=8002, workers=64))
    for port in (7997, 8000, 8001):
        with pytest.raises(SettingsError, match=r"FARO_METRICS_PORT: .* FARO_(CONSOLE_)?PORT is among them"):
            apart(load(metrics_port=port, workers=2))


def test_a_file_of_settings_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("FARO_PORT=1\nFARO_WORKERS=3\n")
    monkeypatch.setenv("FARO_PORT", "2")
    assert (load().port, load().workers) == (2, 3)


@pytest.mark.parametrize("url", ["postgresql:///x?host=/run", "postgres://u:p@h:5432/x", "postgresql+psycopg://h/x"])
def test_the_usual_spellings_of_a_database_are_taken(url: str) -> None:
    assert load(database_url=url).database_url == url


def test_addresses_lose_their_last_slash() -> None:
    assert load(public_url="https://example.org/").public_url == "https://example.org"


def test_every_setting_says_what_it_is() -> None:
    fields = Settings.model_fields
    assert len(fields) >= 27
    assert all(field.description and field.description.endswith(".") for field in fields.values())

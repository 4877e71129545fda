"""Every setting: its name, type, default and sentence. Nothing else reads the environment."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsError

type EngineBox = Literal["auto", "require", "off"]

_POSTGRES = frozenset({"postgresql", "postgres", "postgresql+psycopg"})


class Settings(BaseSettings):
    """All settings, from the environment (`FARO_…`) or a file `.env` in the working folder."""

    model_config = SettingsConfigDict(
        env_prefix="FARO_", env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    data_dir: Path = Field(Path("var"), description="Folder for database, keys and logs.")
    host: str = Field("127.0.0.1", description="Address that the public door and the officers' door listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port of the public door.")
    console_port: int = Field(8001, ge=0, le=65535, description="Port of the officers' door.")
    console_url: str = Field(
        "", description="Address under which officers open their door; empty: this machine's own. Their keys sign it."
    )
    public_url: str = Field("", description="Address under which the platforms reach the public door; they sign it.")
    database_url: str = Field("", description="PostgreSQL server; empty: an embedded one in the data folder.")
    engine_urls: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Addresses of running engines, comma between; empty: starts its own."
    )
    engines: int = Field(2, ge=1, le=64, description="How many engines to start, when it starts its own.")
    engine_token: str = Field("", description="Shared word between worker and engine; empty: made in the data folder.")
    engine_box: EngineBox = Field(
        "auto", description="Box of the engines: auto (all that the kernel gives), require (all, or no start), off."
    )
    workers: int = Field(1, ge=1, le=64, description="How many worker processes `serve` starts.")
    drain_seconds: int = Field(
        20, ge=1, le=600, description="How long gateway and worker finish what they have begun, once told to stop."
    )
    metrics_port: int = Field(
        0, ge=0, le=65000, description="Port of the inner door with the metrics; 0: none. Worker n of `serve` adds n."
    )
    metrics_host: str = Field("127.0.0.1", description="Address that the inner door listens on.")

    web: bool = Field(True, description="Let people write on the page of the public door.")

    telegram_token: str = Field("", description="Bot token from BotFather.")
    telegram_secret: str = Field("", description="Secret of the webhook, 1-256 characters A-Z a-z 0-9 _ -.")
    telegram_api_url: str = Field("https://api.telegram.org", description="Origin of the Bot API.")
    telegram_pace: float = Field(
        30, ge=0, description="Messages a second to Telegram, all workers together; 0: no limit."
    )
    telegram_polling: bool = Field(False, description="Ask Telegram for updates; for a machine without public address.")
    telegram_name: str = Field("", description="The bot's user name, for links to it; empty: no link.")

    twilio_account_sid: str = Field("", description="Twilio account, AC….")
    twilio_auth_token: str = Field("", description="Twilio primary auth token; signs the webhooks.")
    twilio_api_url: str = Field("https://api.twilio.com", description="Origin of Twilio's REST API.")
    twilio_content_url: str = Field("https://content.twilio.com", description="Origin of Twilio's Content API.")
    whatsapp_sender: str = Field("", description="WhatsApp sender, whatsapp:+….")
    sms_sender: str = Field("", description="SMS sender, +….")

    roster: str = Field("", description="Signed roster of units and officers; empty: roster.json in the data folder.")
    roster_keys: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Directors' public keys that may sign the roster, comma between; empty: practice mode."
    )
    roster_threshold: int = Field(2, ge=1, le=9, description="How many directors must have signed the roster.")
    smtp_url: str = Field(
        "", description="Mail server for notices to units, smtp://user:password@host:587 or smtps://…."
    )
    mail_from: str = Field("", description="Sender address of notices to units.")
    hotline_days: int = Field(
        90, ge=1, le=3650, description="Days after which a telephone number must be checked again."
    )
    exit_url: str = Field("https://www.wikipedia.org/", description="Bland public page that people leave to.")

    pace: int = Field(
        30, ge=0, le=10_000, description="Messages a minute that one conversation has answered at once; 0: any number."
    )
    statistics_k: int = Field(
        11, ge=2, le=1000, description="Conversations of a placement in a month below which no number of it is shown."
    )

    @field_validator("*", mode="before")
    @classmethod
    def _unset(cls, value: object, info: ValidationInfo) -> object:
        """A line such as `FARO_PORT=` says nothing: the default holds."""
        return cls.model_fields[str(info.field_name)].default if value == "" else value

    @field_validator("data_dir")
    @classmethod
    def _folder(cls, value: Path) -> Path:
        if value.exists() and not value.is_dir():
            raise ValueError("must be a folder, or one that can be made")
        return value

    @field_validator("telegram_name")
    @classmethod
    def _user_name(cls, value: str) -> str:
        if not re.fullmatch(r"(\w{5,32})?", value, re.ASCII):
            raise ValueError("must be a user name without @, 5 to 32 letters, digits or _")
        return value

    @field_validator("engine_urls", "roster_keys", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("engine_urls")
    @classmethod
    def _engines(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for parts in map(urlsplit, value):
            if not (parts.hostname if parts.scheme in {"http", "https"} else parts.scheme == "unix" and parts.path):
                raise ValueError("must be addresses such as http://engine:5005, comma between")
        return value

    @field_validator("telegram_api_url", "twilio_api_url", "twilio_content_url", "public_url")
    @classmethod
    def _origin(cls, value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be an address such as https://example.org")
        return value.rstrip("/")

    @field_validator("console_url")
    @classmethod
    def _bare_origin(cls, value: str) -> str:
        """As a browser tells it: officers sign it letter by letter."""
        if not value:
            return value
        parts = urlsplit(value)
        bare = parts.scheme in {"http", "https"} and parts.hostname and parts.path in {"", "/"} and not parts.query
        if not bare or parts.fragment or parts.username is not None:
            raise ValueError("must be an address such as https://console.example.org, with nothing behind it")
        usual = {"http": 80, "https": 443}[parts.scheme]
        host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
        return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port and parts.port != usual else "")

    @field_validator("exit_url")
    @classmethod
    def _page(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or not value.isprintable():
            raise ValueError("must be the address of a page, such as https://www.wikipedia.org/")
        return value

    @field_validator("database_url")
    @classmethod
    def _postgres(cls, value: str) -> str:
        try:
            good = not value or (value.partition("://")[0] in _POSTGRES and urlsplit(value).port != 0)
        except ValueError:  # quotes what stands for the port, which may be a piece of the password
            good = False
        if not good:
            raise ValueError("must be an address such as postgresql://user:password@host/name")
        return value

    @property
    def practice(self) -> bool:
        """No directors' keys, no real reports: units and officer keys are made up in the data folder."""
        return not self.roster_keys

    @property
    def roster_file(self) -> Path:
        if self.roster:
            return Path(self.roster)
        return self.data_dir / ("practice" if self.practice else "") / "roster.json"

    def complete(self, channel: str) -> bool:
        """Is this channel on? Raises `SettingsError` when only half of its settings are given."""
        needs = _NEEDS[channel]
        given = [name for name in needs if getattr(self, name)]
        trigger = needs[0]
        if not getattr(self, trigger):
            if channel == "telegram" and given:
                raise SettingsError(f"FARO_{trigger.upper()} is missing while FARO_{given[0].upper()} is set.")
            return False
        missing = [name for name in needs if name not in given]
        if channel == "telegram" and self.telegram_polling:
            missing = []
        if missing:
            raise SettingsError(f"{channel} is half set up: FARO_{missing[0].upper()} is missing.")
        return True


# The first name turns the channel on, the others must then be there too.
_NEEDS: dict[str, tuple[str, ...]] = {
    "telegram": ("telegram_token", "telegram_secret"),
    "whatsapp": ("whatsapp_sender", "twilio_account_sid", "twilio_auth_token", "public_url"),
    "sms": ("sms_sender", "twilio_account_sid", "twilio_auth_token", "public_url"),
}


def apart(settings: Settings) -> None:
    """In `serve` the inner doors of gateway, workers and console stand at ports of their own, one behind the other.
    Raises `SettingsError`."""
    inner = range(settings.metrics_port, settings.metrics_port + settings.workers + 2)
    for name, port in (("FARO_PORT", settings.port), ("FARO_CONSOLE_PORT", settings.console_port)):
        if settings.metrics_port and port in inner:
            raise SettingsError(
                f"FARO_METRICS_PORT: from there on gateway, workers and console need one each; {name} is among them."
            )


def load(**overrides: object) -> Settings:
    """Reads the settings. Raises `SettingsError` with one line that names the setting and never its value."""
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "_".join(str(part) for part in first["loc"][:1])
        what = first["msg"].removeprefix("Value error, ").replace("Input should", "should")
        raise SettingsError(f"FARO_{name.upper()}: {what}") from None
    on = [channel for channel in _NEEDS if settings.complete(channel)]
    if (settings.twilio_account_sid or settings.twilio_auth_token) and not {"whatsapp", "sms"} & set(on):
        raise SettingsError("Twilio is half set up: FARO_WHATSAPP_SENDER or FARO_SMS_SENDER is missing.")
    return settings

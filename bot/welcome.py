"""What `serve` tells once everything is ready: what runs where, which channels are on, and what to type next."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.running import Running
from bot.settings import Settings

SWITCHES: Mapping[str, str] = {
    "telegram": "FARO_TELEGRAM_TOKEN",
    "whatsapp": "FARO_WHATSAPP_SENDER",
    "sms": "FARO_SMS_SENDER",
}

PRACTICE = """
Practice mode: no real officer reads what is written here. Next, in another terminal:
  ./run faro talk                                     write as a person would
  ./run faro officer list --unit coat                 what came of it, without its contents
  ./run faro officer fetch ID --unit coat --out .     the sealed report as a file
  ./run faro officer open ID.age --key {keys}/coat.key --passphrase-file {keys}/passphrase
  … or all of that in a browser, at the console: {keys}/coat.key with the passphrase in {keys}/passphrase
  ./run faro doctor                                   is everything as it should be?"""

REAL = """
Next, in another terminal:
  ./run faro doctor                                   is everything as it should be?
  ./run faro officer list --unit UNIT                 which reports wait"""


def text(settings: Settings, system: Running) -> str:
    own_engines, own_database = not settings.engine_urls, not settings.database_url
    rows = {
        "public door": f"http://{system.host}:{system.port}"
        + (f", reached under {settings.public_url}" if settings.public_url else ""),
        "console": f"http://{system.host}:{system.console_port}, for officers"
        + (f", reached under {settings.console_url}" if settings.console_url else ""),
        "engines": f"{len(system.engine_urls)}, {'own' if own_engines else 'given by FARO_ENGINE_URLS'}",
        "database": f"PostgreSQL in {settings.data_dir}" if own_database else "given by FARO_DATABASE_URL",
        "workers": str(settings.workers),
        **{name: _channel(settings, name) for name in SWITCHES},
        "web": "on, under /chat" if settings.web else "off: FARO_WEB is false",
        "terminal": "on" if settings.practice else "off: real reports do not come from here",
    }
    table = "\n".join(f"  {name:<12} {value}" for name, value in rows.items())
    return f"\nFaro is running.\n{table}\n{_next(settings)}\n\nCtrl-C stops everything.\n"


def _channel(settings: Settings, name: str) -> str:
    return "on" if settings.complete(name) else f"off: {SWITCHES[name]} is not set"


def _next(settings: Settings) -> str:
    keys: Path = settings.data_dir / "practice"
    return PRACTICE.format(keys=keys) if settings.practice else REAL

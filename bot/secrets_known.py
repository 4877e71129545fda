"""Every secret that an installation holds: where it lies, when it is due, and how another takes its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.settings import Settings

YEAR, QUARTER = timedelta(days=365), timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Secret:
    """`files`: pattern in `<data>/keys`. `setting`: its name without FARO_, where it comes from elsewhere. `due`: the
    age to replace it at; None: when somebody else may know it, and not before. `steps`: how, if not by us."""

    name: str
    what: str
    files: str = ""
    setting: str = ""
    due: timedelta | None = None
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """`made`: of the newest file in force; None where only somebody else can know it. `former`: kept beside it."""

    secret: Secret
    there: bool
    made: datetime | None = None
    former: int = 0

    def overdue(self, now: datetime) -> bool:
        return bool(self.secret.due and self.made and now - self.made > self.secret.due)


_RESTART = "Put the new one into .env or your secret store, and restart gateway and worker one after the other."

SECRETS = (
    Secret("sealer", "signs reports and the audit chain", "sealer.key", due=YEAR),
    Secret("pepper", "makes receipt codes", "pepper.key"),
    Secret("handles", "knows the handles of pages that were issued here", "handle.key", due=YEAR),
    Secret("challenges", "knows what officers are given to sign", "console/challenge.key", due=YEAR, steps=(
        "Remove keys/console/challenge.key: every console makes another at once, and no session ends.",
        "Who is just signing in is refused, and tries again.",
        "Who knows it can't sign in with it: that takes an officer's key.",
    )),
    Secret("month", "makes addresses into pseudonyms; another each month by itself", "pseudonyms/*.key"),
    Secret("epoch", "wraps the keys of conversations; another every six hours by itself", "epochs/*.key"),
    Secret("digest", "tells messages that came before; binds memos and cases", "digest.key", steps=(
        "Not replaced, and it makes no address into anything (SECURITY.md says why): with another one",
        "repetitions of up to 60 days ago would count as new messages, memos of receipt",
        "codes would be refused, and a conversation under way would begin a second case. Who knows it and has the",
        "database can tell whether a certain message of a platform came here; nothing opens with it. If it must go:",
        "stop the doors for 24 hours, so that no conversation lives, remove keys/digest.key, start. Codes of before",
        "lead nowhere then.",
    )),
    Secret("engine-token", "lets the worker ask the engine", "engine.token", "engine_token", due=QUARTER, steps=(
        "Set FARO_ENGINE_TOKEN anew for engines and workers, and restart both at once. Messages wait meanwhile.",
    )),
    Secret("telegram-token", "Telegram's Bot API", setting="telegram_token", steps=(
        "BotFather, /revoke: the old one is dead at once. Telegram keeps what people write, and our answers wait.",
        _RESTART,
        "./run faro webhooks, then ./run faro doctor.",
    )),
    Secret("telegram-secret", "proves that a delivery is Telegram's", setting="telegram_secret", steps=(
        "Choose a long random word.",
        _RESTART,
        "./run faro webhooks at once: what Telegram delivers in between is refused, and delivered again by it.",
    )),
    Secret("twilio-token", "Twilio's API, and proves that a delivery is Twilio's", setting="twilio_auth_token", steps=(
        "Twilio's console: make a secondary auth token. Keep the new one ready for .env, and choose a quiet hour.",
        "Promote it: Twilio signs with it from then on.",
        f"{_RESTART} Until then deliveries are refused, and Twilio does not repeat them all: be quick.",
        "./run faro doctor; then look at Twilio's error log for what was refused (11200) in that minute.",
    )),
    Secret("database", "the PostgreSQL server", setting="database_url", steps=(
        "Make a second role with the same rights and a new password: the first goes on working meanwhile.",
        f"FARO_DATABASE_URL with it. {_RESTART}",
        "./run faro doctor; then drop the first role.",
    )),
    Secret("smtp", "the mail server for notices", setting="smtp_url", steps=(
        "Make a second password or account at the mail server; the first goes on working meanwhile.",
        f"FARO_SMTP_URL with it. {_RESTART}",
        "./run faro doctor; then remove the first. Notices that failed meanwhile are sent again.",
    )),
)  # fmt: skip

BY_NAME: Mapping[str, Secret] = {secret.name: secret for secret in SECRETS}


def look(settings: Settings) -> Iterator[Seen]:
    """Each secret as it is here. Nothing is read but names and times."""
    for secret in SECRETS:
        set_elsewhere = bool(secret.setting and getattr(settings, secret.setting))
        files = sorted((settings.data_dir / "keys").glob(secret.files)) if secret.files else []
        if set_elsewhere or not files:
            yield Seen(secret, set_elsewhere)
            continue
        made = datetime.fromtimestamp(max(path.stat().st_mtime for path in files), UTC)
        yield Seen(secret, True, made, len(list(_formers(files))))


def _formers(files: list[Path]) -> Iterator[Path]:
    """Beside `pepper.key` lies `pepper-1.key`; months and epochs have theirs among them."""
    if len(files) == 1 and files[0].parent.name == "keys":
        yield from files[0].parent.glob(f"{files[0].stem}-*.key")
        return
    yield from files[:-1]

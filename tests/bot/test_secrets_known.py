import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import secrets_known
from bot.secrets_known import BY_NAME, SECRETS
from bot.settings import Settings
from storage import rotation
from storage.challenges import Challenges
from storage.keys import KeyRing

NOW = datetime.now(UTC)
# Settings whose value nobody else may know. A new one fails here until `faro keys` knows it.
SECRET_SETTINGS = {"engine_token", "telegram_token", "telegram_secret", "twilio_auth_token", "database_url", "smtp_url"}
NOT_SECRET = {"roster_keys"}  # public halves


def settings(folder: Path, **given: str) -> Settings:
    return Settings(_env_file=None, data_dir=folder, **given)


def seen(folder: Path, name: str, **given: str) -> secrets_known.Seen:
    return {one.secret.name: one for one in secrets_known.look(settings(folder, **given))}[name]


def test_every_setting_that_holds_a_secret_is_known() -> None:
    named = {name for name in Settings.model_fields if any(part in name for part in ("token", "secret", "keys", "url"))}
    addresses = {"public_url", "console_url", "engine_urls", "telegram_api_url", "twilio_api_url", "twilio_content_url",
                 "exit_url"}  # fmt: skip
    assert named - addresses - NOT_SECRET == SECRET_SETTINGS
    assert {secret.setting for secret in SECRETS} - {""} == SECRET_SETTINGS


def test_every_key_file_that_the_ring_makes_is_known(tmp_path: Path) -> None:
    ring = KeyRing.open(tmp_path / "keys")
    ring.sealer_key()
    ring.handle_marks(b"")
    ring.new_data_key(b"", NOW)
    ring.pseudonym("sms", "+1", NOW)
    Challenges(tmp_path / "keys").new(NOW)
    made = set((tmp_path / "keys").rglob("*.key"))
    known = {path for secret in SECRETS if secret.files for path in (tmp_path / "keys").glob(secret.files)}
    assert len(made) == 7
    assert known == made


def test_whatever_we_do_not_replace_ourselves_has_steps() -> None:
    assert len(SECRETS) == len(BY_NAME) == 13
    by_hand = {secret.name for secret in SECRETS if secret.setting} | {"digest", "challenges"}
    assert {secret.name for secret in SECRETS if secret.steps} == by_hand


def test_what_is_older_than_it_should_be_is_due(tmp_path: Path) -> None:
    KeyRing.open(tmp_path / "keys").sealer_key()
    file = tmp_path / "keys" / "sealer.key"
    assert not seen(tmp_path, "sealer").overdue(NOW)
    old = (NOW - timedelta(days=366)).timestamp()
    os.utime(file, (old, old))
    assert seen(tmp_path, "sealer").overdue(NOW)
    os.utime(tmp_path / "keys" / "pepper.key", (0, 0))
    assert not seen(tmp_path, "pepper").overdue(NOW)  # only when somebody else may know it


def test_former_keys_are_counted_and_what_is_set_elsewhere_has_no_age(tmp_path: Path) -> None:
    KeyRing.open(tmp_path / "keys")
    rotation.pepper(tmp_path / "keys")
    assert seen(tmp_path, "pepper").former == 1
    assert not seen(tmp_path, "smtp").there
    set_elsewhere = seen(tmp_path, "smtp", smtp_url="smtp://u:p@host")
    assert (set_elsewhere.there, set_elsewhere.made) == (True, None)

"""Practice mode: made-up units and officers in the data folder, so that the whole way can be walked without a real key.

<data>/practice/roster.json       signed, and marked as practice: real channels refuse it, reports carry the mark
<data>/practice/directors         public keys of the two made-up directors; their private halves are thrown away
<data>/practice/<unit>.key        the officer's key of each unit, under the passphrase in `passphrase`
<data>/practice/passphrase        beside the keys only here: a real one is in an officer's head
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bot.settings import load
from storage import roster_draft, signing
from storage.identity import OfficerKey, new_key, new_passphrase, write_key_file
from storage.keyfiles import folder
from storage.keys import KeyRing
from storage.roster import Roster, RosterRefused, Unit
from storage.trust import FILE as TRUST_FILE
from storage.trust import Trust, TrustRefused

DIRECTORS = 2
YEARS = 10
UNITS: Mapping[str, Unit] = {
    "coat": Unit("Practice COAT", "CO", None, "coordination", False),
    "fiscalia": Unit("Practice Fiscalía", "CO", None, "prosecution", False),
    "icbf": Unit("Practice ICBF", "CO", None, "child_protection", False),
    "practice-es": Unit("Practice unit abroad", "ES", None, "prosecution", False),
    "practice-consulate": Unit("Practice consulate", "CO", None, "consulate", False),
    "practice-support": Unit("Practice helping group", "CO", None, "support", False),
}


def prepare(data_dir: Path) -> Path:
    """The practice folder; made whole or not at all, and anew when it has expired or the server's seal is another."""
    place = data_dir / "practice"
    sealer = KeyRing.open(data_dir / "keys").sealer_key().public_key()
    if not _good(place, sealer):
        draft = folder(data_dir / f"practice.{os.getpid()}")
        _make(draft, sealer, datetime.now(UTC).date())
        shutil.rmtree(place, ignore_errors=True)
        draft.rename(place)
    return place


def accept_sealer(data_dir: Path, sealer: Ed25519PublicKey) -> None:
    """Puts one more sealer into the practice roster, under directors made anew; units and officers stay."""
    place, draft = data_dir / "practice", data_dir / f"practice.{os.getpid()}"
    if not _good(place, sealer):
        shutil.copytree(place, draft)
        _sign(draft, roster_draft.add_sealer((place / "roster.json").read_bytes(), sealer))
        shutil.rmtree(place)
        draft.rename(place)


def directors(data_dir: Path) -> tuple[Ed25519PublicKey, ...]:
    """Whom the practice roster is trusted by; nobody before `prepare`."""
    trust = Trust.beside(data_dir / "practice" / "roster.json")
    return trust.directors if trust else ()


def main() -> None:
    """For containers, where nobody else prepares it: `python -m bot.practice`."""
    settings = load()
    if settings.practice:
        prepare(settings.data_dir)


def _good(place: Path, sealer: Ed25519PublicKey) -> bool:
    try:
        trust = Trust.beside(place / "roster.json")
        return trust is not None and _roster(place, trust).knows_sealer(sealer)
    except (FileNotFoundError, TrustRefused, RosterRefused):
        return False


def _roster(place: Path, trust: Trust) -> Roster:
    return Roster.load(place / "roster.json", trust.directors, trust.threshold)


def _make(place: Path, sealer: Ed25519PublicKey, today: date) -> None:
    until = today + timedelta(days=365 * YEARS)
    keys = {unit: new_key() for unit in UNITS}
    _write_keys(place, keys)
    roster = roster_draft.new([sealer], issued=today, expires=until, practice=True)
    for name, unit in UNITS.items():
        roster = roster_draft.add_unit(roster, name, unit)
        roster = roster_draft.add_officer(roster, name, keys[name].card(f"practice-{name}"), today, until)
    _sign(place, roster)


def _sign(place: Path, roster: bytes) -> None:
    signers = [new_key().signing_key for _ in range(DIRECTORS)]
    for signer in signers:
        roster = roster_draft.sign(roster, signer)
    (place / TRUST_FILE).write_text("".join(f"{signing.public_text(signer.public_key())}\n" for signer in signers))
    (place / "roster.json").write_bytes(roster)


def _write_keys(place: Path, keys: Mapping[str, OfficerKey]) -> None:
    passphrase = new_passphrase()
    secret = place / "passphrase"
    secret.touch(mode=0o600)
    secret.write_text(passphrase + "\n")
    with ThreadPoolExecutor() as pool:  # scrypt takes most of a second for each
        list(pool.map(lambda unit: write_key_file(place / f"{unit}.key", keys[unit], passphrase), keys))


if __name__ == "__main__":
    main()

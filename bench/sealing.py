"""How long a report takes: built, signed, padded, and sealed to the officers of three units."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.system import System
from bot import report
from bot.draft import Answer, Draft, Said
from bot.filing import OFFICER_LANGUAGE
from storage import envelope, receipt
from storage.envelope import Part
from storage.keys import KeyRing
from storage.roster import Roster
from storage.signing import parse_public

UNITS = ("coat", "fiscalia", "icbf")
AT = "2026-11-25T14:03:22+00:00"
CODES: dict[str, str | tuple[str, ...]] = {
    "safe": "ready", "age": "adult", "situation": "there", "country": "ES", "consent": "share", "Q2": "yes",
    "Q3": "yes", "Q4": "not_sure", "Q5": "skipped", "Q6": "yes", "Q6_what": ("family",), "Q7": "both", "Q8": "yes",
    "Q9": ("work",), "story": "given", "N1": "person", "N2": "here", "N2_when": "given", "N2_words": "given",
}  # fmt: skip
STORY = "me ofrecieron un trabajo en un restaurante y al llegar todo era otra cosa, trabajo hasta la noche. " * 6


def times(system: System, number: int) -> list[float]:
    """Seconds of each of `number` reports, after one for warming up."""
    roster, today = _roster(system), datetime.now(UTC).date()
    recipients = roster.recipients(UNITS, today)
    sealer = KeyRing.open(system.data / "keys").sealer_key()
    follow_up = receipt.derive(receipt.new_code(), secrets.token_bytes(32)).recipient
    found = []
    for _ in range(number + 1):
        begun = time.perf_counter()
        written = report.build(_draft())
        parts = [Part("report.json", written.json_bytes()), Part("report.txt", written.text(OFFICER_LANGUAGE).encode())]
        envelope.seal(
            parts, report_id=secrets.token_bytes(16), seq=1, prev=bytes(32), day=today, roster=roster.ref,
            recipients=recipients, follow_up=follow_up, sealer=sealer, practice=False,
        )  # fmt: skip
        found.append(time.perf_counter() - begun)
    return found[1:]


def receipts(number: int) -> list[float]:
    """Seconds of deriving what a receipt code stands for: slow by intention, so that codes can't be guessed."""
    found = []
    for _ in range(number):
        begun = time.perf_counter()
        receipt.derive(receipt.new_code(), secrets.token_bytes(32))
        found.append(time.perf_counter() - begun)
    return found


def _roster(system: System) -> Roster:
    directors = [parse_public(text) for text in system.officers.directors]
    return Roster.load(Path(system.data / "roster.json"), directors, len(directors))


def _draft() -> Draft:
    answers = {question: Answer(code, AT, "es", ("con mis palabras",)) for question, code in CODES.items()}
    return Draft(
        report_id=secrets.token_hex(16), cause="complete", started=AT, filed=AT, channel="telegram", address="1000001",
        language="es", practice=False, answers=answers, story=(Said(STORY, AT, "es", "story"),),
    )  # fmt: skip

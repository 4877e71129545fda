"""The roster in force: units, their officers' public keys, and whose seal counts (FORMAT.md, section 9)."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from storage import signing
from storage.age import HybridRecipient, KeyRefused
from storage.manifest import RosterRef, tag
from storage.refused import Refused

CTX = "faro/roster/v1"


class RosterRefused(Refused):
    """Not a roster, not signed by enough directors, expired, or older than one that was seen."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that reports go to. `country`: ISO 3166 alpha-2 or INT; `wants_file`: the sealed file goes by e-mail."""

    name: str
    country: str
    email: str | None
    role: str
    wants_file: bool


@dataclass(frozen=True, slots=True)
class Officer:
    """A key of a unit and the days, both included, on which reports are sealed to it."""

    name_id: str
    unit: str
    recipient: HybridRecipient
    signing: str
    valid_from: date
    valid_until: date

    def counts_on(self, day: date) -> bool:
        return self.valid_from <= day <= self.valid_until


@dataclass(frozen=True, slots=True)
class Roster:
    """An accepted roster; `sha256` is the digest of its signed body."""

    version: int
    practice: bool
    issued: date
    expires: date
    sealers: tuple[Ed25519PublicKey, ...]
    units: Mapping[str, Unit]
    officers: tuple[Officer, ...]
    sha256: bytes

    @classmethod
    def load(
        cls,
        path: Path,
        trusted: Sequence[Ed25519PublicKey],
        threshold: int,
        seen_version: int = 0,
        *,
        today: date | None = None,
    ) -> "Roster":
        """The roster in a file, signed by `threshold` of the `trusted` directors. Raises RosterRefused."""
        return read(path.read_bytes(), trusted, threshold, seen_version, today=today)

    @property
    def ref(self) -> RosterRef:
        """What a manifest says of the roster it was sealed under."""
        return RosterRef(self.version, self.sha256)

    def recipients(self, units: Iterable[str], on: date) -> list[HybridRecipient]:
        """The keys of these units' officers that count on this day, each once."""
        wanted = set(units)
        return [officer.recipient for officer in self.officers if officer.unit in wanted and officer.counts_on(on)]

    def units_without_key(self, units: Iterable[str], day: date) -> list[str]:
        """Those of the units, known or not, that nobody could open a report for."""
        reachable = {officer.unit for officer in self.officers if officer.counts_on(day)}
        return [unit for unit in units if unit not in reachable]

    def knows_sealer(self, key: Ed25519PublicKey) -> bool:
        """Would officers accept reports under this seal? If not, none may be sealed with it."""
        return signing.public_text(key) in map(signing.public_text, self.sealers)

    def officer_of(self, recipient_tag: str) -> Officer | None:
        """Whose key a tag in a manifest is, whether or not it still counts."""
        return next((officer for officer in self.officers if tag(officer.recipient) == recipient_tag), None)

    def signing_keys(self) -> dict[str, str]:
        """Recipient tag to signing key, for `referral.read`."""
        return {tag(officer.recipient): officer.signing for officer in self.officers}


def read(
    document: bytes,
    trusted: Sequence[Ed25519PublicKey],
    threshold: int,
    seen_version: int = 0,
    *,
    today: date | None = None,
) -> Roster:
    """The roster in a signed document. Raises RosterRefused."""
    if threshold < 1:
        raise RosterRefused("a threshold below one")
    try:
        body, signers = signing.signed_by(document, CTX, [signing.public_text(key) for key in trusted])
        roster = parse_body(body)
    except signing.NotCanonical:
        raise RosterRefused("not a roster") from None
    if len(signers) < threshold:
        raise RosterRefused(f"signed by {len(signers)} of the {threshold} directors needed")
    if roster.version < seen_version:
        raise RosterRefused(f"version {roster.version} is older than version {seen_version}, which was seen before")
    if (today or datetime.now(UTC).date()) > roster.expires:
        raise RosterRefused(f"expired on {roster.expires.isoformat()}")
    return roster


def parse_body(body: Mapping[str, Any]) -> Roster:
    """The roster that a body describes, whoever signed it. Raises RosterRefused."""
    try:
        roster = Roster(
            version=body["version"],
            practice=body["practice"],
            issued=date.fromisoformat(body["issued"]),
            expires=date.fromisoformat(body["expires"]),
            sealers=tuple(signing.parse_public(key) for key in body["sealers"]),
            units={key: Unit(**unit) for key, unit in body["units"].items()},
            officers=tuple(_officer(entry) for entry in body["officers"]),
            sha256=hashlib.sha256(signing.canonical(body)).digest(),
        )
        same = to_body(roster) == dict(body)
    except (signing.NotCanonical, KeyError, TypeError, ValueError, AttributeError, KeyRefused):
        raise RosterRefused("not a roster of this version") from None
    if not same or type(roster.version) is not int or roster.version < 1 or type(roster.practice) is not bool:
        raise RosterRefused("a roster with members that it does not have, or out of order")
    _check(roster)
    return roster


def to_body(roster: Roster) -> dict[str, Any]:
    """The body to sign: units by name, officers by unit and id."""
    return {
        "ctx": CTX,
        "version": roster.version,
        "practice": roster.practice,
        "issued": roster.issued.isoformat(),
        "expires": roster.expires.isoformat(),
        "sealers": [signing.public_text(key) for key in roster.sealers],
        "units": {key: _unit_body(unit) for key, unit in roster.units.items()},
        "officers": [_officer_body(officer) for officer in sorted(roster.officers, key=_place)],
    }


def _check(roster: Roster) -> None:
    """What a director could get wrong: a key twice, a unit that is not there, a unit without a name or country."""
    recipients = {officer.recipient for officer in roster.officers}
    ids = {officer.name_id for officer in roster.officers}
    if not len(recipients) == len(ids) == len(roster.officers):
        raise RosterRefused("an officer's id or key stands in it twice")
    if not {officer.unit for officer in roster.officers} <= set(roster.units):
        raise RosterRefused("an officer of a unit that is not in it")
    for unit in roster.units.values():
        texts = [unit.name, unit.country, unit.role, unit.email or ""]
        if not all(isinstance(text, str) for text in texts) or type(unit.wants_file) is not bool:
            raise RosterRefused("a unit with a value of another kind")


def _officer(entry: Mapping[str, Any]) -> Officer:
    return Officer(
        name_id=str(entry["id"]),
        unit=str(entry["unit"]),
        recipient=HybridRecipient.parse(entry["recipient"]),
        signing=signing.public_text(signing.parse_public(entry["signing"])),
        valid_from=date.fromisoformat(entry["valid_from"]),
        valid_until=date.fromisoformat(entry["valid_until"]),
    )


def _officer_body(officer: Officer) -> dict[str, str]:
    return {
        "id": officer.name_id,
        "unit": officer.unit,
        "recipient": str(officer.recipient),
        "signing": officer.signing,
        "valid_from": officer.valid_from.isoformat(),
        "valid_until": officer.valid_until.isoformat(),
    }


def _unit_body(unit: Unit) -> dict[str, Any]:
    return {name: getattr(unit, name) for name in ("name", "country", "email", "role", "wants_file")}


def _place(officer: Officer) -> tuple[str, str]:
    return officer.unit, officer.name_id

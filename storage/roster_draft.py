"""Making a roster: drafted by anyone, signed by directors one after the other (FORMAT.md, section 9)."""

import hashlib
from dataclasses import replace
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from storage import identity, signing
from storage.age import HybridRecipient, KeyRefused
from storage.roster import CTX, Officer, Roster, RosterRefused, Unit, parse_body, to_body


def new(sealers: list[Ed25519PublicKey], *, issued: date, expires: date, practice: bool = False) -> bytes:
    """A first draft without units. `sealers`: the public keys of the servers that seal reports."""
    return _draft(Roster(1, practice, issued, expires, tuple(sealers), {}, (), b""))


def add_sealer(document: bytes, key: Ed25519PublicKey) -> bytes:
    """A draft with this server's key too. Former ones stay in: old reports need them. Raises RosterRefused."""
    roster = _reopened(document)
    if roster.knows_sealer(key):
        raise RosterRefused("a sealer that it has already")
    return _draft(replace(roster, sealers=(*roster.sealers, key)))


def add_unit(document: bytes, key: str, unit: Unit) -> bytes:
    """A draft with this unit, put in or replaced."""
    roster = _reopened(document)
    return _draft(replace(roster, units={**roster.units, key: unit}))


def add_officer(document: bytes, unit: str, card: bytes, valid_from: date, valid_until: date) -> bytes:
    """A draft with the officer of this card, put in or replaced by id. Raises RosterRefused for a card that lies."""
    roster = _reopened(document)
    name, recipient, signing_key = read_card(card)
    officer = Officer(name, unit, recipient, signing_key, valid_from, valid_until)
    others = tuple(other for other in roster.officers if other.name_id != name)
    return _draft(replace(roster, officers=(*others, officer)))


def remove_officer(document: bytes, name_id: str) -> bytes:
    """A draft without this officer. Reports that were sealed to the key stay readable with it."""
    roster = _reopened(document)
    kept = tuple(officer for officer in roster.officers if officer.name_id != name_id)
    if len(kept) == len(roster.officers):
        raise RosterRefused("no officer of that id")
    return _draft(replace(roster, officers=kept))


def sign(document: bytes, key: Ed25519PrivateKey) -> bytes:
    """The roster with one more director's signature. Raises RosterRefused."""
    parse_body(body(document))
    return signing.sign_too(document, CTX, key)


def signers(document: bytes, directors: list[Ed25519PublicKey]) -> set[str]:
    """Which of these directors have signed."""
    return signing.signed_by(document, CTX, [signing.public_text(key) for key in directors])[1]


def read_card(card: bytes) -> tuple[str, HybridRecipient, str]:
    """Id, recipient and signing key of an officer card that its own key has signed. Raises RosterRefused."""
    try:
        read, _ = signing.signed_by(card, identity.CARD, [])
        _, proved = signing.signed_by(card, identity.CARD, [read["signing"]])
        if set(read) != {"ctx", "id", "recipient", "signing"} or not proved:
            raise RosterRefused("an officer card that its own key has not signed")
        return str(read["id"]), HybridRecipient.parse(read["recipient"]), str(read["signing"])
    except (signing.NotCanonical, KeyRefused, KeyError, TypeError, AttributeError):
        raise RosterRefused("not an officer card") from None


def fingerprint(card: bytes) -> str:
    """Of a card, to be compared by voice before a director signs: four groups of eight digits."""
    read, _ = signing.signed_by(card, identity.CARD, [])
    digits = hashlib.sha256(signing.canonical(read)).hexdigest()
    return " ".join(digits[at : at + 8] for at in range(0, 32, 8))


def body(document: bytes) -> dict[str, object]:
    """What is signed, whoever has signed it. Raises RosterRefused."""
    try:
        return signing.signed_by(document, CTX, [])[0]
    except signing.NotCanonical:
        raise RosterRefused("not a roster") from None


def _reopened(document: bytes) -> Roster:
    """The roster to change: the next version if anyone has signed this one, whose signatures then fall away."""
    roster = parse_body(body(document))
    return replace(roster, version=roster.version + 1) if signing.is_signed(document) else roster


def _draft(roster: Roster) -> bytes:
    drafted = to_body(roster)
    parse_body(drafted)
    return signing.unsigned(drafted)

"""What officers and directors hand each other, with hostile contents under sound signatures.

A changed byte is found by the signature, so that nothing behind it would be tried: here the one who signs is hostile.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.fuzz_files import Outcome, resident
from bench.fuzz_words import Hostile
from bot import officer, officer_options, officer_view
from bot.cards.index import COLUMNS, NAME, Folder
from storage import audit, chain_file, identity, manifest, referral, roster, roster_draft, signing
from storage.audit import AuditRow
from storage.envelope import MANIFEST, SIGNATURE
from storage.manifest import tag
from storage.trust import FILE as DIRECTORS
from storage.trust import Trust
from tests.storage.sealing import DAY, Desk

TODAY = date(2026, 11, 25)
ROWS = 9  # of a chain: the eighth is signed


@dataclass(frozen=True)
class Paper:
    """`made`: one of hostile contents; `read`: what its reader does with it."""

    made: Callable[[Hostile], bytes]
    read: Callable[[bytes], object]


def papers(number: int, seed: int) -> Mapping[str, Outcome]:
    """So many of each kind."""
    with tempfile.TemporaryDirectory() as folder:
        return {name: _tried(paper, number, seed) for name, paper in _kinds(Path(folder))}


def _tried(paper: Paper, number: int, seed: int) -> Outcome:
    found, hostile, begun = Outcome(), Hostile(seed), time.monotonic()
    for _ in range(number):
        data = paper.made(hostile)
        with found.one():
            paper.read(data)
    found.seconds, found.megabytes = time.monotonic() - begun, resident()
    return found


def _kinds(folder: Path) -> Iterator[tuple[str, Paper]]:
    director, officers = Ed25519PrivateKey.generate(), [identity.new_key() for _ in range(2)]
    yield "rosters, signed", _roster(director, officers[0])
    yield "officers' cards, signed", _card(officers[0])
    yield "referrals, signed", _referral(officers)
    yield "audit chains, linked", _chain(director)
    yield "heads of the chain, signed", _head(director)
    yield "manifests, sealed", _manifest()
    yield "passphrases, directors, prints", _plain(folder)


def _roster(director: Ed25519PrivateKey, ana: identity.OfficerKey) -> Paper:
    draft = roster_draft.new([director.public_key()], issued=TODAY, expires=date(2027, 1, 1), practice=False)
    unit = roster.Unit("COAT", "CO", "coat@example.org", "coordination", False)
    draft = roster_draft.add_unit(draft, "coat", unit)
    draft = roster_draft.add_officer(draft, "coat", ana.card("ana"), TODAY, date(2027, 1, 1))
    body = roster_draft.body(draft)

    def read(data: bytes) -> object:
        found = roster.read(data, [director.public_key()], 1, today=TODAY)
        again = roster_draft.add_sealer(data, ana.signing_key.public_key())
        return found.recipients(["coat"], TODAY), roster_draft.sign(again, director)

    return Paper(lambda hostile: signing.sign(signable(hostile, body), director), read)


def _card(key: identity.OfficerKey) -> Paper:
    body = signing.signed_by(key.card("ana"), identity.CARD, [])[0]
    made = lambda hostile: signing.sign(signable(hostile, body), key.signing_key)  # noqa: E731
    return Paper(made, lambda data: (roster_draft.read_card(data), roster_draft.fingerprint(data)))


def _referral(officers: list[identity.OfficerKey]) -> Paper:
    sender, receiver = officers
    keys = {tag(sender.recipient): sender.signing_public}
    body = {"ctx": referral.CTX, "report_id": "00" * 16, "payload_sha256": "00" * 32, "from": tag(sender.recipient),
            "to": [tag(receiver.recipient)], "basis": "Ley 985", "date": "2026-11-25"}  # fmt: skip
    made = lambda hostile: signing.sign(signable(hostile, body), sender.signing_key)  # noqa: E731
    return Paper(made, lambda data: referral.read(data, keys))


def _chain(sealer: Ed25519PrivateKey) -> Paper:
    def made(hostile: Hostile) -> bytes:
        """Whoever holds the database can link rows of any contents; only each eighth is signed."""
        rows, last = list[AuditRow](), audit.Head()
        for seq in range(1, ROWS + 1):
            said = {"actor": "sealer", "day": "2026-11-25", "event": "sealed", "report_id": "00" * 16}
            body = {**said, "ctx": audit.CTX, "payload_sha256": "00" * 32, "prev": last.hash.hex(), "seq": seq}
            raw = signing.canonical(signable(hostile, body) if hostile.chance.random() < 0.4 else body)
            signed = sealer.sign(raw) if seq % audit.SIGNED_EVERY == 0 else None
            rows.append(AuditRow(seq, last.hash, sha256(raw).digest(), raw, signed))
            last = audit.Head(seq, rows[-1].hash)
        return chain_file.write(rows)

    def read(data: bytes) -> object:
        rows = chain_file.read(data)
        return audit.verify(rows, [sealer.public_key()]), audit.sealed_digests(rows)

    return Paper(made, read)


def _head(sealer: Ed25519PrivateKey) -> Paper:
    body = {"ctx": audit.HEAD_CTX, "day": "2026-11-25", "hash": "00" * 32, "seq": 8}
    made = lambda hostile: signing.sign(signable(hostile, body), sealer)  # noqa: E731
    return Paper(made, lambda data: audit.read_head(data, sealer.public_key()))


def _manifest() -> Paper:
    desk, large = Desk(), {"file": "att1.age", "len": 5, "sha256": "00" * 32}
    members = desk.members(desk.seal(day=DAY).data)
    body = signing.parse(members[MANIFEST], manifest.CTX) | {"detached": {"att/1.ogg": large}}

    def made(hostile: Hostile) -> bytes:
        raw = signing.canonical(signable(hostile, body))
        return desk.sealed_again({**members, MANIFEST: raw, SIGNATURE: desk.sealer.sign(raw)})

    def read(data: bytes) -> object:
        opened = desk.open(data)
        return officer_view.lines(opened, None), officer._large_files(opened, Path("x.age"))

    return Paper(made, read)


def _plain(folder: Path) -> Paper:
    """Files that hold lines, and are no secret to whoever gives them."""
    printed = f"{','.join(COLUMNS)}\na.pdf,7K3M9,x,es,1,1,0,seat,2027-01-01\n"
    samples = [one.encode() for one in ("made up for a test\n", "0a" * 32 + "\n", printed)]

    def made(hostile: Hostile) -> bytes:
        return hostile.body() if hostile.chance.random() < 0.4 else hostile.mutated(hostile.chance.choice(samples))

    def read(data: bytes) -> object:
        for name in ("passphrase", DIRECTORS, NAME):
            (folder / name).write_bytes(data)
        reads: list[Callable[[], Any]] = [
            lambda: officer_options.first_line(folder / "passphrase"),
            lambda: Trust.beside(folder / "roster.json"),
            lambda: Folder.open(folder, {"b.pdf"}),
        ]
        return [_refused(one) for one in reads]

    return Paper(made, read)


def _refused(read: Callable[[], Any]) -> object:
    """Each of several readers is tried, also where the one before it refused."""
    quiet = Outcome()
    with quiet.one():
        return read()
    for kind in quiet.faults:
        raise AssertionError(kind)
    return None


def signable(hostile: Hostile, body: Mapping[str, Any]) -> dict[str, Any]:
    """A spoilt body of the same kind that can be signed: no number in it has two ways to be written."""
    while True:
        spoilt = hostile.spoilt(dict(body))
        if not isinstance(spoilt, dict):
            continue
        spoilt = spoilt | {"ctx": body["ctx"]}
        try:
            signing.canonical(spoilt)
        except signing.NotCanonical:
            continue
        return spoilt

"""What was done with reports, by whom: rows that each hold the hash of the one before, so that none can be changed.

A row's `body` is canonical JSON (FORMAT.md, section 1), its `hash` the SHA-256 of the body:

    {"actor", "ctx": "faro/audit/v1", "day", "event", "payload_sha256", "prev", "report_id", "seq"}

`seq` counts from 1; the first `prev` is 64 zeros. Every eighth row is signed by the sealer: Ed25519 over the body. Rows
cut off at the end leave a sound chain behind; only a head that was noted elsewhere shows it, see `signed_head`.

A row of the event `sealer` hands the chain on: the sealer signs it, and its `payload_sha256` is that of the 32 bytes of
the next sealer's public key. From the first row on that the next one signs, no signature of the former one counts.

A row of the event `restored` stands where a backup of before such a change came back: the row that named the next
sealer was lost, and the former can sign no other. The next one signs it and names itself in `payload_sha256`; nobody
can who was replaced in this chain before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, Insert, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import signing
from storage.tables import audit

CTX = "faro/audit/v1"
SEALER, RESTORED = "sealer", "restored"
HEAD_CTX = "faro/audit-head/v1"
SIGNED_EVERY = 8
_APPENDING = text("SELECT pg_advisory_xact_lock(1634296937)")  # "audi"


@dataclass(frozen=True)
class Head:
    """The last row of the chain: its number and hash. The empty chain has number 0 and a hash of zeros."""

    seq: int = 0
    hash: bytes = bytes(32)


@dataclass(frozen=True)
class AuditRow:
    seq: int
    prev: bytes
    hash: bytes
    body: bytes
    signature: bytes | None


@dataclass(frozen=True)
class Problem:
    """`what`: changed, missing, unlinked, unsigned, bad_signature, rolled_back."""

    seq: int
    what: str


@dataclass(frozen=True)
class VerifyResult:
    head: Head
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return not self.problems


async def head(tx: AsyncConnection, *, hold: bool = False) -> Head:
    """The end of the chain. With `hold` nobody else appends until the transaction ends: a manifest may name it."""
    if hold:
        await tx.execute(_APPENDING)
    row = (await tx.execute(select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1))).first()
    return Head(row.seq, row.hash) if row else Head()


async def append(
    tx: AsyncConnection,
    event: str,
    report_id: bytes | None,
    actor: str,
    payload_sha256: bytes | None,
    signer: Ed25519PrivateKey,
    *,
    day: date | None = None,
    signed: bool = False,
) -> AuditRow:
    """Adds a row in this transaction. `event` and `actor` are codes; `day` is today in UTC; `signed`: in any case."""
    last = await head(tx, hold=True)
    row = _row(last, event, report_id, actor, payload_sha256, day)
    if signed or row.seq % SIGNED_EVERY == 0:
        row = replace(row, signature=signer.sign(row.body))
    await tx.execute(_insert(row))
    return row


def taken_over(last: Head, signer: Ed25519PrivateKey) -> AuditRow:
    """The row `restored` behind `last`, by which this sealer goes on with a chain that another one left."""
    row = _row(last, RESTORED, None, "sealer", sha256(signer.public_key().public_bytes_raw()).digest(), None)
    return replace(row, signature=signer.sign(row.body))


def put(tx: Connection, row: AuditRow) -> None:
    """Adds a row that is made; for a restore, where nobody else appends."""
    tx.execute(_insert(row))


def _row(
    last: Head, event: str, report_id: bytes | None, actor: str, payload_sha256: bytes | None, day: date | None
) -> AuditRow:
    body = signing.canonical(
        {
            "actor": actor,
            "ctx": CTX,
            "day": (day or datetime.now(UTC).date()).isoformat(),
            "event": event,
            "payload_sha256": payload_sha256.hex() if payload_sha256 else None,
            "prev": last.hash.hex(),
            "report_id": report_id.hex() if report_id else None,
            "seq": last.seq + 1,
        }
    )
    return AuditRow(last.seq + 1, last.hash, sha256(body).digest(), body, None)


def _insert(row: AuditRow) -> Insert:
    return insert(audit).values(seq=row.seq, hash=row.hash, body=row.body, signature=row.signature)


async def rows(tx: AsyncConnection) -> list[AuditRow]:
    """The whole chain, for `verify`. A row whose body cannot be read has a `prev` of no bytes."""
    c = audit.c
    found = await tx.execute(select(c.seq, c.hash, c.body, c.signature).order_by(c.seq))
    return [AuditRow(row.seq, _prev(row.body), row.hash, row.body, row.signature) for row in found]


async def signed_head(tx: AsyncConnection, signer: Ed25519PrivateKey, *, day: date | None = None) -> bytes:
    """The end of the chain as a signed document, to be kept where this machine cannot change it."""
    last = await head(tx)
    today = (day or datetime.now(UTC).date()).isoformat()
    return signing.sign({"ctx": HEAD_CTX, "day": today, "hash": last.hash.hex(), "seq": last.seq}, signer)


def read_head(document: bytes, public_key: Ed25519PublicKey) -> Head:
    """The head out of such a document. Raises `signing.SigningError`."""
    key = signing.public_text(public_key)
    body, signers = signing.signed_by(document, HEAD_CTX, [key])
    if key not in signers:
        raise signing.BadSignature("not the sealer's")
    if type(body.get("seq")) is not int:
        raise signing.NotCanonical("a head without a number")
    return Head(body["seq"], signing.from_hex(body.get("hash"), 32))


class _Seals:
    """Whose signature counts as the walk goes on: the first that signs, until a row that it signed names the next."""

    def __init__(self, sealers: Collection[Ed25519PublicKey]) -> None:
        self._known = tuple(sealers)
        self._present: Ed25519PublicKey | None = None
        self._next: Ed25519PublicKey | None = None
        self._replaced: list[Ed25519PublicKey] = []

    def accepts(self, row: AuditRow, signature: bytes) -> bool:
        # The present one beside the next: a process may have read its key just before the change.
        likely = (self._next, self._present) if self._present else self._known
        return self._signed(row, signature, [key for key in likely if key])

    def hand_on(self, digest: object) -> None:
        self._next = self._named(digest) or self._next

    def take_over(self, row: AuditRow, signature: bytes, digest: object) -> bool:
        """By a sealer that is known, names itself, and was never replaced."""
        named = self._named(digest)
        return named is not None and named not in self._replaced and self._signed(row, signature, [named])

    def _signed(self, row: AuditRow, signature: bytes, likely: Iterable[Ed25519PublicKey]) -> bool:
        for key in likely:
            if signing.verifies(row.body, signature, key):
                if self._present and key != self._present:
                    self._replaced.append(self._present)
                    self._next = None
                self._present = key
                return True
        return False

    def _named(self, digest: object) -> Ed25519PublicKey | None:
        return next((key for key in self._known if sha256(key.public_bytes_raw()).hexdigest() == digest), None)


def verify(
    rows: Iterable[AuditRow], sealers: Ed25519PublicKey | Collection[Ed25519PublicKey], *, witness: Head | None = None
) -> VerifyResult:
    """Walks the chain from its first row. `sealers`: the keys that the roster names, former ones among them.
    `witness` is a head noted earlier; without it a cut tail is not seen."""
    seals = _Seals([sealers] if isinstance(sealers, Ed25519PublicKey) else sealers)
    problems: list[Problem] = []
    last, met = Head(), witness is None or witness.seq == 0
    for row in rows:
        problems += [Problem(row.seq, what) for what in _faults(row, last, seals)]
        last = Head(row.seq, row.hash)
        met = met or last == witness
    if not met and witness:
        problems.append(Problem(witness.seq, "rolled_back"))
    return VerifyResult(last, tuple(problems))


def sealed_digests(rows: Iterable[AuditRow]) -> dict[str, str]:
    """Report id to payload digest, out of the rows that a sealing left."""
    found: dict[str, str] = {}
    for row in rows:
        try:
            body = signing.parse(row.body, CTX)
        except signing.NotCanonical:  # told by `verify` as a row that was changed
            continue
        if body.get("event") == "sealed":
            found[str(body.get("report_id"))] = str(body.get("payload_sha256"))
    return found


def _faults(row: AuditRow, last: Head, seals: _Seals) -> Iterable[str]:
    try:
        body = signing.parse(row.body, CTX)
    except signing.NotCanonical:
        body = {}
    if sha256(row.body).digest() != row.hash or body.get("seq") != row.seq:
        yield "changed"
    if row.seq != last.seq + 1:
        yield "missing"
    if body.get("prev") != last.hash.hex():
        yield "unlinked"
    event, digest = body.get("event"), body.get("payload_sha256")
    if row.signature is None:
        if event in (SEALER, RESTORED) or row.seq % SIGNED_EVERY == 0:
            yield "unsigned"
        return
    if not (seals.take_over(row, row.signature, digest) if event == RESTORED else seals.accepts(row, row.signature)):
        yield "bad_signature"
    elif event == SEALER:
        seals.hand_on(digest)


def _prev(body: bytes) -> bytes:
    try:
        return signing.from_hex(signing.parse(body, CTX).get("prev"), 32)
    except signing.NotCanonical:
        return b""

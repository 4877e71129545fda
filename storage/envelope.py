"""A report on its way to named officers: sealed by the server, opened and checked by an officer (FORMAT.md)."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from storage import age, archive, signing
from storage.age import Header, HybridIdentity, HybridRecipient
from storage.age.hybrid import TYPE as HYBRID
from storage.manifest import DetachedRef, Manifest, PartRef, RosterRef, tag
from storage.referral import Referral
from storage.refused import Refused

MANIFEST, SIGNATURE, TEXT, JSON = "manifest.json", "manifest.sig", "report.txt", "report.json"
DETACH_ABOVE = 4 * archive.MIB


class SealRefused(Refused):
    """This cannot be sealed: no recipient, one that is not post-quantum, one twice, or a part of another name."""


class MixedRecipients(Refused):
    """The header has a stanza that no report has, such as one for a classical key."""


class PartsDiffer(Refused):
    """The parts are not those that the manifest was signed for."""


class WrongReport(Refused):
    """A genuine report, but not the one that was asked for."""


class NotAddressed(Refused):
    """The key opens the file, but neither the manifest nor a referral names it: somebody passed it on in secret."""


@dataclass(frozen=True, slots=True, repr=False)
class Part:
    """A part of a report: `report.txt`, `report.json` or `att/<n>.<ext>`."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Sealed:
    """A sealed report: its age file, the files of large attachments by name, and the payload digest of the first."""

    data: bytes
    detached: Mapping[str, bytes]
    sha256: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """A report that passed every check; `warnings` are codes of what an officer should still know."""

    manifest: Manifest
    parts: Mapping[str, bytes]
    warnings: tuple[str, ...]
    sha256: bytes


def seal(
    parts: Sequence[Part],
    *,
    report_id: bytes,
    seq: int,
    prev: bytes,
    day: date,
    roster: RosterRef,
    recipients: Sequence[HybridRecipient],
    follow_up: str | None,
    sealer: Ed25519PrivateKey,
    practice: bool,
) -> Sealed:
    """Sign a report and seal it to all recipients. Raises SealRefused.

    `seq` and `prev` are its place in the audit chain: the number of its row and the hash of the row before it.
    """
    given = _checked(parts)
    to = _shuffled(recipients)
    large = {name: data for name, data in given.items() if len(data) > DETACH_ABOVE}
    inline = {name: data for name, data in given.items() if name not in large}
    files = {name: age.encrypt(archive.pack({name: data}, archive.MIB), to) for name, data in large.items()}
    manifest = Manifest(
        report_id, seq, prev, day, practice, roster, tuple(tag(recipient) for recipient in to), follow_up,
        parts={name: PartRef(len(data), hashlib.sha256(data).digest()) for name, data in inline.items()},
        detached={name: DetachedRef(_file(name), len(large[name]), payload_sha256(files[name])) for name in files},
    ).to_bytes()  # fmt: skip
    data = age.encrypt(archive.pack({MANIFEST: manifest, SIGNATURE: sealer.sign(manifest), **inline}), to)
    return Sealed(data, {_file(name): file for name, file in files.items()}, payload_sha256(data))


def open_report(
    data: bytes,
    identity: HybridIdentity,
    *,
    sealer_public: Ed25519PublicKey | Sequence[Ed25519PublicKey],
    expect_report_id: bytes | None = None,
    referral: Referral | None = None,
) -> Opened:
    """Open a report and make every check of FORMAT.md, section 4, in its order. Each raises its own Refused.

    `sealer_public`: the key, or the keys, whose signature is accepted.
    """
    header, digest = _header(data), payload_sha256(data)
    members = archive.unpack(age.decrypt(data, [identity]))
    sealers = [sealer_public] if isinstance(sealer_public, Ed25519PublicKey) else sealer_public
    manifest = _signed_manifest(members, sealers)
    parts = {name: part for name, part in members.items() if name not in (MANIFEST, SIGNATURE)}
    if {name: PartRef(len(part), hashlib.sha256(part).digest()) for name, part in parts.items()} != manifest.parts:
        raise PartsDiffer("the parts are not those of the manifest")
    if expect_report_id not in (None, manifest.report_id):
        raise WrongReport("another report than the one asked for")
    named = _addressed(manifest, digest, tag(identity.recipient()), referral)
    return Opened(manifest, parts, _warnings(header, manifest, named), digest)


def open_detached(data: bytes, name: str, manifest: Manifest, identity: HybridIdentity) -> bytes:
    """A large attachment out of its own file, checked against the manifest. Raises a Refused."""
    expected = manifest.detached.get(name)
    if expected is None or payload_sha256(data) != expected.sha256:
        raise PartsDiffer("not the attachment of the manifest")
    _header(data)
    members = archive.unpack(age.decrypt(data, [identity]))
    if set(members) != {name} or len(members[name]) != expected.length:
        raise PartsDiffer("not the attachment of the manifest")
    return members[name]


def payload_sha256(data: bytes) -> bytes:
    """The payload digest of an age file: the same before and after it is addressed anew. Raises HeaderFailure."""
    return hashlib.sha256(memoryview(data)[age.read_header(data).length :]).digest()


def _checked(parts: Sequence[Part]) -> dict[str, bytes]:
    """The parts by name, in the order of the archive."""
    by_name = {part.name: part.data for part in parts}
    reserved = {MANIFEST, SIGNATURE} & set(by_name)
    if len(by_name) != len(parts) or reserved or not all(map(archive.NAME.match, by_name)):
        raise SealRefused("a part that is double, or of another name")
    if not {TEXT, JSON} <= set(by_name):
        raise SealRefused("a report needs report.txt and report.json")
    attachments = sorted(set(by_name) - {TEXT, JSON}, key=lambda name: (len(name), name))
    if len({_file(name) for name in attachments}) != len(attachments):
        raise SealRefused("two attachments of one number")
    return {name: by_name[name] for name in [TEXT, JSON, *attachments]}


def _shuffled(recipients: Sequence[HybridRecipient]) -> list[HybridRecipient]:
    """The recipients in random order, since the order of the roster would tell whom each stanza is for."""
    if not all(isinstance(recipient, HybridRecipient) for recipient in recipients):
        raise SealRefused("a recipient that is not post-quantum")
    if not recipients or len(set(recipients)) != len(recipients):
        raise SealRefused("no recipient, or one twice")
    shuffled = list(recipients)
    secrets.SystemRandom().shuffle(shuffled)
    return shuffled


def _file(name: str) -> str:
    """`att/3.ogg` lies in `att3.age`."""
    return f"att{name.removeprefix('att/').partition('.')[0]}.age"


def _header(data: bytes) -> Header:
    header = age.read_header(data)
    if any(stanza.type != HYBRID and not stanza.type.endswith("-grease") for stanza in header.stanzas):
        raise MixedRecipients("a stanza that no report has")
    return header


def _signed_manifest(members: Mapping[str, bytes], sealers: Sequence[Ed25519PublicKey]) -> Manifest:
    raw, signature = members.get(MANIFEST, b""), members.get(SIGNATURE, b"")
    if list(members)[:2] != [MANIFEST, SIGNATURE]:
        raise PartsDiffer("no manifest")
    if not any(signing.verifies(raw, signature, sealer) for sealer in sealers):
        raise signing.BadSignature("not sealed by a known sealer")
    return Manifest.from_bytes(raw)


def _addressed(manifest: Manifest, digest: bytes, own: str, referral: Referral | None) -> set[str]:
    """All tags that manifest and referral name; refuses if the reader's own is not among them."""
    named = set(manifest.to)
    if referral is not None and referral.allows(manifest, digest):
        named |= set(referral.to)
    if own not in named:
        raise NotAddressed("this key is not among those that the report was sealed or referred to")
    return named


def _warnings(header: Header, manifest: Manifest, named: set[str]) -> tuple[str, ...]:
    stanzas = sum(stanza.type == HYBRID for stanza in header.stanzas)
    found = {"practice": manifest.practice, "unnamed_reader": stanzas > len(named)}
    return tuple(code for code, holds in found.items() if holds)

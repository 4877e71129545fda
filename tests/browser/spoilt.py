"""Sealed files and key files, sound and spoilt in every way that the program refuses: one set for program and page."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from bench.fuzz_words import Hostile
from storage import age, archive, envelope, identity
from storage.age import header, payload
from storage.envelope import Part
from storage.identity import OfficerKey
from storage.manifest import DetachedRef, Manifest, PartRef, RosterRef, tag
from storage.refused import Refused
from tests.storage.sealing import REPORT_ID, Desk

DESK = Desk()
PICTURE = Part("att/1.jpg", b"picture" + bytes(700))
SEALED = DESK.seal(PICTURE)
MEMBERS = DESK.members(SEALED.data)
OUTSIDER = identity.new_key()


@dataclass(frozen=True, slots=True)
class Sample:
    """A file, who opens it, and the id that is asked for."""

    name: str
    data: bytes
    key: OfficerKey = field(default_factory=lambda: DESK.officers[0])
    report_id: bytes = REPORT_ID


def flipped(data: bytes) -> bytes:
    """One bit of the content is another."""
    return data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]


def verdict(sample: Sample) -> str:
    """Of the program: the warnings of a report that it opens, or the name of its refusal."""
    try:
        opened = envelope.open_report(sample.data, sample.key.identity, sealer_public=DESK.sealer.public_key(),
                                      expect_report_id=sample.report_id)  # fmt: skip
    except Refused as refused:
        return refused.code
    return "opened " + " ".join([*opened.warnings, sha256(b"".join(opened.parts.values())).hexdigest()[:8]])


def reports(seed: int) -> list[Sample]:
    return [*sound(), *tampered(), *cut(), *headers(Hostile(seed)), *archives(Hostile(seed)), *manifests(Hostile(seed))]


# --- by people who know what they do ----------------------------------------------------------------------------------


def sound() -> Iterator[Sample]:
    yield Sample("as it is", SEALED.data)
    yield Sample("for another officer", SEALED.data, DESK.officers[2])
    yield Sample("practice", DESK.seal(practice=True).data)
    yield Sample("to be answered", DESK.seal(follow_up=str(OUTSIDER.recipient)).data)
    yield Sample("large", DESK.seal(Part("att/2.pdf", os.urandom(200_000))).data)
    yield Sample("ends in zeros", DESK.seal(Part("att/99.bin", bytes(40_000)), Part("att/3.a1", b"")).data)
    yield Sample("grease", _header_with(age.Stanza(("2xkU-grease", "a1"), b"x")))
    host = identity.new_key()
    everyone = [*(officer.recipient for officer in DESK.officers), host.recipient]
    data = age.rewrap(SEALED.data, [DESK.officers[0].identity], everyone)
    yield Sample("a key slipped in", data, DESK.officers[1])
    yield Sample("by whom it was slipped in", data, host)


def tampered() -> Iterator[Sample]:
    yield Sample("an outsider", SEALED.data, OUTSIDER)
    yield Sample("another report", DESK.seal(report_id=bytes(16)).data)
    yield Sample("forged with public keys", Desk(officers=DESK.officers).seal().data)
    for place, signature in enumerate((b"", bytes(64), b"x" * 64, MEMBERS["manifest.sig"][:63])):
        yield Sample(f"signature {place}", DESK.sealed_again({**MEMBERS, "manifest.sig": signature}))
    yield Sample("no manifest", DESK.sealed_again({"report.txt": b"", "report.json": b""}))
    yield Sample(
        "manifest second", DESK.sealed_again(dict(sorted(MEMBERS.items(), key=lambda one: one[0] != "manifest.sig")))
    )
    yield Sample("nothing inside", DESK.sealed_again({}))
    for name, members in _rewritten().items():
        target = io.BytesIO()
        payload.write(_file_key(), io.BytesIO(archive.pack(members)), target)
        yield Sample(name, SEALED.data[: age.read_header(SEALED.data).length] + target.getvalue(), DESK.officers[1])
    changed = MEMBERS["manifest.json"].replace(b'"seq":7', b'"seq":8')
    yield Sample("manifest rewritten", DESK.sealed_again({**MEMBERS, "manifest.json": changed}))
    passed = age.rewrap(SEALED.data, [DESK.officers[0].identity], [OUTSIDER.recipient])
    yield Sample("passed on in secret", passed, OUTSIDER)
    yield Sample("sealed again in secret", DESK.sealed_again(MEMBERS, [OUTSIDER]), OUTSIDER)
    other = DESK.seal().data
    yield Sample("header of another", SEALED.data[: _length()] + other[age.read_header(other).length :])
    yield Sample("a line more", SEALED.data.replace(b"\n--- ", b"\n-> x-grease a\n\n--- ", 1))
    yield Sample("a classical stanza", _header_with(age.X25519Identity.generate().recipient().wrap(_file_key())))
    yield Sample("a passphrase stanza", _header_with(age.ScryptRecipient("p", 4).wrap(_file_key())))
    own = DESK.officers[0].recipient.wrap(_file_key())
    zero = header.encode64(header.decode64(own.args[1].encode())[:1088] + bytes(32))
    yield Sample("a share of low order", _header_only(age.Stanza((own.type, zero), own.body)))
    yield Sample("one argument more", _header_only(age.Stanza((*own.args, "x"), own.body)))
    yield Sample("a body of another length", _header_only(age.Stanza(own.args, own.body + b"x")))
    yield Sample("a share of another length", _header_only(age.Stanza((own.type, own.args[1][:-4]), own.body)))


def _rewritten() -> Mapping[str, dict[str, bytes]]:
    without = {
        name: {key: data for key, data in MEMBERS.items() if key != name} for name in ("att/1.jpg", "report.json")
    }
    return {
        "a part changed": {**MEMBERS, "report.txt": b"other words"},
        "a part added": {**MEMBERS, "att/2.jpg": b"slipped in"},
        "an attachment gone": without["att/1.jpg"],
        "a part gone": without["report.json"],
        "exchanged": {**MEMBERS, "report.txt": MEMBERS["report.json"], "report.json": MEMBERS["report.txt"]},
    }


def cut() -> Iterator[Sample]:
    size, length = len(SEALED.data), _length()
    for place in (0, 21, 22, 100, 1500, length - 1, length, length + 15, length + 16, length + 31, size - 16, size - 1):
        yield Sample(f"cut at {place}", SEALED.data[:place])
    yield Sample("longer", SEALED.data + b"x")
    target = io.BytesIO()
    payload.write(_file_key(), io.BytesIO(b""), target)
    yield Sample("empty", SEALED.data[:length] + target.getvalue())


# --- by chance --------------------------------------------------------------------------------------------------------


def headers(hostile: Hostile) -> Iterator[Sample]:
    head, rest = SEALED.data[: _length()], SEALED.data[_length() :]
    for place in range(24):
        yield Sample(f"header {place}", hostile.mutated(head) + rest)
    for place in range(6):
        yield Sample(f"payload {place}", head + hostile.mutated(rest))
        yield Sample(f"no file {place}", hostile.body())


def archives(hostile: Hostile) -> Iterator[Sample]:
    """Inside a genuine age file."""
    packed = archive.pack(MEMBERS)
    for place in range(24):
        start = 512 * hostile.chance.randrange(14)
        piece = hostile.mutated(packed[start : start + 512])
        spoilt = packed[:start] + piece + packed[start + 512 :]
        yield Sample(f"archive {place}", _encrypted(spoilt[: len(spoilt) // 512 * 512] if place % 2 else spoilt))
    yield Sample("zeros alone", _encrypted(bytes(1024)))
    yield Sample("one block short of an end", _encrypted(packed[: 512 * 13]))
    yield Sample("dirt after the end", _encrypted(packed[:-1] + b"x"))
    double = archive.pack({"report.txt": b"a"})[:1024]
    yield Sample("a member twice", _encrypted(double + double + bytes(1024)))


def manifests(hostile: Hostile) -> Iterator[Sample]:
    """Signed by the sealer itself: nothing but its form is wrong."""
    value = json.loads(MEMBERS["manifest.json"])
    for place in range(24):
        yield _manifest(f"manifest {place}", _json(hostile.spoilt(value)))
    for place, change in enumerate(_forms(value)):
        yield _manifest(f"form {place}", _json({**value, **change}))
    for place, other in enumerate(_spellings(MEMBERS["manifest.json"])):
        yield _manifest(f"spelling {place}", other)


def _spellings(raw: bytes) -> list[bytes]:
    """The same or nearly, in another way of writing it."""
    numbers = [raw.replace(b'"seq":7', other) for other in (b'"seq":7.0', b'"seq":-0', b'"seq":7e0', b'"seq":07')]
    return [
        *numbers, raw.replace(b'"seq":7', b'"seq":7,"seq":7'), raw.replace(b'"ctx"', b'"\\u0063tx"'),
        raw.replace(b":", b": ", 1), raw + b"\n", b"\xef\xbb\xbf" + raw, raw[:-1] + b',"z":1}', b"[]", b"null", b"",
        raw.replace(b"{}", b"[]"), raw.replace(b"faro/report", b"faro/other"), raw.replace(b"/v1", b"/v1\xff"),
    ]  # fmt: skip


def _forms(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    part, own, parts = {"len": 1, "sha256": "0" * 64}, str(OUTSIDER.recipient), value["parts"]
    away = {"file": "att2.age", **part}
    to, roster = value["to"], {"version": 3, "sha256": "0" * 64}
    wrong: dict[str, list[Any]] = {
        "date": ["2026-02-30", "2026-1-1", "0000-01-01", "2026-W01-1", 20261125],
        "seq": [-1, True, "7", None],
        "practice": [0, "no"],
        "prev": ["0" * 63],
        "report_id": ["A" * 32],
        "to": [to[::-1], to[0], [], [to[0]] * 2, ["x" * 32]],
        "roster": [{"version": 3}, {**roster, "more": 1}, []],
        "follow_up": ["", "age1pq1qqqq", 5, own, own[:-1] + "q", own.upper()],
        "parts": [{}, [], {**parts, "a\ud800": part}, {**parts, "__proto__": part},
                  {**parts, "\U0001f600": part, "\ufb01": part}],
        "detached": [{"att/2.mp4": away}, {"att/3.mp4": away}, {"../x": away}, {"att/2.mp4": part},
                     {"att/2.mp4": {**away, "file": "../att2.age"}}, None],
        "ctx": ["faro/report-manifest/v2"],
        "more": [1],
    }  # fmt: skip
    return [{name: one} for name, values in wrong.items() for one in values]


def _manifest(name: str, raw: bytes) -> Sample:
    signature = DESK.sealer.sign(raw)
    return Sample(name, DESK.sealed_again({**MEMBERS, "manifest.json": raw, "manifest.sig": signature}))


def _json(value: Any) -> bytes:
    """As canonical as it can be written: what remains wrong is what it says."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


# --- large attachments ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Large:
    """A file of an attachment, the name that is asked for, and the manifest that it is held against."""

    case: str
    data: bytes
    name: str
    manifest: Manifest


def large_verdict(one: Large) -> str:
    try:
        opened = envelope.open_detached(one.data, one.name, one.manifest, DESK.officers[0].identity)
    except Refused as refused:
        return refused.code
    return "opened " + sha256(opened).hexdigest()[:8]


def large() -> Iterator[Large]:
    """With small ones: how a file is held against its manifest does not depend on its size."""
    to = [officer.recipient for officer in DESK.officers]
    inside = {name: b"sound of " + name.encode() for name in ("att/1.mp4", "att/2.mp4")}
    files = {name: age.encrypt(archive.pack({name: data}), to) for name, data in inside.items()}
    two = age.encrypt(archive.pack(inside), to)
    classical = age.encrypt(archive.pack({"att/1.mp4": b"x"}), [age.X25519Identity.generate().recipient()])

    def manifest(first: bytes, length: int = 18) -> Manifest:
        refs = {"att/1.mp4": DetachedRef("att1.age", length, envelope.payload_sha256(first)),
                "att/2.mp4": DetachedRef("att2.age", 18, envelope.payload_sha256(files["att/2.mp4"]))}  # fmt: skip
        tags = tuple(sorted(tag(recipient) for recipient in to))
        return Manifest(REPORT_ID, 7, bytes(32), date(2026, 11, 25), False, RosterRef(3, bytes(32)), tags, None,
                        {"report.txt": PartRef(0, bytes(32))}, refs)  # fmt: skip

    known = manifest(files["att/1.mp4"])
    yield Large("as it is", files["att/1.mp4"], "att/1.mp4", known)
    yield Large("the other's file", files["att/2.mp4"], "att/1.mp4", known)
    yield Large("a name that is not there", files["att/1.mp4"], "att/3.mp4", known)
    yield Large("a name of every object", files["att/1.mp4"], "toString", known)
    yield Large("cut", files["att/1.mp4"][:-1], "att/1.mp4", known)
    yield Large("no file", b"", "att/1.mp4", known)
    yield Large("another length", files["att/1.mp4"], "att/1.mp4", manifest(files["att/1.mp4"], 19))
    yield Large("two members", two, "att/1.mp4", manifest(two))
    yield Large("of another name", files["att/2.mp4"], "att/1.mp4", manifest(files["att/2.mp4"]))
    yield Large("classical", classical, "att/1.mp4", manifest(classical))


# --- key files --------------------------------------------------------------------------------------------------------

KEY = identity.new_key()
PASSPHRASE = "pase palabra ñ"


def key_files(hostile: Hostile) -> Iterator[tuple[str, bytes]]:
    text = f"# public key: {KEY.recipient}\n# signing key: {KEY.signing_public}\n{KEY.identity.secret()}\n"

    def locked(plain: str, passphrase: str = PASSPHRASE, factor: int = 4) -> bytes:
        return age.encrypt(plain.encode(), [age.ScryptRecipient(passphrase, factor)])

    yield "as it is", locked(text)
    yield "as keygen writes it", locked(text, factor=12)
    yield "in the open", text.encode()
    yield "in small letters", KEY.identity.secret().lower().encode()
    yield "in mixed letters", KEY.identity.secret().capitalize().encode()
    yield "lines of Windows", text.replace("\n", "\r\n").encode()
    yield "another passphrase", locked(text, "another")
    yield "two keys", locked(text + KEY.identity.secret())
    yield "no key", locked("# nothing\n")
    yield "a classical key", locked(age.X25519Identity.generate().secret())
    yield "a public key", locked(str(KEY.recipient))
    yield "a key mistyped", locked(text.replace("AGE-SECRET-KEY-PQ-1", "AGE-SECRET-KEY-PQ-1Q"))
    yield "sealed to a key", age.encrypt(text.encode(), [KEY.recipient])
    yield "a work of hours", locked(text).replace(b" 4\n", b" 21\n", 1)
    yield "nothing", b""
    sound = locked(text)
    for place in range(30):
        yield f"spoilt {place}", hostile.mutated(sound)


def _encrypted(packed: bytes) -> bytes:
    return age.encrypt(packed, [officer.recipient for officer in DESK.officers])


def _file_key() -> bytes:
    key = DESK.officers[0].identity.unwrap(age.read_header(SEALED.data).stanzas)
    assert key
    return key


def _length() -> int:
    return age.read_header(SEALED.data).length


def _header_with(stanza: age.Stanza) -> bytes:
    return header.write(_file_key(), [*age.read_header(SEALED.data).stanzas, stanza]) + SEALED.data[_length() :]


def _header_only(stanza: age.Stanza) -> bytes:
    return header.write(_file_key(), [stanza]) + SEALED.data[_length() :]

"""The manifest of a sealed report: what it is, whom it is for, and the digest of every part (FORMAT.md, section 4)."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from storage import signing
from storage.age import HybridRecipient, KeyRefused
from storage.refused import Refused

CTX = "faro/report-manifest/v1"
MEMBERS = {"ctx", "report_id", "seq", "prev", "date", "practice", "roster", "to", "follow_up", "parts", "detached"}

_ATTACHMENT = re.compile(r"att/([1-9][0-9]?)\.[a-z0-9]{1,5}", re.ASCII)


class ManifestRefused(Refused):
    """A manifest without the members that it must have."""


@dataclass(frozen=True, slots=True)
class RosterRef:
    """The roster in force when a report was sealed."""

    version: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class PartRef:
    """Length and SHA-256 of a member of the archive."""

    length: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class DetachedRef:
    """An attachment in a file of its own: that file's name, the attachment's length, the file's payload digest."""

    file: str
    length: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest; ids and digests as bytes, recipient tags as they stand in the file."""

    report_id: bytes
    seq: int
    prev: bytes
    date: date
    practice: bool
    roster: RosterRef
    to: tuple[str, ...]
    follow_up: str | None
    parts: Mapping[str, PartRef]
    detached: Mapping[str, DetachedRef]

    def to_bytes(self) -> bytes:
        """The canonical JSON that is signed."""
        parts = {name: {"len": part.length, "sha256": part.sha256.hex()} for name, part in self.parts.items()}
        detached = {
            name: {"file": part.file, "len": part.length, "sha256": part.sha256.hex()}
            for name, part in self.detached.items()
        }
        return signing.canonical({
            "ctx": CTX,
            "report_id": self.report_id.hex(),
            "seq": self.seq,
            "prev": self.prev.hex(),
            "date": self.date.isoformat(),
            "practice": self.practice,
            "roster": {"version": self.roster.version, "sha256": self.roster.sha256.hex()},
            "to": sorted(self.to),
            "follow_up": self.follow_up,
            "parts": parts,
            "detached": detached,
        })  # fmt: skip

    @classmethod
    def from_bytes(cls, data: bytes) -> "Manifest":
        """Read a manifest whose signature was verified. Raises ManifestRefused."""
        try:
            return cls._read(signing.parse(data, CTX))
        except (signing.NotCanonical, KeyError, TypeError, ValueError, AttributeError, KeyRefused):
            raise ManifestRefused("not a manifest of this version") from None

    @classmethod
    def _read(cls, value: dict[str, Any]) -> "Manifest":
        manifest = cls(
            report_id=signing.from_hex(value["report_id"], 16),
            seq=value["seq"],
            prev=signing.from_hex(value["prev"], 32),
            date=date.fromisoformat(value["date"]),
            practice=value["practice"],
            roster=RosterRef(value["roster"]["version"], signing.from_hex(value["roster"]["sha256"], 32)),
            to=tuple(value["to"]),
            follow_up=value["follow_up"],
            parts={n: PartRef(p["len"], signing.from_hex(p["sha256"], 32)) for n, p in value["parts"].items()},
            detached={
                n: DetachedRef(p["file"], p["len"], signing.from_hex(p["sha256"], 32))
                for n, p in value["detached"].items()
            },
        )
        # Whatever was not read, or has a second spelling, would be missing or different when it is written again.
        if manifest.to_bytes() != signing.canonical(value) or not manifest._types_hold():
            raise ManifestRefused("members that a manifest does not have")
        return manifest

    def _types_hold(self) -> bool:
        lengths = [part.length for part in self.parts.values()] + [part.length for part in self.detached.values()]
        if self.follow_up is not None:
            HybridRecipient.parse(self.follow_up)
        return (
            all(type(number) is int and number >= 0 for number in [self.seq, self.roster.version, *lengths])
            and type(self.practice) is bool
            and all(len(signing.from_hex(tag, 16)) == 16 for tag in self.to)
            and all(_is_file_of(part.file, name) for name, part in self.detached.items())
        )


def _is_file_of(file: object, name: str) -> bool:
    """`att/3.ogg` lies in `att3.age` (FORMAT.md, section 3): neither name may lead anywhere else."""
    match = _ATTACHMENT.fullmatch(name)
    return match is not None and file == f"att{match[1]}.age"


def tag(recipient: HybridRecipient) -> str:
    """The recipient's tag as it stands in `to`."""
    return hashlib.sha256(str(recipient).encode("ascii")).hexdigest()[:32]

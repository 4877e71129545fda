"""How a report is shown in a terminal: a person's words are shown as text and can do nothing else."""

import os
import unicodedata
from pathlib import Path

from storage.envelope import TEXT, Opened
from storage.manifest import Manifest
from storage.roster import Roster

WARNINGS = {
    "practice": "PRACTICE: made in a practice installation; nobody wrote it in earnest.",
    "unnamed_reader": "WARNING: more keys can read this file than the report names. Tell the directors.",
    "unknown_reader": "WARNING: the report is sealed to a key that the roster does not know. Tell the directors.",
    "other_roster": "NOTE: sealed under another version of the roster than yours.",
    "no_roster": "NOTE: opened without a roster; whom else it is sealed to was not checked.",
}
# The two joiners shape honest Persian and Indic words; the rest of `Cf` can reorder or hide text.
HARMLESS = {"\n", "\u200c", "\u200d"}


def plain(text: str) -> str:
    """The text with every control, bidirectional and invisible character made visible as its code point."""
    return "".join(c if c in HARMLESS or _printable(c) else f"<U+{ord(c):04X}>" for c in text.replace("\r\n", "\n"))


def lines(opened: Opened, roster: Roster | None) -> list[str]:
    """What an officer reads: what was checked, what to beware of, the report itself, what else is in it."""
    manifest = opened.manifest
    text = opened.parts[TEXT].decode("utf-8", "replace")
    return [
        *(WARNINGS[code] for code in [*opened.warnings, *roster_warnings(manifest, roster)]),
        f"Report {manifest.report_id.hex()}, number {manifest.seq}, sealed on {manifest.date.isoformat()}.",
        "Signature, recipients, parts and ids verified.",
        f"Can be read by: {', '.join(_reader(tag, roster) for tag in manifest.to)}.",
        "",
        *(plain(line) for line in text.splitlines()),
        "",
        *_attachments(opened),
    ]


def roster_warnings(manifest: Manifest, roster: Roster | None) -> list[str]:
    """Codes of what the roster says against a report, or that there was none to ask."""
    if roster is None:
        return ["no_roster"]
    unknown = any(roster.officer_of(tag) is None for tag in manifest.to)
    other = manifest.roster != roster.ref
    return [code for code, holds in {"unknown_reader": unknown, "other_roster": other}.items() if holds]


def save(opened: Opened, attachments: dict[str, bytes], folder: Path) -> list[Path]:
    """Write every part under its fixed name, for its owner alone. Raises FileExistsError: nothing is replaced."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stem = opened.manifest.report_id.hex()
    named = {**opened.parts, **attachments}
    return [_write(folder / f"{stem}.{name.replace('/', '')}", data) for name, data in named.items()]


def _write(path: Path, data: bytes) -> Path:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    return path


def _printable(c: str) -> bool:
    return unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _reader(tag: str, roster: Roster | None) -> str:
    officer = roster.officer_of(tag) if roster else None
    return f"{plain(officer.name_id)} ({plain(officer.unit)})" if officer else f"key {tag[:8]}"


def _attachments(opened: Opened) -> list[str]:
    inline = {name: len(data) for name, data in opened.parts.items() if name.startswith("att/")}
    large = {name: part.length for name, part in opened.manifest.detached.items()}
    return [f"Attachment {name}, {size:,} bytes." for name, size in sorted({**inline, **large}.items())]

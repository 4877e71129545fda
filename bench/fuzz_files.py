"""Files that somebody may hand to Faro, spoilt: sealed headers by the million, archives, keys, tables, pictures.

A file is either taken as it is or refused by name. Anything else that is raised is a fault, and a changed sealed file
that opens is a forgery.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import click
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.fuzz_words import MARK, Hostile
from bot import placement_codes
from bot.directory import FILE as HOTLINES
from bot.directory import Directory
from bot.errors import FaroError
from bot.placements import COLUMNS, Placements
from storage import age, archive, identity, roster, roster_draft, signing
from storage.age import ScryptIdentity, ScryptRecipient
from storage.errors import StorageError
from storage.refused import Refused
from tests.storage.sealing import Desk

BY_NAME = (FaroError, StorageError, Refused, click.ClickException)
CHUNK = 20_000  # mutations of one task
TODAY = date(2026, 11, 25)


@dataclass(slots=True)
class Outcome:
    """`forged`: what was changed and taken for genuine; `faults`: kinds of errors that have no name of ours."""

    tried: int = 0
    forged: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    slowest: float = 0.0
    megabytes: int = 0

    def add(self, other: Outcome) -> None:
        self.tried += other.tried
        self.forged += other.forged
        self.faults += other.faults
        self.slowest = max(self.slowest, other.slowest)
        self.megabytes = max(self.megabytes, other.megabytes)

    @contextmanager
    def one(self) -> Iterator[None]:
        """One input: what processor time it took, and whether what it raised has a name."""
        self.tried += 1
        begun = time.process_time()
        try:
            yield
        except BY_NAME:
            pass
        except Exception as error:  # noqa: BLE001  every other kind is what is looked for
            self.faults[_where(error)] += 1
        self.slowest = max(self.slowest, time.process_time() - begun)


def _where(error: BaseException) -> str:
    """Kind and place, and nothing that it says."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__} {place}"


def headers(number: int, seed: int, processes: int | None = None) -> Outcome:
    """So many changed headers before an untouched payload, opened by an officer. None may open."""
    begun, found = time.monotonic(), Outcome()
    sizes = [min(CHUNK, number - at) for at in range(0, number, CHUNK)]
    tasks = [(size, seed + place) for place, size in enumerate(sizes)]
    with multiprocessing.get_context("spawn").Pool(processes or os.cpu_count()) as pool:
        for one in pool.imap_unordered(_headers, tasks):
            found.add(one)
    found.seconds = time.monotonic() - begun
    return found


def _headers(task: tuple[int, int]) -> Outcome:
    number, seed = task
    return some_headers(number, seed)


def some_headers(number: int, seed: int) -> Outcome:
    """The same in this process."""
    hostile, desk, found = Hostile(seed), Desk(), Outcome()
    sealed = desk.seal().data
    length = age.read_header(sealed).length
    head, rest = sealed[:length], sealed[length:]
    for _ in range(number):
        spoilt = hostile.mutated(head) + rest
        with found.one():
            desk.open(spoilt)
            found.forged += 1
    found.megabytes = resident()
    return found


def resident(pid: int | str = "self") -> int:
    """Megabytes that a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))


# Everything else that is read from a file.


def files(number: int, seed: int) -> Mapping[str, Outcome]:
    """So many spoilt files of each kind."""
    hostile = Hostile(seed)
    with tempfile.TemporaryDirectory() as folder:
        kinds = dict(_kinds(Path(folder)))
        return {name: _spoilt(hostile, number, sample, read) for name, (sample, read) in kinds.items()}


def _spoilt(hostile: Hostile, number: int, sample: bytes, read: Callable[[bytes], object]) -> Outcome:
    found, begun = Outcome(), time.monotonic()
    read(sample)  # as it is it must be taken
    for place in range(number):
        data = hostile.body() if place % 5 == 0 else hostile.mutated(sample)
        with found.one():
            read(data)
    found.seconds, found.megabytes = time.monotonic() - begun, resident()
    return found


type Reader = Callable[[bytes], object]


def _kinds(folder: Path) -> Iterator[tuple[str, tuple[bytes, Reader]]]:
    desk = Desk()
    sealed = desk.seal().data
    yield "sealed files (whole)", (sealed, lambda data: desk.open(data))
    yield "archives", (archive.pack({"report.txt": MARK.encode(), "att/1.jpg": bytes(700)}), archive.unpack)
    locked = age.encrypt(b"AGE-SECRET-KEY", [ScryptRecipient("p", 4)])
    yield "passphrase files", (locked, lambda data: age.decrypt(data, [ScryptIdentity("p", 6)]))
    key = identity.new_key()
    yield (
        "key files in the open",
        (key.identity.secret().encode(), _by_path(folder, lambda p: identity.read_key_file(p, ""))),
    )
    director = Ed25519PrivateKey.generate()
    signed = roster_draft.sign(roster_draft.new([director.public_key()], issued=TODAY, expires=date(2027, 1, 1),
                                                practice=False), director)  # fmt: skip
    yield "rosters", (signed, lambda data: roster.read(data, [director.public_key()], 1, today=TODAY))
    yield "signed documents", (signed, lambda data: _refusing(signing.NotCanonical, signing.signed_by, data, "x", []))
    yield "placements.csv", (_placements(), _by_path(folder, Placements.read))
    yield "hotlines.csv", (HOTLINES.read_bytes(), _by_path(folder, lambda path: Directory.load(path, today=TODAY)))


def _by_path(folder: Path, read: Callable[[Path], object]) -> Reader:
    def of_bytes(data: bytes) -> object:
        path = folder / "given"
        path.write_bytes(data)
        return read(path)

    return of_bytes


def _refusing(kind: type[Exception], call: Callable[..., object], *given: Any) -> object:
    """A kind of refusal that its callers turn into their own."""
    try:
        return call(*given)
    except kind:
        return None


def _placements() -> bytes:
    rows = [f"{placement_codes.new()},Puerta {n},BOG-MAD,ES,es en,500,2027-12-31" for n in range(3)]
    return "\n".join([",".join(COLUMNS), *rows, ""]).encode()


def told(found: Outcome) -> dict[str, Any]:
    return orjson.loads(orjson.dumps({
        "tried": found.tried, "forged": found.forged, "faults": dict(found.faults), "seconds": found.seconds,
        "slowest_ms": found.slowest * 1000, "megabytes": found.megabytes,
    }))  # fmt: skip

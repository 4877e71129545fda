"""What somebody hands to `faro restore`, by the command itself and into a real database: spoilt, faked, made to grow.

The worst comes from one who has the keeper's card, which is no secret: he seals an archive of keys of his own, and its
sealer signs whatever database he likes. So hostile contents come under sound signatures too. Nothing may be written
outside the data folder, and nothing but what a restore brings inside of it.
"""

from __future__ import annotations

import io
import os
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from alembic.script import ScriptDirectory
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.fuzz_files import Outcome, resident
from bench.fuzz_words import Hostile
from bot import backup as command
from bot.cli import faro
from storage import age, backup, identity, signing
from storage.database import MIGRATIONS, libpq_url
from storage.embedded import start_embedded
from storage.identity import OfficerKey

NO_ROWS = b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"\xff\xff"  # a table in PostgreSQL's binary COPY
GROWN = 300  # megabytes that a small file may make of itself, and no more
# Names that no key and no file of a backup has; @ is a folder of this machine.
ELSEWHERE = ("../outside", "keys/../../outside", "@/outside", "keys/epochs/1.key", "keys", "keys/", "", ".",
             "postgres/postgresql.conf", "serve.json", "keys/" + "k" * 300, "keys/sealer.key/under", "keys/a\0b",
             "keys/\udcff", "..", "practice/../../outside")  # fmt: skip
HUGE = 2 * GROWN * 1024 * 1024
RECORDS: Sequence[Mapping[str, str]] = (
    {"size": "99999999999999999999"}, {"size": "-1"}, {"path": "a\0b"}, {"GNU.sparse.major": "1"},
    {"GNU.sparse.map": "0,99999999999,1", "GNU.sparse.size": str(HUGE)}, {"GNU.sparse.size": "x"}, {"mtime": "nan"},
    {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(HUGE)},
    {"hdrcharset": "BINARY", "path": "\udcff"},
)  # fmt: skip
STRANGE_SIZES = (b"\xff" * 12, b"\x80" + b"\xff" * 11, b"-1", b"77777777777", b"x" * 12, b"9" * 12, b"")


@dataclass
class Handed:
    """A folder with `database.tar` and `keys.age`, and the machine that is to take it up."""

    folder: Path
    url: str
    keeper: OfficerKey = field(default_factory=identity.new_key)
    sealer: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def keys(self, sealer: bytes | None = None) -> dict[str, bytes]:
        own = self.sealer.private_bytes_raw() if sealer is None else sealer
        return {"keys/digest.key": bytes(32), "keys/pepper.key": bytes(32), "keys/sealer.key": own}

    def body(self) -> dict[str, Any]:
        empty = {"rows": 0, "bytes": len(NO_ROWS), "sha256": sha256(NO_ROWS).hexdigest()}
        tables = {one.name: {"columns": [column.name for column in one.columns], **empty} for one in backup.KEPT}
        version = ScriptDirectory(str(MIGRATIONS)).get_current_head()
        left = {one.name: 0 for one in backup.LEFT}
        return {"ctx": backup.CTX, "taken": "2026-11-25T12:00:00Z", "version": version, "tables": tables,
                "left": left, "files": {}}  # fmt: skip

    def database(self, body: Any = None, files: Mapping[str, bytes] | None = None) -> bytes:
        """Signed by the sealer whose key the archive brings."""
        body, files = self.body() if body is None else body, files or {}
        if files:
            body["files"] = {name: {"bytes": len(data), "sha256": sha256(data).hexdigest()}
                             for name, data in files.items()}  # fmt: skip
        members = {f"tables/{one.name}": NO_ROWS for one in backup.KEPT}
        members |= {f"files/{name}": data for name, data in files.items()}
        return packed({**members, backup.MANIFEST: signing.sign(body, self.sealer)})

    def restored(self, database: bytes, keys: bytes) -> BaseException | None:
        """Types the command. What it raised, if that was no refusal in one line."""
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            machine = Path(place)
            (machine / "in").mkdir()
            (machine / "in" / command.DATABASE).write_bytes(database)
            (machine / "in" / command.KEYS).write_bytes(age.encrypt(keys, [self.keeper.recipient]))
            (machine / "keeper").write_text(self.keeper.identity.secret())
            environment = {"FARO_DATA_DIR": str(machine / "data"), "FARO_DATABASE_URL": self.url}
            arguments = ["restore", str(machine / "in"), "--key", str(machine / "keeper")]
            result = CliRunner().invoke(faro, arguments, env=environment)
            if result.exit_code == 0:
                self._emptied()
            if written := _foreign(machine):
                raise Elsewhere(written)
            return None if isinstance(result.exception, SystemExit) else result.exception

    def _emptied(self) -> None:
        with psycopg.connect(libpq_url(self.url), autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


class Elsewhere(Exception):
    """Something was written that no restore brings."""


def _foreign(machine: Path) -> str:
    """The first name that is there and should not be; empty if there is none."""
    beside = machine.parent / "outside"
    outside = [path.name for path in machine.iterdir() if path.name not in {"in", "keeper", "data"}]
    outside += [beside.name] if beside.exists() else []
    beside.unlink(missing_ok=True)
    data = machine / "data"
    inside = [str(path.relative_to(data)) for path in data.rglob("*") if path.is_file()]
    own = ("keys/", "practice/", *command.FILES)
    strange = [name for name in inside if not name.startswith(own) or name == "keys/epochs/1.key"]
    return next(iter([*outside, *strange]), "")


def packed(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


@contextmanager
def handed() -> Iterator[Handed]:
    """A machine to bring things back to, with an empty database that runs for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="faro-fuzz-") as folder:
        server = start_embedded(Path(folder) / "server")
        try:
            (Path(folder) / "machines").mkdir()
            yield Handed(Path(folder) / "machines", server.url)
        finally:
            server.stop()


def backups(number: int, seed: int, every: int = 1) -> Outcome:
    """So many hostile backups, and each trick; for a short run one of so many."""
    found, hostile, begun = Outcome(), Hostile(seed), time.monotonic()
    with handed() as machine:
        assert machine.restored(machine.database(), packed(machine.keys())) is None
        before = _peak()
        for database, keys in islice(_hostile(machine, hostile, number), 0, None, every):
            with found.one():
                try:
                    if unforeseen := machine.restored(database, keys):
                        raise unforeseen
                except Elsewhere:
                    found.forged += 1
        found.forged += _peak() - before > GROWN
    found.seconds, found.megabytes = time.monotonic() - begun, resident()
    return found


def _peak() -> int:
    lines = Path(f"/proc/{os.getpid()}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


def _hostile(machine: Handed, hostile: Hostile, number: int) -> Iterator[tuple[bytes, bytes]]:
    """First each trick once, then as many changed ones as are wanted."""
    database, keys = machine.database(), packed(machine.keys())
    for trick in tricks(backup.MANIFEST, signing.sign(machine.body(), machine.sealer)):
        yield trick, keys
    for trick in tricks("keys/sealer.key", machine.sealer.private_bytes_raw()):
        yield database, trick
    for name in (one.replace("@", str(machine.folder)) for one in ELSEWHERE):
        yield database, packed_badly(name, machine.keys())
        yield machine.database(files={name: b"x"} if name.isprintable() else None), keys
    for size in (0, 5, 31, 33):
        yield database, packed(machine.keys(bytes(size)))
    for place in range(number):
        match place % 4:
            case 0:
                yield hostile.mutated(database), keys
            case 1:
                yield database, hostile.mutated(keys)
            case 2:
                yield machine.database(_signable(hostile, machine.body())), keys
            case _:
                yield hostile.mutated(database), hostile.body()


def _signable(hostile: Hostile, body: dict[str, Any]) -> Any:
    """A spoilt body that can be signed: without numbers that have two ways to be written."""
    while True:
        spoilt = hostile.spoilt(body)
        if isinstance(spoilt, dict):
            try:
                signing.canonical(spoilt | {"ctx": backup.CTX})
            except signing.NotCanonical:
                continue
            return spoilt | {"ctx": backup.CTX}


def packed_badly(name: str, members: Mapping[str, bytes]) -> bytes:
    """A tar with one more file, of a name that the library itself might refuse to write."""
    sound = b"".join(_member(one, data)[:-1024] for one, data in members.items())
    raw = name.encode("utf-8", "surrogateescape")
    if len(raw) > 100:
        return sound + packed({name: b"x"})
    block = bytearray(_member("x", b"x"))
    block[:100] = raw.ljust(100, b"\0")
    return sound + _summed(block[:512]) + bytes(block[512:])


def _summed(block: bytearray) -> bytes:
    block[148:156] = b" " * 8
    block[148:156] = f"{sum(block):06o}\0 ".encode()
    return bytes(block)


def tricks(name: str, data: bytes) -> Iterator[bytes]:
    """Tars in which the file of this name is something else, or pretends to be huge."""
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.CONTTYPE,
                 tarfile.GNUTYPE_SPARSE, tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE, b"Z"):  # fmt: skip
        for link in (name, "/etc/passwd", "other", ""):
            yield _member(name, data, kind, link)
    for size in STRANGE_SIZES:
        yield _member(name, data, size=size)
    yield _sparse(name)
    yield from (_pax(name, data, records) for records in RECORDS)
    yield packed({name: data})[: 512 + len(data) // 2]  # cut
    yield packed({name: data}) + packed({name: b"another"})
    yield b"".join(_member(f"{place}", b"")[:512] for place in range(20_000)) + bytes(1024)
    yield packed({"other": data})


def _member(name: str, data: bytes, kind: bytes = tarfile.REGTYPE, link: str = "", size: bytes | None = None) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = len(data), kind, link
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    if size is not None:
        block[124:136] = size.ljust(12, b"\0")[:12]
    return _summed(block) + data.ljust(-(-len(data) // 512) * 512, b"\0") + bytes(1024)


def _sparse(name: str) -> bytes:
    """GNU's old form: no byte on disk, and a file that is all hole."""
    info = tarfile.TarInfo(name)
    info.type = tarfile.GNUTYPE_SPARSE
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[386:398], block[398:410] = b"%011o\0" % HUGE, b"%011o\0" % 0  # one hole
    block[483:495] = b"%011o\0" % HUGE
    return _summed(block) + bytes(1024)


def _pax(name: str, data: bytes, records: Mapping[str, str]) -> bytes:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    info.pax_headers = dict(records)
    try:
        block = info.tobuf(tarfile.PAX_FORMAT, errors="surrogateescape")
    except ValueError:
        return _member(name, data)
    return block + data.ljust(-(-len(data) // 512) * 512, b"\0") + bytes(1024)

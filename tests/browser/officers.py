"""An officers' site for a browser: the real console on a real database, and officers whose keys no server sees."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot import report
from bot.console.app import create_app
from bot.settings import Settings
from storage import age, audit, envelope, reports, roster_draft
from storage.age import ScryptRecipient
from storage.database import Database
from storage.envelope import Part
from storage.identity import OfficerKey
from storage.keys import KeyRing
from storage.roster import Roster
from storage.trust import Trust
from tests.bot.drafts import EXPLOITED
from tests.house import UNITS, Clock, House, Officers

PASSPHRASE = "correct-horse-battery"
QUICK = 4  # work factor of a key file's passphrase, where its time is not what is tested


@dataclass(slots=True)
class Office:
    """`url`: of the console, under a name that browsers take for a safe place."""

    url: str
    folder: Path
    settings: Settings
    database: Database
    keys: KeyRing
    officers: Officers
    clock: Clock

    @property
    def roster_file(self) -> Path:
        return self.settings.roster_file

    @property
    def roster(self) -> Roster:
        trust = Trust.beside(self.roster_file)
        assert trust
        return Roster.load(self.roster_file, trust.directors, 2)

    def key_file(self, key: OfficerKey, *, work_factor: int = QUICK, name: str = "ana.key") -> Path:
        text = f"# public key: {key.recipient}\n# signing key: {key.signing_public}\n{key.identity.secret()}\n"
        path = self.folder / name
        path.write_bytes(age.encrypt(text.encode(), [ScryptRecipient(PASSPHRASE, work_factor)]))
        return path

    async def file(self, *parts: Part, unit: str = "coat", tier: str = "P1", many: bool = False, text: bytes = b"",
                   language: str = "es", spoil: Any = None, **changes: Any) -> bytes:  # fmt: skip
        """Files a report as the worker does; its id. `spoil`: makes another file of the sealed one before."""
        report_id = secrets.token_bytes(16)
        made = report.build(replace(EXPLOITED, report_id=report_id.hex(), practice=self.settings.practice))
        given = [Part("report.txt", text or made.text(language).encode()), Part("report.json", made.json_bytes())]
        async with self.database.begin() as tx:
            head = await audit.head(tx, hold=True)
            values = {
                "report_id": report_id, "seq": head.seq + 1, "prev": head.hash, "day": datetime.now(UTC).date(),
                "roster": self.roster.ref, "recipients": self.roster.recipients([unit], datetime.now(UTC).date()),
                "follow_up": None, "sealer": self.keys.sealer_key(), "practice": self.settings.practice,
            }  # fmt: skip
            sealed = envelope.seal([*given, *parts], **{**values, **changes})
            data = spoil(sealed.data) if spoil else sealed.data
            await reports.file(tx, report_id, data, sealed.detached, [unit], tier, self.settings.practice,
                               date(2026, 11, 25), None, secrets.token_bytes(32), many=many)  # fmt: skip
            await audit.append(tx, "sealed", report_id, "sealer", sealed.sha256, self.keys.sealer_key())
        return report_id

    def sign(self, draft: bytes, directors: Sequence[Ed25519PrivateKey] = ()) -> None:
        """A changed roster takes the place of the one in force, signed by all directors or by these."""
        for director in directors or self.officers.signers:
            draft = roster_draft.sign(draft, director)
        self.roster_file.write_bytes(draft)

    @staticmethod
    @asynccontextmanager
    async def beside(house: House) -> AsyncIterator[Office]:
        """The console of a house that runs."""
        settings = house.service.settings
        async with office(settings.data_dir, settings.database_url, officers=house.officers) as one:
            yield one

    async def sealed(self, report_id: bytes) -> bytes:
        async with self.database.begin() as tx:
            row = await reports.fetch(tx, report_id)
        assert row
        return row.sealed


@asynccontextmanager
async def office(folder: Path, database_url: str, *, practice: bool = False, officers: Officers | None = None
                 ) -> AsyncIterator[Office]:  # fmt: skip
    """Until the block ends. `officers`: of a house whose data folder and database these are."""
    keys = KeyRing.open(folder / "keys")
    known = officers or Officers.appoint(folder / "practice" if practice else folder, keys, UNITS, practice=practice)
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        url = f"http://localhost:{door.getsockname()[1]}"
        settings = Settings(_env_file=None, data_dir=folder, database_url=database_url, console_url=url,
                            roster_keys=() if practice else known.directors)  # fmt: skip
        database = Database(database_url, pool=2)
        try:
            clock = Clock()
            async with _serving(settings, clock, door):
                yield Office(url, folder, settings, database, keys, known, clock)
        finally:
            await database.close()


@asynccontextmanager
async def _serving(settings: Settings, clock: Clock, door: socket.socket) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(create_app(settings, clock), log_config=None))
    serving = asyncio.create_task(server.serve([door]))
    while not server.started:
        if serving.done():
            await serving
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await serving

"""A server's database with sealed reports in it, and the commands that an officer types."""

import asyncio
import secrets

from click.testing import CliRunner

from bot import practice
from bot.officer import officer
from storage import audit, reports
from storage.database import Database
from storage.keys import KeyRing
from storage.roster import Roster
from tests.storage.sealing import DAY, Desk

UNIT, OFFICER = "coat", "practice-coat"


class Office:
    def __init__(self, data_dir, url):
        self.data_dir, self.url = data_dir, url
        self.keys = KeyRing.open(data_dir / "keys")
        place = data_dir / "practice"
        self.roster = Roster.load(place / "roster.json", practice.directors(data_dir), practice.DIRECTORS)

    def run(self, *arguments):
        result = CliRunner().invoke(officer, [str(argument) for argument in arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    def file(self, *parts, tier="P1"):
        """Files a report as the worker does; its id."""
        return self.within(lambda tx: self._file(tx, parts, tier))

    def within(self, work):
        async def run():
            database = Database(self.url, pool=1)
            try:
                async with database.begin() as tx:
                    return await work(tx)
            finally:
                await database.close()

        return asyncio.run(run())

    async def _file(self, tx, parts, tier):
        report_id, head = secrets.token_bytes(16), await audit.head(tx, hold=True)
        sealed = Desk(sealer=self.keys.sealer_key(), officers=[]).seal(
            *parts, report_id=report_id, seq=head.seq + 1, prev=head.hash, roster=self.roster.ref, practice=True,
            recipients=self.roster.recipients([UNIT], self.roster.issued),
        )  # fmt: skip
        person = secrets.token_bytes(32)
        await reports.file(tx, report_id, sealed.data, sealed.detached, [UNIT], tier, True, DAY, None, person)
        await audit.append(tx, "sealed", report_id, "sealer", sealed.sha256, self.keys.sealer_key())
        return report_id

    def events(self):
        rows = self.within(audit.rows)
        assert audit.verify(rows, self.keys.sealer_key().public_key()).ok
        return [row.body.decode().split('"event":"')[1].split('"')[0] for row in rows]

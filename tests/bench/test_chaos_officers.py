"""What officers find after a chaos run, also when the sealer was changed in the middle of it."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.chaos_officers import opened, shelves
from bench.chaos_town import Town
from bot.settings import Settings
from storage import audit, envelope, reports, rotation
from storage.database import Database
from storage.envelope import Part
from storage.keys import KeyRing
from storage.manifest import RosterRef
from storage.refused import Refused
from tests.channels.platforms.telegram import TelegramPlatform
from tests.channels.platforms.twilio import TwilioPlatform
from tests.house import Officers
from tests.storage.sealing import DAY

UNIT = "coat"


@pytest.fixture
def town(tmp_path: Path, database_url: str) -> Town:
    """One in which nothing runs: what is left is read all the same."""
    keys = KeyRing.open(tmp_path / "keys")
    officers = Officers.appoint(tmp_path, keys)
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=database_url)  # type: ignore[call-arg]
    return Town(tmp_path, database_url, settings, officers, TelegramPlatform(), TwilioPlatform(), "", [], keys,
                small_disk=False)  # fmt: skip


async def filed(town: Town, database: Database, number: int, signer: Ed25519PrivateKey) -> None:
    body = orjson.dumps({"story": [{"text": f"me llamo Ana{number}x"}], "answers": []})
    async with database.begin() as tx:
        id, head = secrets.token_bytes(16), await audit.head(tx, hold=True)
        sealed = envelope.seal(
            [Part("report.json", body), Part("report.txt", b"-")], report_id=id, seq=head.seq + 1, prev=head.hash,
            day=DAY, roster=RosterRef(1, bytes(32)), sealer=signer, follow_up=None, practice=False,
            recipients=[town.officers.keys[UNIT].recipient],
        )  # fmt: skip
        await reports.file(tx, id, sealed.data, {}, [UNIT], "P1", False, DAY, None, secrets.token_bytes(32))
        await audit.append(tx, "sealed", id, "sealer", sealed.sha256, signer)


async def test_reports_of_both_sealers_open_and_the_chain_holds_after_a_change(town: Town, database: Database) -> None:
    for number in range(1, 9):
        await filed(town, database, number, town.keys.sealer_key())
    rotation.next_sealer(town.data / "keys")
    await rotation.sealer(database, town.data / "keys")
    for number in range(9, 17):
        await filed(town, database, number, town.keys.sealer_key())
    assert sorted(one["number"] for one in await opened(town)) == list(range(1, 17))
    assert (await asyncio.to_thread(shelves, town)).chain == []


async def test_a_report_under_a_strangers_seal_is_told(town: Town, database: Database) -> None:
    await filed(town, database, 1, Ed25519PrivateKey.generate())
    with pytest.raises(Refused):
        await opened(town)

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.gauges import Chain, Gauges, of_gateway, of_worker
from bot.service import open_service
from bot.settings import Settings
from storage import audit
from storage.keys import KeyRing
from tests.bot.test_metrics import series, value
from tests.engine import Engine, free_port
from tests.house import House, furnished


async def test_it_is_looked_up_once_however_often_it_is_asked_for(house: House) -> None:
    asked = 0

    async def look(service: object) -> None:
        nonlocal asked
        asked += 1

    gauges = Gauges(house.service, look)
    for _ in range(3):
        await gauges.fresh()
    assert asked == 1


async def test_without_a_database_nothing_of_it_is_shown_rather_than_what_was(tmp_path: Path) -> None:
    nowhere = f"postgresql://faro@127.0.0.1:{free_port()}/x"
    given = Settings(_env_file=None, data_dir=tmp_path, database_url=nowhere, engine_urls=("http://127.0.0.1:9",))
    async with open_service(given) as service:
        service.metrics.set("faro_jobs_waiting", 3, queue="turns")
        service.metrics.set("faro_clock_skew_seconds", 0)
        await Gauges(service, of_gateway).fresh()
        shown = service.metrics.text()
    assert value(shown, "faro_ready", part="database") == 0
    assert {"faro_jobs_waiting", "faro_clock_skew_seconds", "faro_workers"} & set(series(shown)) == set()


async def test_a_chain_that_holds_is_shown_and_one_that_was_changed_is_shown_as_broken(house: House) -> None:
    service = house.service
    async with service.database.begin() as tx:
        for _ in range(3):
            await audit.append(tx, "sealed", None, "server", None, service.keys.sealer_key(), day=date(2026, 11, 1))
    await Chain().walk(service)
    assert value(service.metrics.text(), "faro_audit_verified") == 1
    async with service.database.begin() as tx:
        await tx.execute(text("UPDATE audit SET hash = '\\x00' WHERE seq = 2"))
    await Chain().walk(service)
    assert value(service.metrics.text(), "faro_audit_verified") == 0


async def test_rows_cut_off_at_the_end_are_missed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shorter chain is sound in itself: only who knew its end can tell."""
    monkeypatch.setattr("bot.gauges.CHAIN_SECONDS", 0)
    service, chain = house.service, Chain()
    async with service.database.begin() as tx:
        for _ in range(2):
            await audit.append(tx, "sealed", None, "server", None, service.keys.sealer_key(), day=date(2026, 11, 1))
    await chain.walk(service)
    async with service.database.begin() as tx:
        await tx.execute(text("DELETE FROM audit WHERE seq = 2"))
    await chain.walk(service)
    assert value(service.metrics.text(), "faro_audit_verified") == 0


async def test_between_two_walks_the_chain_is_left_alone(house: House) -> None:
    chain, service = Chain(), house.service
    await chain.walk(service)
    async with service.database.begin() as tx:
        await tx.execute(text("DROP TABLE audit"))
    await chain.walk(service)
    assert value(service.metrics.text(), "faro_audit_verified") == 1


async def test_roster_and_numbers_and_keys_are_shown_by_the_worker(
    tmp_path: Path, database_url: str, engine: Engine
) -> None:
    long_ago = str(datetime.now(UTC).date() - timedelta(days=91))
    async with furnished(tmp_path, database_url, engine, works=False, verified_on=long_ago) as house:
        await house.telegram.phone().say("hola")
        await Gauges(house.service, of_worker()).fresh()
        shown = house.service.metrics.text()
        house.service.settings.roster_file.unlink()
        await Gauges(house.service, of_worker()).fresh()
        refused = house.service.metrics.text()
    assert value(shown, "faro_directory_numbers", state="stale") > 50
    assert value(shown, "faro_directory_numbers", state="shown") == 0
    assert value(shown, "faro_roster_days") > 0
    assert value(refused, "faro_roster_days") == -1
    assert value(shown, "faro_epoch_keys") == 1 == KeyRing.open(tmp_path / "keys").epochs()
    assert value(shown, "faro_ready", part="roster") == 1
    assert value(refused, "faro_ready", part="roster") == 0

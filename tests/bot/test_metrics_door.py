"""The inner door, as a Prometheus and a kubelet see it."""

from __future__ import annotations

import socket
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text

from bot import metrics_door
from bot.errors import SettingsError
from bot.gauges import of_gateway, of_worker
from bot.service import open_service
from bot.settings import Settings
from tests.bot.test_metrics import value
from tests.engine import Engine, free_port
from tests.house import furnished


def settings(folder: Path, url: str, port: int) -> Settings:
    return Settings(_env_file=None, data_dir=folder, database_url=url, metrics_port=port)


async def test_it_answers_inside_and_the_public_door_does_not(
    tmp_path: Path, database_url: str, engine: Engine
) -> None:
    port = free_port()
    async with (
        furnished(tmp_path, database_url, engine, works=False, metrics_port=port) as house,
        aiohttp.ClientSession() as session,
    ):
        await house.telegram.phone().say("hola")
        async with session.get(f"http://127.0.0.1:{port}/metrics") as answer:
            assert (answer.status, answer.content_type) == (200, "text/plain")
            shown = await answer.read()
        async with session.get(f"{house.url}/metrics") as answer:
            assert answer.status == 404
        async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
            assert answer.status == 200
    assert value(shown, "faro_jobs_waiting", queue="turns") == 1
    assert value(shown, "faro_workers") == 0


async def test_a_worker_is_ready_only_when_it_can_do_its_whole_work(tmp_path: Path, database_url: str) -> None:
    port = free_port()
    async with (
        open_service(settings(tmp_path, database_url, port)) as service,
        metrics_door.opened(service, of_worker()),
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        async with session.get("/readyz") as answer:
            assert (answer.status, await answer.json()) == (503, {"database": True, "queue": True, "roster": False})
        async with session.get("/healthz") as answer:
            assert answer.status == 200
        async with session.get("/webhooks/telegram") as answer:
            assert answer.status == 404


async def test_a_process_stays_alive_and_measurable_when_its_database_is_broken(
    tmp_path: Path, database_url: str
) -> None:
    port = free_port()
    async with (
        open_service(settings(tmp_path, database_url, port)) as service,
        metrics_door.opened(service, of_gateway),
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        async with service.database.begin() as tx:
            await tx.execute(text("DROP TABLE inbox CASCADE"))
        async with session.get("/metrics") as answer:
            assert answer.status == 200
            assert value(await answer.read(), "faro_ready", part="database") == 0


async def test_without_a_port_nothing_is_opened(tmp_path: Path, database_url: str) -> None:
    async with open_service(settings(tmp_path, database_url, 0)) as service, metrics_door.opened(service, of_worker()):
        assert service.settings.metrics_port == 0


async def test_a_port_that_is_taken_is_told_by_the_name_of_the_setting(tmp_path: Path, database_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with open_service(settings(tmp_path, database_url, port)) as service:
            with pytest.raises(SettingsError, match="FARO_METRICS_PORT"):
                async with metrics_door.opened(service, of_worker()):
                    pass

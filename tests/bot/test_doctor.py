import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from click.testing import CliRunner

from bot import doctor, practice
from bot.channels import Finding
from bot.settings import Settings
from storage.health import Health
from storage.keys import KeyRing
from tests.house import numbers

WELL = Health(timedelta(), timedelta(seconds=1), timedelta(), (), (), (), ())


def settings(data_dir: Path, **given: object) -> Settings:
    return Settings(_env_file=None, data_dir=data_dir, **given)


def bad(findings: list[Finding]) -> list[str]:
    assert all(finding.remedy for finding in findings if not finding.ok)
    return [finding.what for finding in findings if not finding.ok]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    practice.prepare(folder)
    return folder


async def test_a_secret_that_is_due_is_named_with_the_command_that_replaces_it(tmp_path: Path) -> None:
    KeyRing.open(tmp_path / "keys").sealer_key()
    assert bad(await doctor.key_ages(settings(tmp_path))) == []
    os.utime(tmp_path / "keys" / "sealer.key", (0, 0))
    (finding,) = await doctor.key_ages(settings(tmp_path))
    assert (finding.ok, finding.what) == (False, "secrets: 1 older than they should be")
    assert "keys rotate sealer" in finding.remedy


async def test_a_fresh_practice_folder_is_well(prepared: Path) -> None:
    assert bad(await doctor.keys(settings(prepared))) == []
    assert bad(await doctor.roster(settings(prepared))) == []
    assert bad(await doctor.numbers(settings(prepared))) == []


async def test_nothing_made_yet_is_said(tmp_path: Path) -> None:
    assert bad(await doctor.keys(settings(tmp_path))) == ["keys: none yet"]
    assert len(bad(await doctor.roster(settings(tmp_path)))) == 1


async def test_a_key_that_others_can_read_is_named(tmp_path: Path) -> None:
    practice.prepare(tmp_path)
    (tmp_path / "keys" / "sealer.key").chmod(0o644)
    [finding] = await doctor.keys(settings(tmp_path))
    assert not finding.ok
    assert "sealer.key" in finding.remedy


async def test_a_roster_of_other_directors_is_refused(prepared: Path) -> None:
    strangers = settings(
        prepared, roster_keys="00" * 32 + "," + "11" * 32, roster=str(prepared / "practice/roster.json")
    )
    [finding] = await doctor.roster(strangers)
    assert not finding.ok


async def test_a_server_that_the_roster_does_not_name_is_noticed(tmp_path: Path) -> None:
    practice.prepare(tmp_path)
    (tmp_path / "keys" / "sealer.key").unlink()
    assert bad(await doctor.roster(settings(tmp_path))) == ["roster: names the seal of this server"]


async def test_real_reports_need_checked_numbers_and_the_operators_own_file_counts(tmp_path: Path) -> None:
    real = settings(tmp_path, roster_keys="00" * 32)
    [finding] = await doctor.numbers(real)
    assert not finding.ok
    assert " 0 of 129 were checked" in finding.what
    numbers(tmp_path, verified_on=datetime.now(UTC).date().isoformat())
    [finding] = await doctor.numbers(real)
    assert finding.ok


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("clock", {"clock": timedelta(seconds=-6)}),
        ("worker", {"heartbeat": None}),
        ("worker", {"heartbeat": timedelta(minutes=1)}),
        ("queue", {"waits": timedelta(minutes=2)}),
        ("messages parked", {"parked_messages": (7,)}),
        ("answers parked", {"parked_sends": (7,)}),
        ("notices", {"failing_notices": (7,)}),
        ("urgent reports", {"unacknowledged": (b"\1" * 16,)}),
    ],
)
def test_each_thing_that_waits_too_long_is_one_finding(what: str, change: dict[str, object]) -> None:
    assert bad(doctor.waiting(WELL)) == []
    [found] = bad(doctor.waiting(replace(WELL, **change)))
    assert found.startswith(what)


async def test_the_database_is_looked_at_and_a_dead_one_is_one_line(database_url: str, tmp_path: Path) -> None:
    findings = await doctor.database(settings(tmp_path, database_url=database_url))
    assert len(findings) == 8
    assert bad(findings) == ["worker: gives signs of life"]
    nowhere = settings(tmp_path, database_url=f"postgresql://x@/x?host={tmp_path}")
    assert bad(await doctor.database(nowhere)) == ["database: not reached (DatabaseDown)"]
    assert bad(await doctor.database(settings(tmp_path))) == ["database: none runs"]


async def test_a_database_without_tables_is_said(empty_database_url: str, tmp_path: Path) -> None:
    findings = await doctor.database(settings(tmp_path, database_url=empty_database_url))
    assert bad(findings) == ["database: tables of another version"]


async def engine(model: str) -> web.AppRunner:
    async def health(request: web.Request) -> web.Response:
        return web.json_response({"model": model, "ready": True})

    app = web.Application()
    app.router.add_get("/webhooks/turns/health", health)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


async def test_engines_with_different_models_and_dead_ones_are_noticed(tmp_path: Path) -> None:
    one, other = await engine("a"), await engine("b")
    urls = [f"http://127.0.0.1:{runner.addresses[0][1]}" for runner in (one, other)]
    both = settings(tmp_path, engine_urls=",".join(urls))
    assert bad(await doctor.model_and_engines(both)) == ["engines hold the model of the present files"]
    await other.cleanup()
    assert "engine 2 of 2" in bad(await doctor.model_and_engines(both))
    await one.cleanup()
    assert bad(await doctor.model_and_engines(settings(tmp_path))) == ["dialogue engines: none runs"]


async def test_mail_off_bad_and_unreachable_are_told_apart(tmp_path: Path) -> None:
    assert bad(await doctor.mail(settings(tmp_path))) == []
    wrong = settings(tmp_path, smtp_url="mail.example.org", mail_from="a@example.org")
    assert bad(await doctor.mail(wrong)) == ["mail: settings"]
    closed = settings(tmp_path, smtp_url="smtp://127.0.0.1:1", mail_from="a@example.org")
    assert bad(await doctor.mail(closed)) == ["mail: the server is not reached"]


async def test_channels_that_are_off_are_told_and_a_real_one_in_practice_is_refused(tmp_path: Path) -> None:
    findings = await doctor.channels(settings(tmp_path))
    assert {"telegram: off", "whatsapp: off", "sms: off"} <= {finding.what for finding in findings}
    refused = settings(tmp_path, telegram_token="1:a", telegram_secret="s")
    assert bad(await doctor.channels(refused)) == ["channels"]


def test_the_command_says_every_line_and_exits_with_1_when_one_is_bad(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("FARO_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(doctor.doctor)
    assert result.exit_code == 1
    assert result.output.startswith("ok      settings: practice mode\nNOT OK  keys: none yet\n        Start ./run")
    assert "Traceback" not in result.output

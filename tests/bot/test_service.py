from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.errors import SettingsError
from bot.service import WAITS_LONG, open_service
from bot.settings import Settings
from tests.channels.platforms import telegram
from tests.engine import Engine, free_port
from tests.house import House, Officers, furnished

TELEGRAM = {"telegram_token": telegram.TOKEN, "telegram_secret": telegram.SECRET}
TWILIO = {"twilio_account_sid": "AC" + "0" * 32, "twilio_auth_token": "t", "public_url": "https://faro.example"}


def settings(folder: Path, url: str = "postgresql:///nowhere", **more: object) -> Settings:
    engines = (f"http://127.0.0.1:{free_port()}",)
    return Settings(_env_file=None, data_dir=folder, database_url=url, **{"engine_urls": engines, **more})


async def channels(given: Settings) -> tuple[set[str], set[str]]:
    async with open_service(given) as service:
        return set(service.channels.on), set(service.channels.off)


async def refused(given: Settings) -> str:
    with pytest.raises(SettingsError) as caught:
        async with open_service(given):
            pass
    return str(caught.value)


async def test_without_officers_keys_there_are_the_terminal_and_the_page(tmp_path: Path) -> None:
    assert await channels(settings(tmp_path)) == ({"terminal", "web"}, {"telegram", "whatsapp", "sms"})


async def test_the_page_is_off_when_a_setting_says_so(tmp_path: Path) -> None:
    assert await channels(settings(tmp_path, web=False)) == ({"terminal"}, {"telegram", "whatsapp", "sms", "web"})


async def test_channels_whose_settings_are_given_are_on_and_the_terminal_is_for_practice_only(tmp_path: Path) -> None:
    real = {"roster_keys": ("aa",)}
    assert await channels(settings(tmp_path, **real)) == ({"web"}, {"telegram", "whatsapp", "sms"})
    given = settings(tmp_path, **real, **TELEGRAM, **TWILIO, sms_sender="+15005550006")
    assert await channels(given) == ({"telegram", "sms", "web"}, {"whatsapp"})


async def test_a_real_channel_is_refused_in_practice_since_its_reports_would_reach_nobody(tmp_path: Path) -> None:
    said = await refused(settings(tmp_path, **TELEGRAM))
    assert "telegram is set up, and there is no roster of real officers" in said
    assert telegram.TOKEN not in said


@pytest.mark.parametrize(("half", "named"), [
    ({"telegram_token": telegram.TOKEN}, "FARO_TELEGRAM_SECRET"),
    ({"telegram_secret": "s"}, "FARO_TELEGRAM_TOKEN"),
    ({"sms_sender": "+15005550006"}, "FARO_TWILIO_ACCOUNT_SID"),
    ({"whatsapp_sender": "whatsapp:+15005550006", **TWILIO, "public_url": ""}, "FARO_PUBLIC_URL"),
])  # fmt: skip
async def test_what_is_half_set_up_is_refused_with_the_name_of_what_is_missing(
    tmp_path: Path, half: dict[str, str], named: str
) -> None:
    said = await refused(settings(tmp_path, roster_keys=("aa",), **half))
    assert f"{named} is missing" in said
    assert telegram.TOKEN not in said


async def test_a_service_is_ready_part_by_part(house: House) -> None:
    ready = {"database": True, "queue": True, "engine": True, "roster": True}
    assert await house.service.ready() == ready
    house.service.settings.roster_file.unlink()
    assert await house.service.ready() == ready | {"roster": False}


async def test_a_message_that_waits_a_minute_shows_in_the_queue(
    tmp_path: Path, database_url: str, engine: Engine
) -> None:
    async with furnished(tmp_path, database_url, engine, works=False) as house:
        await house.telegram.phone().say("hola")
        assert (await house.service.ready())["queue"] is True
        house.clock.ahead = WAITS_LONG
        assert (await house.service.ready())["queue"] is False
        house.clock.ahead = timedelta()


async def test_a_process_that_knows_no_engine_says_nothing_of_engines(tmp_path: Path, database_url: str) -> None:
    async with open_service(settings(tmp_path, database_url, engine_urls=())) as service:
        assert await service.ready() == {"database": True, "queue": True, "roster": False}


async def test_tables_older_than_the_code_are_not_ready_and_newer_ones_are(tmp_path: Path, database_url: str) -> None:
    async with open_service(settings(tmp_path, database_url)) as service:
        for version, ready in (("0002", False), ("9999", True)):
            async with service.database.begin() as tx:
                await tx.execute(text("UPDATE alembic_version SET version_num = :new"), {"new": version})
            assert (await service.ready())["database"] is ready


async def test_without_database_and_engine_it_opens_and_says_that_it_is_not_ready(tmp_path: Path) -> None:
    nowhere = f"postgresql://faro@127.0.0.1:{free_port()}/x"
    async with open_service(settings(tmp_path, nowhere)) as service:
        assert await service.ready() == dict.fromkeys(("database", "queue", "engine", "roster"), False)


async def test_without_tables_the_database_is_not_ready(tmp_path: Path, empty_database_url: str) -> None:
    async with open_service(settings(tmp_path, empty_database_url)) as service:
        assert (await service.ready())["database"] is False


@pytest.mark.parametrize("keys", [("zarzamora", "x"), ("aa" * 32,)])
async def test_directors_keys_that_cannot_be_used_leave_the_roster_not_ready(
    tmp_path: Path, database_url: str, keys: tuple[str, ...]
) -> None:
    async with open_service(settings(tmp_path, database_url, roster_keys=keys)) as service:
        assert (await service.ready())["roster"] is False


async def test_a_roster_put_in_place_of_another_counts_at_once(house: House, tmp_path: Path) -> None:
    assert (await house.service.ready())["roster"] is True
    Officers.appoint(tmp_path, house.service.keys)  # under directors whom nobody trusts
    assert (await house.service.ready())["roster"] is False

"""Nothing of fewer than k conversations can be read from what is published, also by adding and subtracting."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as some

from bot import statistics, turn
from bot.placements import COLUMNS, NAME, Placements
from bot.post import send_now
from bot.statistics import as_csv, publish, shown, table
from storage import counts
from storage.database import Database
from storage.keys import KeyRing
from tests.engine import Engine
from tests.house import House, furnished

CODES = ("7K3M9", "V9FTH", "D6CCM", "DV3M7", "4Q6H5")
NOVEMBER, OVER = date(2026, 11, 1), datetime(2026, 12, 1, 1, tzinfo=UTC)
worlds = some.dictionaries(some.sampled_from(CODES), some.integers(0, 60))
thresholds = some.integers(2, 20)


def listed(folder: Path) -> Placements:
    rows = [f"{code},Airport,BOG-MAD,ES,es,1000,2027-12-31" for code in CODES]
    (folder / NAME).write_text("\n".join([",".join(COLUMNS), *rows]))
    return Placements.load(folder)


@given(worlds, some.sampled_from(CODES), thresholds, some.data())
def test_worlds_that_differ_in_a_placement_below_the_threshold_publish_the_same(
    world: dict[str, int], code: str, k: int, data: some.DataObject
) -> None:
    """None, one, or k-1 people wrote by that code: nobody can tell which, whatever else is known of the others."""
    few = data.draw(some.integers(0, k - 1))
    assert shown(world | {code: few}, k) == shown({one: n for one, n in world.items() if one != code}, k)


@given(worlds, some.sampled_from(CODES), some.integers(0, 6), thresholds, some.data())
def test_worlds_that_differ_within_a_step_publish_the_same(
    world: dict[str, int], code: str, steps: int, k: int, data: some.DataObject
) -> None:
    one, other = (data.draw(some.integers(steps * k, steps * k + k - 1)) for _ in range(2))
    assert shown(world | {code: one}, k) == shown(world | {code: other}, k)


@given(some.lists(worlds, min_size=2, max_size=4), thresholds, some.data())
def test_whatever_is_added_and_subtracted_is_a_multiple_of_the_threshold(
    months: list[dict[str, int]], k: int, data: some.DataObject
) -> None:
    """Of any reports and any placements in them: so it is never a number from 1 to k-1."""
    figures = [number for month in months for number in shown(month, k).values()]
    signs = data.draw(some.lists(some.integers(-3, 3), min_size=len(figures), max_size=len(figures)))
    assert sum(sign * number for sign, number in zip(signs, figures, strict=True)) % k == 0


@given(worlds, worlds, thresholds)
def test_two_reports_subtracted_tell_of_no_few_people(first: dict[str, int], second: dict[str, int], k: int) -> None:
    one, other = shown(first, k), shown(second, k)
    differences = {abs(one.get(code, 0) - other.get(code, 0)) for code in CODES}
    differences |= {abs(sum(one.values()) - sum(other.values()))}
    assert not differences & set(range(1, k))


def test_from_the_threshold_on_a_placement_is_shown_rounded_down() -> None:
    found = {"7K3M9": 10, "V9FTH": 11, "D6CCM": 21, "DV3M7": 22, "4Q6H5": 0}
    assert shown(found, 11) == {"D6CCM": 11, "DV3M7": 22, "V9FTH": 11}
    assert list(shown(found, 11)) == sorted(shown(found, 11))


async def published(database: Database, keys: KeyRing, tmp_path: Path, world: dict[str, int], month: date) -> str:
    """The world happens in this month, is published with k=3, and printed; the month's name is taken out."""
    moment = datetime(month.year, month.month, 15, tzinfo=UTC)
    for code, number in world.items():
        for _ in range(number):
            async with database.begin() as tx:
                await counts.add(tx, keys, code, moment)
    await publish(database, keys, listed(tmp_path), 3, moment + timedelta(days=30))
    async with database.begin() as tx:
        figures = await counts.published(tx, month)
    return (table(figures) + as_csv(figures)).replace(f"{month:%Y-%m}", "MONTH")


async def test_the_bytes_of_a_report_are_the_same_whatever_happens_below_the_threshold(
    database: Database, keys: KeyRing, tmp_path: Path
) -> None:
    told = [await published(database, keys, tmp_path, {"7K3M9": 4, **few}, date(2026, number, 1))
            for number, few in enumerate(({}, {"V9FTH": 1}, {"V9FTH": 2, "D6CCM": 1}, {"7K3M9": 5}), 1)]  # fmt: skip
    assert len(set(told)) == 1
    assert "MONTH  7K3M9  3 or more  Airport, BOG-MAD, ES" in told[0]
    assert "V9FTH" not in told[0]
    nobody = [await published(database, keys, tmp_path, world, date(2026, number, 1))
              for number, world in ((8, {}), (9, {"V9FTH": 2}))]  # fmt: skip
    assert nobody[0] == nobody[1]
    assert nobody[0].startswith("No placement had")


async def test_a_month_is_published_once_it_is_over_and_never_changes(
    database: Database, keys: KeyRing, tmp_path: Path
) -> None:
    placements, moment = listed(tmp_path), datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    seen: list[str] = []
    for now, k in ((moment, 2), (OVER - timedelta(seconds=1), 2), (OVER, 2), (OVER, 3), (OVER + timedelta(days=9), 2)):
        for _ in range(4):
            async with database.begin() as tx:
                await counts.add(tx, keys, "7K3M9", moment)
        await publish(database, keys, placements, k, now)
        async with database.begin() as tx:
            seen.append(as_csv(await counts.published(tx, NOVEMBER)))
    head = "month,placement,place,route,destination,conversations_at_least\n"
    assert seen == [head, head, *[f"{head}2026-11,7K3M9,Airport,BOG-MAD,ES,12\n"] * 3]


async def test_a_month_whose_key_is_gone_is_not_published(database: Database, keys: KeyRing, tmp_path: Path) -> None:
    async with database.begin() as tx:
        for _ in range(5):
            await counts.add(tx, keys, "7K3M9", datetime(2026, 11, 5, tzinfo=UTC))
    keys.shred_months(datetime(2027, 1, 1, tzinfo=UTC))
    await publish(database, keys, listed(tmp_path), 2, datetime(2027, 1, 1, 2, tzinfo=UTC))
    async with database.begin() as tx:
        assert await counts.published(tx) == []


async def test_a_card_that_is_no_longer_listed_is_told_by_its_code_alone(database: Database, keys: KeyRing) -> None:
    async with database.begin() as tx:
        for _ in range(2):
            await counts.add(tx, keys, "7K3M9", datetime(2026, 11, 5, tzinfo=UTC))
    await publish(database, keys, Placements({}), 2, OVER)
    async with database.begin() as tx:
        assert table(await counts.published(tx)).rstrip() == "2026-11  7K3M9  2 or more"


# In a turn.


async def counted(house: House) -> dict[str, int]:
    async with house.service.database.begin() as tx:
        month = counts.month_of(house.clock())
        found = await counts.take(tx, house.service.keys, month)
        await tx.rollback()
        return dict(found or {})


async def test_a_conversation_is_counted_with_its_first_message_and_only_if_a_known_card_began_it(
    tmp_path: Path, database_url: str, engine: Engine
) -> None:
    listed(tmp_path)
    async with furnished(tmp_path, database_url, engine, works=False) as house:

        async def says(channel: str, *lines: str) -> None:
            phone = await house.phone(channel)
            for line in lines:
                await phone.say(line)
                async with house.service.database.begin() as tx:
                    rows = await tx.exec_driver_sql("SELECT conversation, id FROM inbox ORDER BY id")
                    ((conversation, number),) = list(rows)
                if posting := await turn.take(house.service, bytes(conversation), number):
                    await send_now(house.service, posting)

        await says("sms", "VIAJE 7K3M9", "1", "viaje 7k3m9", "SALIR", "viaje 7k3m9")  # left, and came back
        await says("whatsapp", "Trip V9FTH please help me")
        await says("telegram", "/start 7K3M9", "/start V9FTH")
        await says("sms", "hola", "VIAJE 7K3M9")  # no first message
        await says("sms", "VIAJE 6M9QJ")  # no card of ours
        await says("telegram", "/start")
        await says("sms", "VIAJE 7K3M9 SALIR")  # left at once
        assert await counted(house) == {"7K3M9": 3, "V9FTH": 1}


async def test_a_conversation_whose_first_message_is_given_up_is_counted(
    tmp_path: Path, database_url: str, engine: Engine
) -> None:
    listed(tmp_path)
    async with furnished(tmp_path, database_url, engine, works=False) as house:
        await house.twilio.sms().say("VIAJE 7K3M9")
        async with house.service.database.begin() as tx:
            ((conversation, number),) = list(await tx.exec_driver_sql("SELECT conversation, id FROM inbox"))
        await turn.give_up(house.service, bytes(conversation), number, "engine_down")
        assert await counted(house) == {"7K3M9": 1}
        await statistics.publish_due(house.service)
        async with house.service.database.begin() as tx:
            assert await counts.published(tx) == []

"""A short `./run bench fuzz` against the whole house: nothing breaks, nothing forged is taken, no log has a word."""

from __future__ import annotations

import asyncio
import io

from bench.fuzz_words import MARK, Hostile
from tests.house import House


async def test_hostile_messages_go_through_the_whole_dialogue_without_a_trace_in_any_log(
    house: House, logged: io.StringIO
) -> None:
    hostile = Hostile(31)
    for channel in ("telegram", "whatsapp", "sms", "web"):
        phone = await house.phone(channel)
        for _ in range(12):
            said = hostile.text(1500).replace("\0", "") or "x"
            assert await phone.say(said) in {200, 202, 204}
        await house.quiet(60)
    async with house.service.database.begin() as tx:
        failed = (await tx.exec_driver_sql("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")).scalar()
        parked = (await tx.exec_driver_sql("SELECT count(*) FROM inbox")).scalar()
    assert (failed, parked) == (0, 0)
    lines = [line for line in logged.getvalue().splitlines() if MARK.lower() in line.lower()]
    assert lines == []


async def test_no_message_of_ours_holds_what_somebody_wrote(house: House) -> None:
    hostile = Hostile(32)
    phone = await house.phone("telegram")
    for _ in range(25):
        await phone.say(f"{hostile.text(300)} {MARK}".replace("\0", ""))
    await house.quiet(60)
    await asyncio.sleep(0)
    assert not any(MARK.lower() in seen.text.lower() for seen in phone.seen)

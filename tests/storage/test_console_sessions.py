from datetime import timedelta

import pytest
from sqlalchemy import select

from storage import console_sessions, retention
from storage.console_sessions import IDLE, LONGEST, Session
from storage.errors import ChallengeUsed
from storage.identity import new_key
from storage.roster import Officer
from storage.tables import console_sessions as table

SECOND = timedelta(seconds=1)


@pytest.fixture
def officer(now):
    key = new_key()
    return Officer("ana", "coat", key.recipient, key.signing_public, now.date(), now.date())


async def begun(database, officer, now, challenge="a" * 64):
    async with database.begin() as tx:
        return await console_sessions.begin(tx, challenge, officer, now)


async def used(database, token, now):
    async with database.begin() as tx:
        return await console_sessions.use(tx, token, now)


async def test_a_token_stands_for_its_officer_until_it_is_idle_or_old(database, officer, now):
    token = await begun(database, officer, now)
    whose = Session("ana", "coat", officer.signing)
    assert await used(database, token, now) == whose
    assert await used(database, token[::-1], now) is None
    assert await used(database, token, now + IDLE) is None
    assert await used(database, token, now + IDLE - SECOND) == whose
    at = now
    while at + IDLE - SECOND < now + LONGEST:
        at += IDLE - SECOND
        assert await used(database, token, at) == whose
    assert await used(database, token, now + LONGEST) is None


async def test_it_is_over_when_the_officer_leaves(database, officer, now):
    token = await begun(database, officer, now)
    async with database.begin() as tx:
        await console_sessions.end(tx, token, now)
    assert await used(database, token, now) is None


async def test_no_two_sessions_begin_with_one_challenge_also_after_the_first_has_ended(database, officer, now):
    token = await begun(database, officer, now)
    async with database.begin() as tx:
        await console_sessions.end(tx, token, now)
    with pytest.raises(ChallengeUsed):
        await begun(database, officer, now)
    await begun(database, officer, now, "b" * 64)


async def test_only_digests_are_kept(database, officer, now):
    token = await begun(database, officer, now)
    async with database.begin() as tx:
        (row,) = await tx.execute(select(table))
    assert (len(row.token), len(row.challenge)) == (32, 32)
    assert bytes.fromhex(token) != row.token
    assert token not in str(row)


async def test_upkeep_erases_what_nobody_can_use_any_more_and_nothing_else(database, keys, officer, now):
    old = await begun(database, officer, now - IDLE, "a" * 64)
    young = await begun(database, officer, now - IDLE + SECOND, "b" * 64)
    erased = await retention.run(database, keys, now)
    assert erased["sessions of officers at the console"] == 1
    assert await used(database, old, now - SECOND) is None
    assert await used(database, young, now) is not None
    with pytest.raises(ChallengeUsed):
        await begun(database, officer, now, "b" * 64)

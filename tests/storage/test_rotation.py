"""Each change while things go on, before and after; and cut off in the middle, then done again."""

from __future__ import annotations

import fcntl
import os
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from storage import audit, conversations, mailbox, rotation
from storage.audit import Problem
from storage.database import Database
from storage.errors import KeyGone, NotFound
from storage.keys import KeyRing, epoch_of
from storage.mailbox import Mailbox
from storage.tables import conversations as table

DAY = date(2026, 11, 15)


class Cut(Exception):
    """The process ends here."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch):
    """Lets the next renaming of a file be the last thing that a process began and did not do."""

    def ends(self: Path, target: Path) -> Path:
        monkeypatch.undo()
        raise Cut

    return lambda: monkeypatch.setattr(Path, "replace", ends)


async def admitted(database: Database, keys: KeyRing, now: datetime, address: str = "+1") -> conversations.Conversation:
    async with database.begin() as tx:
        conversation = await conversations.admit(tx, keys, "sms", address, now)
        if conversation.fresh:
            conversation.state = {"said": 1}
            await conversations.save(tx, conversation, now)
    return conversation


async def rows(database: Database) -> list[audit.AuditRow]:
    async with database.begin() as tx:
        return await audit.rows(tx)


async def append(database: Database, keys: KeyRing, number: int) -> None:
    for _ in range(number):
        async with database.begin() as tx:
            await audit.append(tx, "fetched", bytes(16), "ana", bytes(32), keys.sealer_key(), day=DAY)


# Months.


async def test_a_conversation_goes_on_under_another_pseudonym_when_the_month_key_changes(
    database: Database, keys: KeyRing, folder: Path, now: datetime
) -> None:
    other_process = KeyRing.open(folder)
    before, name = await admitted(database, keys, now), keys.pseudonym("sms", "+1", now)
    assert other_process.pseudonym("sms", "+1", now) == name
    rotation.month(folder, now)
    assert keys.pseudonym("sms", "+1", now) == other_process.pseudonym("sms", "+1", now) != name
    assert (await admitted(database, other_process, now)).id == before.id
    async with database.begin() as tx:
        assert (await tx.execute(select(table.c.pseudonym))).scalars().all() == [keys.pseudonym("sms", "+1", now)]


def test_counts_of_the_month_stay_readable_when_its_key_changes(keys: KeyRing, folder: Path, now: datetime) -> None:
    month = date(2026, 11, 1)
    first = keys.month_key(month, now)
    rotation.month(folder, now)
    rotation.month(folder, now)
    assert keys.month_key(month, now) == keys.old_month_key(month) == first


def test_former_month_keys_count_into_the_next_month_and_go_with_theirs(
    keys: KeyRing, folder: Path, now: datetime
) -> None:
    names = [keys.pseudonym("sms", "+1", now)]
    rotation.month(folder, now)
    names.append(keys.pseudonym("sms", "+1", now))
    december, january = datetime(2026, 12, 2, tzinfo=now.tzinfo), datetime(2027, 1, 2, tzinfo=now.tzinfo)
    assert set(keys.earlier_pseudonyms("sms", "+1", december)) == set(names)
    assert keys.shred_months(december) == 0
    assert keys.shred_months(january) == 2
    assert keys.earlier_pseudonyms("sms", "+1", january) == []


# Epochs.


async def test_every_conversation_lies_under_the_new_epoch_key_and_opens(
    database: Database, keys: KeyRing, folder: Path, now: datetime
) -> None:
    living = [await admitted(database, keys, now, address) for address in ("+1", "+2", "+3")]
    before = (folder / "epochs" / f"{epoch_of(now)}.key").read_bytes()
    assert await rotation.epoch(database, keys, folder, now) == 3
    assert (folder / "epochs" / f"{epoch_of(now)}.key").read_bytes() != before
    for conversation in living:
        async with database.begin() as tx:
            found = await conversations.lock(tx, KeyRing.open(folder), conversation.id)
        assert found
        assert (found.state, found.key.key) == ({"said": 1}, conversation.key.key)
    # Whoever took the key before, and takes the database now, opens nothing.
    thief = KeyRing.open(folder.parent / "stolen")
    (folder.parent / "stolen" / "epochs" / f"{epoch_of(now)}.key").write_bytes(before)
    with pytest.raises(KeyGone):
        async with database.begin() as tx:
            await conversations.lock(tx, thief, living[0].id)


async def test_what_a_door_wrapped_just_before_the_change_still_opens_and_moves_with_its_next_turn(
    database: Database, keys: KeyRing, folder: Path, now: datetime
) -> None:
    late = keys.new_data_key(b"place", now)
    assert await rotation.epoch(database, keys, folder, now) == 0
    opened = KeyRing.open(folder).open_data_key(late.epoch, late.wrapped, b"place")
    moved = keys.renew(opened, b"place", now)
    assert (opened.key, moved.key) == (late.key, late.key)
    assert moved.wrapped[:8] != late.wrapped[:8]
    assert keys.renew(moved, b"place", now) is moved
    assert keys.shred_epochs(now + timedelta(hours=6)) == 2


# Pages and receipts.


def test_open_pages_go_on_for_a_day_after_the_key_of_handles_changed(keys: KeyRing, folder: Path) -> None:
    open_page = mailbox.new_handle(keys)
    rotation.handles(folder)
    new_page = mailbox.new_handle(KeyRing.open(folder))
    for handle in (open_page, new_page):
        assert Mailbox.of(keys, handle).name
    changed = datetime.fromtimestamp((folder / "handle-1.key").stat().st_mtime).astimezone()
    assert keys.shred_handles(changed - timedelta(seconds=1)) == 0
    os.utime(folder / "handle-1.key", (0, 0))
    assert keys.shred_handles(changed) == 1
    assert Mailbox.of(keys, new_page).name
    with pytest.raises(NotFound):
        Mailbox.of(keys, open_page)


def test_codes_are_made_under_the_newest_pepper_and_found_under_each(keys: KeyRing, folder: Path) -> None:
    first = keys.pepper
    rotation.pepper(folder)
    second = keys.pepper
    rotation.pepper(folder)
    assert KeyRing.open(folder).peppers == keys.peppers == [keys.pepper, second, first]
    assert len({*keys.peppers}) == 3


@pytest.mark.parametrize("name", ["pepper", "handle"])
def test_a_change_that_was_cut_off_loses_nothing_and_can_be_done_again(keys, folder, cut, name) -> None:
    keys.handle_marks(b"")
    change = {"pepper": rotation.pepper, "handle": rotation.handles}[name]
    first = (folder / f"{name}.key").read_bytes()
    cut()
    with pytest.raises(Cut):
        change(folder)
    assert (folder / f"{name}.key").read_bytes() == first
    change(folder)
    assert (folder / f"{name}-1.key").read_bytes() == first
    assert (folder / f"{name}.key").read_bytes() != first
    assert not (folder / f"{name}-2.key").exists()


# The sealer.


async def test_the_chain_goes_on_under_the_next_sealer_and_both_are_verified(
    database: Database, keys: KeyRing, folder: Path
) -> None:
    former = keys.sealer_key().public_key()
    await append(database, keys, 9)
    following = rotation.next_sealer(folder)
    assert keys.sealer_key().public_key() == former  # until the roster names both, nothing changes
    await rotation.sealer(database, folder)
    assert keys.sealer_key().public_key() == following
    await append(database, keys, 20)
    found = await rows(database)
    assert audit.verify(found, [former, following]).ok
    assert audit.verify(found, [following, former]).ok
    assert audit.verify(found, following).problems[0] == Problem(8, "bad_signature")
    assert {problem.what for problem in audit.verify(found, former).problems} == {"bad_signature"}
    assert not (folder / rotation.FORMER).exists()
    assert not (folder / rotation.NEXT).exists()
    assert rotation.former_sealers(folder) == [former]


async def test_a_chain_that_came_back_without_its_hand_over_goes_on_under_the_present_sealer(
    database: Database, keys: KeyRing, folder: Path
) -> None:
    former, following = keys.sealer_key(), rotation.next_sealer(folder)
    await append(database, keys, 9)
    older = await rows(database)
    await rotation.sealer(database, folder)
    present = keys.sealer_key()
    row = audit.taken_over(audit.Head(older[-1].seq, older[-1].hash), present)
    known = [former.public_key(), following]
    assert audit.verify([*older, row], known).ok
    again = audit.taken_over(audit.Head(row.seq, row.hash), former)  # whoever was replaced can't come back like that
    assert audit.verify([*older, row, again], known).problems == (Problem(11, "bad_signature"),)
    other = KeyRing.open(folder.parent / "other").sealer_key()  # nor can somebody whom no roster names
    foreign = audit.taken_over(audit.Head(older[-1].seq, older[-1].hash), other)
    assert audit.verify([*older, foreign], known).problems == (Problem(10, "bad_signature"),)
    unsigned = replace(row, signature=None)
    assert audit.verify([*older, unsigned], known).problems == (Problem(10, "unsigned"),)


async def test_what_the_former_sealer_signs_later_is_refused(database: Database, keys: KeyRing, folder: Path) -> None:
    thief = keys.sealer_key()
    sealers = [thief.public_key(), rotation.next_sealer(folder)]
    await append(database, keys, 3)
    await rotation.sealer(database, folder)
    await append(database, keys, 8)
    async with database.begin() as tx:
        await audit.append(tx, "fetched", bytes(16), "ana", bytes(32), thief, day=DAY, signed=True)
    assert audit.verify(await rows(database), sealers).problems == (Problem(13, "bad_signature"),)


async def test_only_the_sealer_in_force_can_hand_the_chain_on(database: Database, keys: KeyRing, folder: Path) -> None:
    stranger = KeyRing.open(folder.parent / "other").sealer_key()
    await append(database, keys, 8)
    async with database.begin() as tx:
        await audit.append(tx, audit.SEALER, None, "sealer", bytes(32), stranger, signed=True)
        await audit.append(tx, audit.SEALER, None, "sealer", bytes(32), keys.sealer_key())
    known = [keys.sealer_key().public_key(), stranger.public_key()]
    found = audit.verify(await rows(database), known).problems
    assert found == (Problem(9, "bad_signature"), Problem(10, "unsigned"))


async def test_a_change_of_sealer_that_was_cut_off_leaves_a_sound_chain_and_is_ended_later(
    database: Database, keys: KeyRing, folder: Path, cut
) -> None:
    former, following = keys.sealer_key().public_key(), rotation.next_sealer(folder)
    await append(database, keys, 5)
    cut()
    with pytest.raises(Cut):
        await rotation.sealer(database, folder)
    await append(database, keys, 10)  # under the former still: signed as row 8
    assert keys.sealer_key().public_key() == former
    assert audit.verify(await rows(database), [former, following]).ok
    await rotation.sealer(database, folder)
    await append(database, keys, 10)
    found = await rows(database)
    assert audit.verify(found, [former, following]).ok
    assert sum(b'"event":"sealer"' in row.body for row in found) == 1
    assert keys.sealer_key().public_key() == following
    assert not (folder / rotation.FORMER).exists()
    assert rotation.former_sealers(folder) == [former]
    assert rotation.finish_sealer(folder) is False


def test_two_changes_at_once_come_one_after_the_other(folder: Path) -> None:
    with (
        rotation.one_at_a_time(folder),
        (folder / "rotate.lock").open("w") as second,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)

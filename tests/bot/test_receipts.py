import asyncio
from dataclasses import dataclass

import pytest

from bot.errors import Busy
from bot.receipts import AT_ONCE, MINUTE, MOST, WAITING, Receipts
from storage import receipt
from storage.receipt import BadCode
from tests.house import House
from tests.interop.test_conversations import TALK

PEPPER = bytes(32)


async def test_a_prepared_receipt_is_what_its_code_derives_to() -> None:
    prepared = await Receipts(lambda: [PEPPER]).prepare()
    assert receipt.valid(prepared.code)
    again = receipt.derive(prepared.code, PEPPER)
    assert (again.lookup, again.recipient) == (prepared.receipt.lookup, prepared.receipt.recipient)
    assert prepared.code not in repr(prepared)


async def test_many_at_once_wait_for_each_other_and_all_differ() -> None:
    made = await asyncio.gather(*(Receipts(lambda: [PEPPER]).prepare() for _ in range(AT_ONCE)))
    assert len({one.code for one in made}) == AT_ONCE


async def test_no_transaction_is_open_while_one_is_derived(house: House) -> None:
    """More people finish at once than there are connections, and somebody new is greeted meanwhile."""
    phones = [await house.phone("telegram") for _ in range(12)]
    for line in TALK[:-1]:
        await asyncio.gather(*(phone.say(line) for phone in phones))
        await house.quiet(60)
    for phone in phones:
        await phone.expect(len(phone.unread))
        await phone.say(TALK[-1])
    newcomer = await house.phone("telegram")
    await newcomer.say("hola")
    await newcomer.expect(2, timeout=10)
    waiting = [phone for phone in phones if not phone.unread]
    assert waiting  # the newcomer did not wait until all receipts were derived
    await house.quiet(60)
    assert len(await house.reports("coat")) == len(phones)


@dataclass
class Watch:
    """Seconds, as a test sets them."""

    at: float = 0.0

    def __call__(self) -> float:
        return self.at


async def test_a_code_is_found_again_by_what_was_typed() -> None:
    receipts = Receipts(lambda: [PEPPER])
    prepared = await receipts.prepare()
    assert (await receipts.look_up(receipt.shown(prepared.code)))[0].lookup == prepared.receipt.lookup
    with pytest.raises(BadCode):
        await receipts.look_up("1234")


async def test_a_code_is_tried_under_each_pepper_and_made_under_the_newest() -> None:
    peppers = [PEPPER]
    receipts = Receipts(lambda: peppers)
    old = await receipts.prepare()
    peppers.insert(0, bytes(32))
    new = await receipts.prepare()
    assert (await receipts.look_up(old.code))[1].lookup == old.receipt.lookup
    assert (await receipts.look_up(new.code))[0].lookup == new.receipt.lookup


async def test_wrong_codes_slow_down_all_that_follow_and_are_forgotten_after_a_minute() -> None:
    watch = Watch()
    receipts = Receipts(lambda: [PEPPER], watch)
    assert receipts.pause == 0
    paused = []
    for _ in range(200):
        receipts.missed()
        watch.at += 0.1
        paused.append(receipts.pause)
    assert paused == sorted(paused)
    assert 0 < paused[0] < 0.1
    assert paused[-1] == MOST
    watch.at += MINUTE
    assert receipts.pause == 0


async def test_whoever_comes_when_enough_wait_is_told_when_to_come_again() -> None:
    receipts, code = Receipts(lambda: [PEPPER]), receipt.new_code()
    waiting = [asyncio.create_task(receipts.look_up(code)) for _ in range(WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(Busy) as busy:
        await receipts.look_up(code)
    assert 1 <= busy.value.after <= 10
    assert len({found.lookup for (found,) in await asyncio.gather(*waiting)}) == 1
    assert await receipts.look_up(code)  # and there is room again


async def test_whoever_gives_up_waiting_makes_room() -> None:
    receipts, code = Receipts(lambda: [PEPPER]), receipt.new_code()
    for _ in range(WAITING + 1):
        waits = asyncio.create_task(receipts.look_up(code))
        await asyncio.sleep(0)
        waits.cancel()
        await asyncio.gather(waits, return_exceptions=True)
    assert await receipts.look_up(code)

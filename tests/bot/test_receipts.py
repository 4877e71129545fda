import asyncio

from bot.receipts import AT_ONCE, Receipts
from storage import receipt
from tests.house import House
from tests.interop.test_conversations import TALK

PEPPER = bytes(32)


async def test_a_prepared_receipt_is_what_its_code_derives_to() -> None:
    prepared = await Receipts(PEPPER).prepare()
    assert receipt.valid(prepared.code)
    again = receipt.derive(prepared.code, PEPPER)
    assert (again.lookup, again.recipient) == (prepared.receipt.lookup, prepared.receipt.recipient)
    assert prepared.code not in repr(prepared)


async def test_many_at_once_wait_for_each_other_and_all_differ() -> None:
    made = await asyncio.gather(*(Receipts(PEPPER).prepare() for _ in range(AT_ONCE)))
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

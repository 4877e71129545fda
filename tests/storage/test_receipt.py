import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import age, receipt

PEPPER = bytes(range(32))


def test_codes_have_sixteen_digits_and_are_valid():
    codes = {receipt.new_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(len(code) == 16 and code.isdecimal() and receipt.valid(code) for code in codes)


@given(st.integers(0, 10**15 - 1), st.integers(0, 15), st.integers(1, 9))
def test_every_wrong_digit_is_noticed(number, at, shift):
    code = f"{number:015}" + str(receipt._damm(f"{number:015}"))
    wrong = code[:at] + str((int(code[at]) + shift) % 10) + code[at + 1 :]
    assert receipt.valid(code)
    assert not receipt.valid(wrong)


@given(st.integers(0, 10**15 - 1), st.integers(0, 14))
def test_every_swap_of_neighbours_is_noticed(number, at):
    code = f"{number:015}" + str(receipt._damm(f"{number:015}"))
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    assert receipt.valid(swapped) == (swapped == code)


def test_check_digit_is_that_of_the_published_example():
    assert receipt._damm("572") == 4  # Damm's example: 572 becomes 5724
    assert receipt._damm("5724") == 0


@pytest.mark.parametrize(
    "typed",
    [
        "{0} {1} {2} {3}", "{0}-{1}-{2}-{3}", " {0}\u00a0{1}\u2013{2}.{3}\n", "{0}{1}{2}{3}", "\u200e{0} {1} {2} {3}",
    ],
)  # fmt: skip
def test_code_may_be_typed_in_many_ways(typed):
    code = receipt.new_code()
    assert receipt.normal(typed.format(*receipt.shown(code).split())) == code


@pytest.mark.parametrize("zero", ["٠", "۰", "०", "๐", "０"])
def test_code_may_be_typed_in_other_scripts(zero):
    code = receipt.new_code()
    assert receipt.normal("".join(chr(ord(zero) + int(digit)) for digit in code)) == code


@pytest.mark.parametrize("text", ["", "1234", "x" * 16, "12345678901234567", "1" * 15 + "²", "0000000000000001"])
def test_what_is_no_code_is_refused_without_being_repeated(text):
    assert not receipt.valid(text)
    with pytest.raises(receipt.BadCode) as refused:
        receipt.derive(text, PEPPER)
    assert not text or text not in str(refused.value)


def test_code_leads_to_one_row_and_one_key_and_another_pepper_to_others():
    code = receipt.new_code()
    first, again, elsewhere = (receipt.derive(code, pepper) for pepper in (PEPPER, PEPPER, bytes(32)))
    assert (first.lookup, first.recipient) == (again.lookup, again.recipient)
    assert first.lookup != elsewhere.lookup
    assert first.recipient != elsewhere.recipient
    assert first.lookup != first.identity.seed


def test_derivation_is_the_one_that_was_published():
    found = receipt.derive("5720000000000003", PEPPER)
    assert found.lookup.hex() == "54baf56989bca8fbc79f2da50a46264366bb648e76ae04b0a08f305aa86d1fea"
    assert found.identity.seed.hex() == "a65284db27f314465336caba38f0ab6c6c6e8b610d3acdd2d6e547cced1cd893"


def test_answer_to_the_follow_up_recipient_opens_with_the_code_alone():
    code = receipt.new_code()
    answer = age.encrypt(b"an answer", [age.HybridRecipient.parse(receipt.derive(code, PEPPER).recipient)])
    assert age.decrypt(answer, [receipt.derive(receipt.shown(code), PEPPER).identity]) == b"an answer"


def test_a_guess_costs_time():
    begun = time.perf_counter()
    receipt.derive(receipt.new_code(), PEPPER)
    assert time.perf_counter() - begun > 0.05


def test_receipt_does_not_show_when_printed():
    assert "seed" not in repr(receipt.derive(receipt.new_code(), PEPPER))


def test_memo_opens_with_the_code_alone_and_its_size_tells_nothing():
    found = receipt.derive(receipt.new_code(), PEPPER)
    sealed = [receipt.seal_memo(memo, found.recipient) for memo in (b"{}", b"[" + b"1," * 4000 + b"1]")]
    assert len({len(one) for one in sealed}) == 1
    assert [len(receipt.open_memo(one, found.identity)) for one in sealed] == [receipt.MEMO_STEP] * 2
    assert receipt.open_memo(sealed[0], found.identity).strip() == b"{}"
    with pytest.raises(age.NoMatch):
        receipt.open_memo(sealed[0], receipt.derive(receipt.new_code(), PEPPER).identity)

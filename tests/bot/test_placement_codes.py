import string
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.placement_codes import ALPHABET, LENGTH, BadPlacementCode, new, normal, valid, with_check


@pytest.fixture(scope="module")
def every() -> set[str]:
    """All codes that there are."""
    return {code for body in product(ALPHABET, repeat=LENGTH - 1) if valid(code := with_check("".join(body)))}


def test_there_are_enough_codes_and_none_is_a_word_or_a_number(every: set[str]) -> None:
    assert len(every) == 245_400
    assert not [code for code in every if code.isalpha() or code.isdigit()]
    assert not set(ALPHABET) & set("AEIOUY01LZSGB"), "a vowel, or one of two characters that look alike"


def test_no_wrong_character_makes_another_code(every: set[str]) -> None:
    """If two codes differed in one place only, they would be one without that place."""
    for place in range(LENGTH):
        assert len({code[:place] + code[place + 1 :] for code in every}) == len(every)


def test_no_swap_of_neighbours_makes_another_code(every: set[str]) -> None:
    for place in range(LENGTH - 1):
        swapped = (code[:place] + code[place + 1] + code[place] + code[place + 2 :] for code in every)
        assert all(one == code or one not in every for one, code in zip(swapped, every, strict=True))


def test_no_pair_typed_as_another_pair_makes_another_code(every: set[str]) -> None:
    doubles = [(code, place) for code in every for place in range(LENGTH - 1) if code[place] == code[place + 1]]
    assert len(doubles) > 30_000
    assert not [code for code, place in doubles for char in ALPHABET
                if char != code[place] and code[:place] + 2 * char + code[place + 2 :] in every]  # fmt: skip


@given(some.builds(new), some.integers(0, LENGTH - 1), some.sampled_from(string.ascii_letters + string.digits))
def test_any_other_letter_or_digit_in_a_code_is_noticed(code: str, place: int, char: str) -> None:
    wrong = code[:place] + char + code[place + 1 :]
    assert valid(wrong) == (wrong.upper() == code)


@given(some.builds(new))
def test_a_new_code_is_a_code(code: str) -> None:
    assert normal(code) == code


@pytest.mark.parametrize(
    "typed", ["7K3M9", "7k3m9", " 7k3 m9\n", "7K-3M9", "7K3\N{EN DASH}M9", "7K3\N{NO-BREAK SPACE}M9"]
)
def test_a_code_may_be_typed_in_small_letters_and_with_spaces_and_dashes(typed: str) -> None:
    assert normal(typed) == "7K3M9"


@pytest.mark.parametrize(
    "typed", ["", "7K3M", "7K3M99", "7K3M8", "K73M9", "7K3M\uff19", "\N{LATIN SMALL LIGATURE FF}222", "22222"]
)
def test_what_is_no_code_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(BadPlacementCode) as refused:
        normal(typed)
    assert str(refused.value) == "bad_placement_code"

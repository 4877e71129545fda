import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.age import bech32


@pytest.mark.parametrize(
    ("text", "prefix"),
    [  # BIP 173, "Test vectors", valid strings
        ("A12UEL5L", "a"),
        ("an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
         "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio"),
        ("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef"),
        ("split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w", "split"),
    ],
)  # fmt: skip
def test_valid_strings_of_bip_173_are_read_and_written_again(text, prefix):
    found, data = bech32.decode(text)
    assert found == prefix
    assert bech32.encode(prefix, data) == text.lower()


@pytest.mark.parametrize(
    "text",
    [  # BIP 173, invalid strings, and some of our own
        "pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3", "A1G7SGD8", "10a06t8", "1qzzfhee",
        "A12uEL5L", "a12uel5m", "", "1", "age", "a\x7f1axkwrx", "\u20ac1eym55h",
    ],
)  # fmt: skip
def test_invalid_strings_are_refused(text):
    with pytest.raises(bech32.Bech32Error):
        bech32.decode(text)


@given(st.binary(max_size=200))
def test_every_data_survives_the_way_there_and_back(data):
    assert bech32.decode(bech32.encode("age", data)) == ("age", data)


@given(st.binary(min_size=1, max_size=40), st.data())
def test_every_single_wrong_character_is_noticed(data, draw):
    text = bech32.encode("age", data)
    at = draw.draw(st.integers(4, len(text) - 1))
    other = draw.draw(st.sampled_from([c for c in bech32.ALPHABET if c != text[at]]))
    with pytest.raises(bech32.Bech32Error):
        bech32.decode(text[:at] + other + text[at + 1 :])


def test_left_over_bits_must_be_zero():
    values = [0] * 7 + [1]  # 40 bits are 5 bytes; one group more leaves bits over
    tail = bech32._polymod([*bech32._expand("a"), *values, 1, *[0] * 6]) ^ 1
    checksum = [(tail >> 5 * (5 - i)) & 31 for i in range(6)]
    with pytest.raises(bech32.Bech32Error):
        bech32.decode("a1" + "".join(bech32.ALPHABET[v] for v in [*values, 1, *checksum]))

"""Bech32 as BIP 173 has it, without its length limit, as c2sp.org/age asks."""

from collections.abc import Iterable

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
VALUE = {character: value for value, character in enumerate(ALPHABET)}
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
CHECKSUM = 6


class Bech32Error(ValueError):
    """The string is not Bech32; its text is not repeated, as it may be a secret key."""


def encode(prefix: str, data: bytes) -> str:
    """The lower-case Bech32 string of `data` under a lower-case human-readable `prefix`."""
    values = _regroup(data, 8, 5, pad=True)
    tail = _polymod([*_expand(prefix), *values, *[0] * CHECKSUM]) ^ 1
    checksum = [(tail >> 5 * (CHECKSUM - 1 - i)) & 31 for i in range(CHECKSUM)]
    return prefix + "1" + "".join(ALPHABET[value] for value in [*values, *checksum])


def decode(text: str) -> tuple[str, bytes]:
    """The lower-case prefix and the data of a string that is all lower or all upper case."""
    if text not in (text.lower(), text.upper()):
        raise Bech32Error("mixed case")
    prefix, mark, rest = text.lower().rpartition("1")
    if not mark or not prefix or len(rest) < CHECKSUM or not all("!" <= c <= "~" for c in prefix):
        raise Bech32Error("no prefix, or too short")
    if not all(c in VALUE for c in rest):
        raise Bech32Error("a character outside the alphabet")
    values = [VALUE[c] for c in rest]
    if _polymod([*_expand(prefix), *values]) != 1:
        raise Bech32Error("wrong checksum")
    return prefix, bytes(_regroup(values[:-CHECKSUM], 5, 8, pad=False))


def _expand(prefix: str) -> list[int]:
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def _polymod(values: Iterable[int]) -> int:
    state = 1
    for value in values:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ value
        for i, term in enumerate(GENERATOR):
            if top >> i & 1:
                state ^= term
    return state


def _regroup(values: Iterable[int], width: int, to: int, *, pad: bool) -> list[int]:
    """The same bits in groups of another width; without `pad`, left-over bits must be few and zero."""
    out: list[int] = []
    held = bits = 0
    for value in values:
        held, bits = (held << width | value) & 0xFFFFF, bits + width
        while bits >= to:
            bits -= to
            out.append(held >> bits & (1 << to) - 1)
    rest = held << to - bits & (1 << to) - 1
    if pad and bits:
        out.append(rest)
    elif not pad and (bits >= width or rest):
        raise Bech32Error("left-over bits")
    return out

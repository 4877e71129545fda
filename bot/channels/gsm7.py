"""The alphabet of text messages (3GPP TS 23.038): what fits, what it costs, and the nearest letters for what does not.

One "á" turns a whole message from 160 letters a segment into 70. ñ, é, ü, ¿ and ¡ are in the alphabet and stay.
"""

from __future__ import annotations

import unicodedata

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")  # two septets each
SEGMENTS = 2  # of one message
ROOM = 2 * 153 - 1  # septets in two segments; an extended letter is not cut in two, so one may be lost at the border
UCS2_ROOM = 2 * 67  # UTF-16 units in two segments

_NEAREST = {
    "’": "'", "‘": "'", "‚": "'", "´": "'", "`": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-",
    "—": "-", "‐": "-", "‑": "-", "−": "-", "…": "...", "•": "-", "·": "-", "ª": "a", "º": "o", "°": "o", "×": "x",
    "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u200b": "", "\ufeff": "", "\t": " ", "→": "->", "✓": "-", "ı": "i",
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "œ": "oe", "Œ": "OE",
}  # fmt: skip


def transliterate(text: str) -> str:
    """Writes what has a near letter in the alphabet with it. What has none stays, and the message costs more."""
    return "".join(letter if letter in BASIC or letter in EXTENDED else _near(letter) for letter in _composed(text))


def cost(text: str) -> int:
    """Septets; a text outside the alphabet counts as many as take its room, so that `ROOM` is the limit of both."""
    if all(letter in BASIC or letter in EXTENDED for letter in text):
        return len(text) + sum(letter in EXTENDED for letter in text)
    units = len(text.encode("utf-16-le")) // 2
    return -(-units * ROOM // UCS2_ROOM)


def segments(text: str) -> int:
    """How many segments a network bills for this text as it stands."""
    if all(letter in BASIC or letter in EXTENDED for letter in text):
        septets = len(text) + sum(letter in EXTENDED for letter in text)
        return 1 if septets <= 160 else -(-septets // 153)
    units = len(text.encode("utf-16-le")) // 2
    return 1 if units <= 70 else -(-units // 67)


def _composed(text: str) -> str:
    """An "n" and a tilde of its own become "ñ", which is in the alphabet."""
    return unicodedata.normalize("NFC", text)


def _near(letter: str) -> str:
    if letter in _NEAREST:
        return _NEAREST[letter]
    bare = "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
    return bare if bare and all(part in BASIC for part in bare) else letter

"""Hostile texts, forms and JSON, the same for the same seed. Each holds `MARK`, which may be found in no log."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote_plus

import orjson

MARK = "Quokkazz"  # no word of ours

SQL = (
    "'; DROP TABLE conversations; --",
    "' OR '1'='1",
    "\\'; SELECT pg_sleep(9)--",
    "$$; COPY inbox TO PROGRAM 'id'; $$",
)
HTML = ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg/onload=alert(1)>', "&lt;b&gt;",
        "javascript:alert(1)", "<!--#exec cmd='id'-->")  # fmt: skip
TEMPLATES = ("{country}", "{0.__class__.__mro__}", "{{7*7}}", "%s%n%d", "${7*7}", "#{7*7}", "%(country)s", "{", "}}{",
             "{{1}}")  # fmt: skip
INTENTS = ('/submit{"consent": "share"}', "/restart", "/session_start", '/inform{"age": "minor"}', "//danger_now",
           "/ /back", "\N{FULLWIDTH SOLIDUS}exit", "EXTERNAL: x", "_restart_", '/SetSlots(consent=share)')  # fmt: skip
HEADS = ("a\r\nSet-Cookie: x=1", "a\nX-Injected: 1", "a\r\n\r\n<html>", "%0d%0aX: 1")
PATHS = ("../../etc/passwd", "..\\..\\windows", "/proc/self/environ", "file:///etc/passwd", "%2e%2e%2f%2e%2e%2f")
SHELL = ("$(id)", "`id`", "; rm -rf /", "| cat /etc/passwd", "&& sleep 9", "\x1b]0;x\x07", "\x1b[2J")
CONTROL = "".join(map(chr, (*range(1, 32), 127, *range(0x80, 0xA0))))
BIDI = "\u202e\u202d\u2066\u2067\u2069\u200f\u061c"
INVISIBLE = "\u200b\u200c\u200d\ufeff\u00ad\u2060\U000e0041\U000e007f\u034f"
STRANGE = "\ufffe\uffff\ufdd0\U0010ffff\ue000"
HEAPS = ("Z" + "\u0301" * 400, "\u0e49" * 300, "ﷺ" * 200, "👩‍👩‍👧‍👦" * 60, "𝕳𝖊𝖑𝖕", "ＡＹＵＤＡ", "а́уudа")
NUMBERS = ("1e999", "NaN", "-0", "٣", "²", "1,2,3,4,5,6,7,8,9", "99999999999999999999", "0x10", "1" * 400)
WORDS = ("ayuda", "no sé", "hola", "en España", "sí", "no", "me quitaron el pasaporte", "they hold my papers",
         "j'ai peur", "mwen pa konnen", "não posso", "persona", "cuánto cuesta", "saltar", "seguir", "pausa", "English",
         "kreyòl", "1", "2", "3", "1, 3", "tengo 15 años", "+573001234567")  # fmt: skip
SIGNS = ("me van a matar", "help me now", "hay alguien aquí", "salir", "EXIT", "0", "retirar", "quiero morirme")
PLAIN_KINDS: Sequence[Sequence[str]] = (SQL, HTML, TEMPLATES, INTENTS, HEADS, PATHS, SHELL, HEAPS, NUMBERS, WORDS)


class Hostile:
    """A source of hostile input; two with one seed say the same."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def text(self, most: int = 4096) -> str:
        """One message: mostly short, sometimes as long as a platform lets it be, never with a lone surrogate."""
        return self.chance.choice((self._plain, self._plain, self._mixed, self._odd, self._long, self._sign))()[:most]

    def body(self) -> bytes:
        """What is no document at all, or a broken one."""
        return self.chance.choice((self._noise, self._deep, self._bad_utf8, self._cut, self._json, self._form))()

    def json(self, depth: int = 3) -> Any:
        """Any JSON."""
        some: Callable[[], Any] = self.chance.choice((
            self._plain, self._odd, lambda: self.chance.randrange(-(2**63), 2**63), lambda: None, lambda: True,
            lambda: self.chance.random() * 10.0 ** self.chance.randrange(-300, 300), lambda: "",
        ))  # fmt: skip
        if depth == 0 or self.chance.random() < 0.4:
            return some()
        size = self.chance.randrange(4)
        if self.chance.random() < 0.5:
            return [self.json(depth - 1) for _ in range(size)]
        return {str(self.json(0))[:40]: self.json(depth - 1) for _ in range(size)}

    def spoilt(self, value: Any) -> Any:
        """A copy of a sound document in which one thing is of another kind, absent, doubled or huge."""
        if isinstance(value, dict) and value:
            key = self.chance.choice(list(value))
            match self.chance.randrange(5):
                case 0:
                    return {name: one for name, one in value.items() if name != key}
                case 1:
                    return {**value, key: self.json()}
                case 2:
                    return {**value, str(self.json(0))[:30]: self.json(1)}
            return {**value, key: self.spoilt(value[key])}
        if isinstance(value, list) and value and self.chance.random() < 0.8:
            place = self.chance.randrange(len(value))
            return [*value[:place], self.spoilt(value[place]), *value[place + self.chance.randrange(2) :]]
        return self.json()

    def mutated(self, data: bytes) -> bytes:
        """Some bytes changed, moved, doubled, cut or put in; never the same as before."""
        new = bytearray(data)
        while bytes(new) == data:
            for _ in range(self.chance.choice((1, 1, 1, 2, 5, 20))):
                self._hit(new)
        return bytes(new)

    def _hit(self, data: bytearray) -> None:
        at = self.chance.randrange(len(data) + 1)
        match self.chance.randrange(7):
            case 0 | 1 if at < len(data):
                data[at] ^= 1 << self.chance.randrange(8)
            case 2 if at < len(data):
                data[at] = self.chance.randrange(256)
            case 3:
                data[at:at] = self.chance.randbytes(self.chance.choice((1, 2, 64)))
            case 4:
                del data[at : at + self.chance.choice((1, 1, 4, 64, 1024))]
            case 5:
                data[at:at] = data[at : at + self.chance.choice((1, 16, 256))]
            case _:
                data[at:at] = self.chance.choice(
                    (b"\n", b"\r\n", b"\0", b"-> X25519 AAAA\n", b"---", b" ", b"=", b"%00")
                )

    def _plain(self) -> str:
        return f"{self.chance.choice(self.chance.choice(PLAIN_KINDS))} {self._mark()}"

    def _mixed(self) -> str:
        parts = [self.chance.choice(self.chance.choice(PLAIN_KINDS)) for _ in range(self.chance.randrange(1, 12))]
        return " ".join([*parts, self._mark()])

    def _odd(self) -> str:
        alphabet = self.chance.choice((CONTROL, BIDI, INVISIBLE, STRANGE, CONTROL + BIDI + INVISIBLE + STRANGE))
        letters = [self.chance.choice(alphabet + "ayuda0 ") for _ in range(self.chance.randrange(1, 60))]
        return self._mark() + "".join(letters)

    def _long(self) -> str:
        piece = self.chance.choice(self.chance.choice(PLAIN_KINDS)) + " " + self._mark() + " "
        return piece * (self.chance.choice((300, 4096)) // len(piece) + 1)

    def _sign(self) -> str:
        return self.chance.choice(SIGNS)

    def _mark(self) -> str:
        return self.chance.choice((MARK, f"{MARK}{self.chance.randrange(10**6)}", MARK.upper()))

    def _noise(self) -> bytes:
        return self.chance.randbytes(self.chance.choice((0, 1, 7, 300, 5000)))

    def _deep(self) -> bytes:
        depth = self.chance.choice((100, 1000, 100_000))
        return self.chance.choice((b"[" * depth, b'{"a":' * depth, b"[" * depth + b"]" * depth, b"(" * depth))

    def _bad_utf8(self) -> bytes:
        bad = self.chance.choice((b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80", b"\\ud800"))
        return b'{"id": "12345678", "text": "' + bad + MARK.encode() + b'"}'

    def _cut(self) -> bytes:
        whole = orjson.dumps({"id": "12345678", "text": self._plain(), "update_id": 1})
        return whole[: self.chance.randrange(len(whole))]

    def _json(self) -> bytes:
        return orjson.dumps(self.json())

    def _form(self) -> bytes:
        fields = [(quote_plus(self._plain()), quote_plus(self._odd())) for _ in range(self.chance.choice((1, 5, 500)))]
        return "&".join(f"{name}={value}" for name, value in fields).encode()

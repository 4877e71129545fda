"""The receipt code: the only key to the answers to a report, and the way back to it (FORMAT.md, section 8)."""

import secrets
import unicodedata
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from storage import age
from storage.age import HybridIdentity, HybridRecipient
from storage.refused import Refused

DIGITS = 16
MEMO_STEP = 8192  # bytes: every memo that there is fits into one step, so that its size tells nothing
# H. M. Damm, "Total anti-symmetrische Quasigruppen" (2004): the quasigroup of order 10.
DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip


class BadCode(Refused):
    """Not a receipt code: wrong number of digits, or mistyped."""


@dataclass(frozen=True, repr=False)
class Receipt:
    """What a code stands for: the row to look up, and the identity that opens the answers."""

    lookup: bytes
    identity: HybridIdentity

    @property
    def recipient(self) -> str:
        """The public half, `age1pq1...`, for the manifest's `follow_up`."""
        return str(self.identity.recipient())


def new_code() -> str:
    """A fresh code: 15 random digits and their check digit."""
    digits = f"{secrets.randbelow(10 ** (DIGITS - 1)):0{DIGITS - 1}}"
    return digits + str(_damm(digits))


def shown(code: str) -> str:
    """The code in groups of four, as people read and write numbers."""
    return " ".join(code[at : at + 4] for at in range(0, DIGITS, 4))


def normal(text: str) -> str:
    """The code in what a person typed: digits of any script, with spaces, dots or dashes. Raises BadCode."""
    kept = [c for c in text if not c.isspace() and unicodedata.category(c) not in {"Pd", "Po", "Cf"}]
    code = "".join(str(unicodedata.decimal(c, "?")) for c in kept)
    if len(code) != DIGITS or "?" in code or _damm(code):
        raise BadCode("not a receipt code")
    return code


def valid(text: str) -> bool:
    """Is it worth the 0.3 s of `derive`? False for typing errors; true for one guess in ten."""
    try:
        normal(text)
    except BadCode:
        return False
    return True


def derive(code: str, pepper: bytes) -> Receipt:
    """What a code stands for under this installation's pepper. Raises BadCode.

    Takes about 0.3 s and 128 MiB: call it in a thread, two at a time at most.
    """
    mac = HMAC(pepper, hashes.SHA256())
    mac.update(b"receipt-salt/v1")
    kdf = Argon2id(salt=mac.finalize()[:16], length=32, iterations=3, lanes=1, memory_cost=128 * 1024)
    root = kdf.derive(normal(code).encode("ascii"))
    return Receipt(_expand(root, b"lookup/v1"), HybridIdentity(_expand(root, b"reporter-identity/v1")))


def seal_memo(memo: bytes, recipient: str) -> bytes:
    """An age file of this JSON text, which only the code of `recipient` opens; padded with spaces."""
    return age.encrypt(memo + b" " * (-len(memo) % MEMO_STEP), [HybridRecipient.parse(recipient)])


def open_memo(sealed: bytes, identity: HybridIdentity) -> bytes:
    """The JSON text. Raises an AgeError."""
    return age.decrypt(sealed, [identity])


def _expand(root: bytes, info: bytes) -> bytes:
    return HKDFExpand(hashes.SHA256(), length=32, info=info).derive(root)


def _damm(digits: str) -> int:
    """The check digit of `digits`; 0 if they end in the right one."""
    state = 0
    for digit in digits:
        state = int(DAMM[state][int(digit)])
    return state

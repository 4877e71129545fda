"""Whom a reader of rosters trusts: the directors' public keys, and how many of them must have signed."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from storage import signing
from storage.refused import Refused

FILE = "directors"


class TrustRefused(Refused):
    """Not public keys, or fewer than the signatures asked for."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Directors and threshold, as `roster.read` takes them."""

    directors: tuple[Ed25519PublicKey, ...]
    threshold: int

    @classmethod
    def of(cls, keys: Iterable[str], threshold: int) -> "Trust":
        """From public keys of 64 hexadecimal digits. Raises TrustRefused."""
        wanted = dict.fromkeys(key.strip().lower() for key in keys)
        if not 1 <= threshold <= len(wanted):
            raise TrustRefused(f"signatures asked for: {threshold}; directors named: {len(wanted)}")
        try:
            return cls(tuple(signing.parse_public(key) for key in wanted), threshold)
        except signing.NotCanonical:
            raise TrustRefused("a director's key is 64 hexadecimal digits") from None

    @classmethod
    def beside(cls, roster: Path) -> "Trust | None":
        """From the file `directors` beside a roster, a key a line, all of whom must have signed; None without one."""
        path = roster.with_name(FILE)
        if not path.exists():
            return None
        keys = path.read_text("ascii", "replace").split()
        return cls.of(keys, len(keys))

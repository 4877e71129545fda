"""What an officer's key signs to sign in: a number that this installation gave out a moment ago, and nobody keeps.

    bytes 0-3   when it expires, in seconds since 1970
    bytes 4-15  random
    bytes 16-31 HMAC-SHA256 of the former under `<keys>/console/challenge.key`, cut off

The key lies in a folder of its own, so that the console needs no other one of the ring. Whoever removes it puts another
one in its place: challenges that were given out before are refused then, and no session ends.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime
from pathlib import Path

from storage import keyfiles

SECONDS = 120
MAC_BYTES = 16
_CTX = b"faro/console-challenge/v1"
_RANDOM_BYTES = 12


class Challenges:
    """All consoles share the folder."""

    def __init__(self, keys: Path) -> None:
        self._file = keyfiles.short_lived(keyfiles.folder(keys) / "console") / "challenge.key"

    def new(self, now: datetime) -> str:
        """64 hexadecimal digits."""
        expires = int(now.timestamp()) + SECONDS
        told = expires.to_bytes(4, "big") + secrets.token_bytes(_RANDOM_BYTES)
        return (told + self._mac(told)).hex()

    def genuine(self, challenge: str, now: datetime) -> bool:
        """Was it given out here, and has it not expired?"""
        try:
            raw = bytes.fromhex(challenge)
        except ValueError:
            return False
        told, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
        if challenge != raw.hex() or len(told) != 4 + _RANDOM_BYTES or not hmac.compare_digest(mac, self._mac(told)):
            return False
        left = int.from_bytes(told[:4], "big") - now.timestamp()
        return 0 < left <= SECONDS

    def _mac(self, told: bytes) -> bytes:
        """The key is read anew each time: another process may have replaced it."""
        key = keyfiles.read_or_make(self._file)
        return hmac.digest(key, _CTX + told, hashlib.sha256)[:MAC_BYTES]

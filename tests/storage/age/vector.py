"""One vector of the Community Cryptography Test Vectors for age, and what this reader makes of it."""

import hashlib
import io
import zlib
from dataclasses import dataclass
from pathlib import Path

from storage import age

OUTCOMES = {
    age.HeaderFailure: "header failure",
    age.HmacFailure: "HMAC failure",
    age.NoMatch: "no match",
    age.PayloadFailure: "payload failure",
}


@dataclass
class Vector:
    name: str
    lines: list[list[str]]
    file: bytes

    @classmethod
    def read(cls, path: Path) -> "Vector":
        head, _, file = path.read_bytes().partition(b"\n\n")
        return cls(path.name, [line.split(": ", 1) for line in head.decode().split("\n")], file)

    def all(self, key: str) -> list[str]:
        return [value for name, value in self.lines if name == key]

    def one(self, key: str) -> str | None:
        return next(iter(self.all(key)), None)

    @property
    def armored(self) -> bool:
        return self.one("armored") == "yes"

    def outcome(self) -> tuple[str, str]:
        """How opening it ends, and the SHA-256 of all plaintext that was released."""
        file = zlib.decompress(self.file) if self.one("compressed") == "zlib" else self.file
        identities = [*map(age.identity, self.all("identity")), *map(age.ScryptIdentity, self.all("passphrase"))]
        released, end = io.BytesIO(), "success"
        try:
            age.decrypt_stream(io.BytesIO(file), released, identities)
        except age.AgeError as error:
            end = OUTCOMES[type(error)]
        return end, hashlib.sha256(released.getvalue()).hexdigest()

"""A sealed report to play with: three officers, one sealer, made-up contents."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage import age, archive, envelope, identity
from storage.envelope import Opened, Part, Sealed
from storage.identity import OfficerKey
from storage.manifest import RosterRef

DAY = date(2026, 11, 25)
REPORT_ID = bytes(range(16))


@dataclass
class Desk:
    """Keys of one installation."""

    officers: list[OfficerKey] = field(default_factory=lambda: [identity.new_key() for _ in range(3)])
    sealer: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def seal(self, *parts: Part, text: bytes = b"made-up words", **changes: Any) -> Sealed:
        values = {
            "report_id": REPORT_ID,
            "seq": 7,
            "prev": bytes(32),
            "day": DAY,
            "roster": RosterRef(3, bytes(32)),
            "recipients": [officer.recipient for officer in self.officers],
            "follow_up": None,
            "sealer": self.sealer,
            "practice": False,
        }
        given = [Part("report.json", b'{"text":"%s"}' % text), Part("report.txt", text), *parts]
        return envelope.seal(given, **{**values, **changes})

    def open(self, data: bytes, officer: int = 0, **options: Any) -> Opened:
        public = self.sealer.public_key()
        return envelope.open_report(data, self.officers[officer].identity, sealer_public=public, **options)

    def members(self, data: bytes) -> dict[str, bytes]:
        """What lies in the file, unchecked."""
        return archive.unpack(age.decrypt(data, [self.officers[0].identity]))

    def sealed_again(self, members: dict[str, bytes], officers: Sequence[OfficerKey] | None = None) -> bytes:
        """An age file of these members, as someone who is not the sealer can make it."""
        recipients = [officer.recipient for officer in officers or self.officers]
        return age.encrypt(archive.pack(members), recipients)

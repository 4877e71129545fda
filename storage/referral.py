"""A referral: an officer's signed word that a report was addressed anew, to whom and why (FORMAT.md, section 5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from storage import signing
from storage.age import HybridRecipient
from storage.identity import OfficerKey
from storage.manifest import Manifest, tag
from storage.refused import Refused

CTX = "faro/referral/v1"


class ReferralRefused(Refused):
    """Not a referral, or not signed by an officer that the roster knows."""


@dataclass(frozen=True, slots=True, repr=False)
class Referral:
    """Which report, by whom, to whom (recipient tags), on what legal basis."""

    report_id: bytes
    payload_sha256: bytes
    sender: str
    to: tuple[str, ...]
    basis: str
    date: date

    def allows(self, manifest: Manifest, payload_sha256: bytes) -> bool:
        """Is it for this very report, and from one of those it was sealed to?"""
        same = (self.report_id, self.payload_sha256) == (manifest.report_id, payload_sha256)
        return same and self.sender in manifest.to


def write(
    manifest: Manifest, payload_sha256: bytes, sender: OfficerKey, to: Sequence[HybridRecipient], basis: str, day: date
) -> bytes:
    """The signed document that goes beside the newly addressed file."""
    body = {
        "ctx": CTX,
        "report_id": manifest.report_id.hex(),
        "payload_sha256": payload_sha256.hex(),
        "from": tag(sender.recipient),
        "to": sorted(tag(recipient) for recipient in to),
        "basis": basis,
        "date": day.isoformat(),
    }
    return signing.sign(body, sender.signing_key)


def read(document: bytes, signing_keys: Mapping[str, str]) -> Referral:
    """A referral, signed by the officer it names. `signing_keys`: recipient tag to public key, from the roster.

    Raises ReferralRefused.
    """
    try:
        body, signers = signing.signed_by(document, CTX, set(signing_keys.values()))
        referral = Referral(
            signing.from_hex(body["report_id"], 16),
            signing.from_hex(body["payload_sha256"], 32),
            str(body["from"]),
            tuple(str(recipient) for recipient in body["to"]),
            str(body["basis"]),
            date.fromisoformat(body["date"]),
        )
    except (signing.NotCanonical, KeyError, TypeError, ValueError):
        raise ReferralRefused("not a referral") from None
    if signing_keys.get(referral.sender) not in signers:
        raise ReferralRefused("not signed by the officer it names")
    return referral

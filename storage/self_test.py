"""Can this machine seal? The libraries of some distributions lack the post-quantum half; then nothing may start."""

from __future__ import annotations

from cryptography.exceptions import InternalError, UnsupportedAlgorithm

from storage import age

PROBE = b"faro"


def can_seal() -> bool:
    """Seals a few bytes to a key made for it and opens them again. Takes about a millisecond."""
    try:
        identity = age.HybridIdentity.generate()
        return age.decrypt(age.encrypt(PROBE, [identity.recipient()]), [identity]) == PROBE
    except (UnsupportedAlgorithm, InternalError, age.AgeError):
        return False

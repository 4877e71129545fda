import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage import signing
from storage.trust import Trust, TrustRefused

TRUSTED = [Ed25519PrivateKey.generate().public_key() for _ in range(3)]


def test_trust_needs_as_many_directors_as_signatures():
    keys = [signing.public_text(key) for key in TRUSTED]
    assert Trust.of(keys, 2).threshold == 2
    for wrong in ((keys, 4), (keys, 0), ([], 1), ([keys[0], keys[0]], 2), (["x"], 1)):
        with pytest.raises(TrustRefused):
            Trust.of(*wrong)


def test_directors_named_beside_a_roster_must_all_have_signed(tmp_path):
    path = tmp_path / "roster.json"
    assert Trust.beside(path) is None
    (tmp_path / "directors").write_text("".join(signing.public_text(key) + "\n" for key in TRUSTED))
    assert Trust.beside(path) == Trust(tuple(TRUSTED), 3)

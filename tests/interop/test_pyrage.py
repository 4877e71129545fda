"""Against pyrage (the Rust implementation), which has the classical types only."""

import os

import pyrage
import pytest

from storage import age
from storage.age.payload import CHUNK

SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 1_000_000]


@pytest.mark.parametrize("size", SIZES)
def test_classical_files_pass_both_ways(size):
    plain = os.urandom(size)
    theirs = pyrage.x25519.Identity.generate()
    ours = age.identity(str(theirs))
    assert str(ours.recipient()) == str(theirs.to_public())
    assert pyrage.decrypt(age.encrypt(plain, [ours.recipient()]), [theirs]) == plain
    assert age.decrypt(pyrage.encrypt(plain, [theirs.to_public()]), [ours]) == plain


def test_files_for_several_recipients_pass_both_ways():
    theirs = [pyrage.x25519.Identity.generate() for _ in range(3)]
    ours = [age.identity(str(key)) for key in theirs]
    from_here = age.encrypt(b"made-up words", [key.recipient() for key in ours])
    from_there = pyrage.encrypt(b"made-up words", [key.to_public() for key in theirs])
    assert [pyrage.decrypt(from_here, [key]) for key in theirs] == [b"made-up words"] * 3
    assert [age.decrypt(from_there, [key]) for key in ours] == [b"made-up words"] * 3


def test_passphrase_file_made_here_opens_there():
    # The other way is in test_age_encryption.py: this library measures the machine first, for many seconds.
    from_here = age.encrypt(b"made-up words", [age.ScryptRecipient("made-up", work_factor=12)])
    assert pyrage.passphrase.decrypt(from_here, "made-up") == b"made-up words"


def test_it_refuses_what_we_refuse():
    theirs = pyrage.x25519.Identity.generate()
    sealed = age.encrypt(b"made-up words", [age.identity(str(theirs)).recipient()])
    for changed in (sealed[:-1], sealed + b"\0", sealed.replace(b"X25519", b"X25518", 1)):
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(changed, [theirs])
        with pytest.raises(age.AgeError):
            age.decrypt(changed, [age.identity(str(theirs))])

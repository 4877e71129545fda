"""Against npm's age-encryption, the reader that a browser would have."""

import os

import pytest

from storage import age, archive, identity
from storage.age.payload import CHUNK
from storage.envelope import Part
from tests.interop.age_encryption import ask
from tests.storage.sealing import Desk

SIZES = [0, CHUNK, 200_000]


def test_report_sealed_here_opens_there_for_every_officer():
    desk = Desk()
    sealed = desk.seal(Part("att/1.jpg", os.urandom(100_000)))
    for officer in desk.officers:
        opened = ask("open", data=sealed.data, identity=officer.identity.secret())["data"]
        assert archive.unpack(opened) == desk.members(sealed.data)


def test_report_that_was_addressed_anew_opens_there():
    desk, receiver = Desk(), identity.new_key()
    sealed = desk.seal()
    moved = age.rewrap(sealed.data, [desk.officers[0].identity], [receiver.recipient])
    opened = ask("open", data=moved, identity=receiver.identity.secret())["data"]
    assert archive.unpack(opened) == desk.members(sealed.data)


@pytest.mark.parametrize("hybrid", [True, False], ids=["hybrid", "classical"])
def test_key_made_there_is_the_same_key_here_and_files_pass_both_ways(hybrid):
    made = ask("keygen", hybrid=hybrid)
    key = age.identity(made["identity"])
    assert str(key.recipient()) == made["recipient"]
    for size in SIZES:
        plain = os.urandom(size)
        theirs = ask("seal", data=plain, recipients=[made["recipient"]])["data"]
        assert age.decrypt(theirs, [key]) == plain
        ours = age.encrypt(plain, [key.recipient()])
        assert ask("open", data=ours, identity=made["identity"])["data"] == plain


@pytest.mark.parametrize("kind", [age.HybridIdentity, age.X25519Identity])
def test_key_made_here_is_the_same_key_there(kind):
    key = kind.generate()
    assert ask("recipient", identity=key.secret())["recipient"] == str(key.recipient())


def test_key_file_made_here_opens_there_with_its_passphrase(tmp_path):
    key, passphrase = identity.new_key(), identity.new_passphrase()
    identity.write_key_file(tmp_path / "officer.key", key, passphrase)
    opened = ask("open", data=(tmp_path / "officer.key").read_bytes(), passphrase=passphrase)["data"]
    assert key.identity.secret() in opened.decode()


def test_key_file_made_there_opens_here(tmp_path):
    key = identity.new_key()
    sealed = ask("seal", data=key.identity.secret().encode(), passphrase="made-up")["data"]
    (tmp_path / "officer.key").write_bytes(sealed)
    assert identity.read_key_file(tmp_path / "officer.key", "made-up") == key

"""Against the age command line, 1.3 or later: what an officer without any software of ours does."""

import io
import os
import shutil
import subprocess
import tarfile

import pytest

from storage import age, identity, signing
from storage.age.payload import CHUNK
from storage.envelope import Part
from tests.interop import age_cli
from tests.storage.sealing import Desk


@pytest.fixture(autouse=True, scope="module")
def needs_age():
    try:
        age_cli.folder()
    except age_cli.Unavailable as reason:
        pytest.skip(f"THE AGE COMMAND LINE WAS NOT TRIED: {reason}. Set TEST_AGE to an age of 1.3 or later.")


def write_key(path, key):
    path.write_text(key.identity.secret() + "\n")
    return path


def test_report_opens_with_age_tar_and_openssl_alone(tmp_path):
    desk = Desk()
    picture = os.urandom(70_000) + bytes(1000)
    sealed = desk.seal(Part("att/1.jpg", picture))
    for number, officer in enumerate(desk.officers):
        key = write_key(tmp_path / f"{number}.key", officer)
        opened = age_cli.run("age", "-d", "-i", key, stdin=sealed.data)
        with tarfile.open(fileobj=io.BytesIO(opened)) as tar:
            tar.extractall(tmp_path / str(number), filter="data")
    folder = tmp_path / "0"
    assert (folder / "report.txt").read_bytes() == b"made-up words"
    assert (folder / "att" / "1.jpg").read_bytes() == picture
    (tmp_path / "sealer.pem").write_bytes(signing.public_pem(desk.sealer.public_key()))
    assert openssl(tmp_path / "sealer.pem", folder) == b"Signature Verified Successfully"
    (folder / "manifest.json").write_bytes((folder / "manifest.json").read_bytes().replace(b'"seq":7', b'"seq":8'))
    assert openssl(tmp_path / "sealer.pem", folder) != b"Signature Verified Successfully"


def openssl(public, folder):
    program = shutil.which("openssl")
    assert program, "openssl belongs to what these tests need"
    command = [program, "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-in", folder / "manifest.json"]
    return subprocess.run([*command, "-sigfile", folder / "manifest.sig"], capture_output=True).stdout.strip()


def test_report_that_was_addressed_anew_opens(tmp_path):
    desk, receiver = Desk(), identity.new_key()
    moved = age.rewrap(desk.seal().data, [desk.officers[0].identity], [receiver.recipient])
    opened = age_cli.run("age", "-d", "-i", write_key(tmp_path / "key", receiver), stdin=moved)
    assert opened == age.decrypt(moved, [receiver.identity])


@pytest.mark.parametrize("options", [["-pq"], []], ids=["hybrid", "classical"])
def test_key_of_age_keygen_is_the_same_key_here_and_files_pass_both_ways(tmp_path, options):
    path = tmp_path / "key"
    path.write_bytes(age_cli.run("age-keygen", *options))
    key = age.identity(path.read_text().splitlines()[-1])
    recipient = age_cli.run("age-keygen", "-y", path).decode().strip()
    assert str(key.recipient()) == recipient
    for size in (0, 1, CHUNK, CHUNK + 1, 300_000):
        plain = os.urandom(size)
        assert age.decrypt(age_cli.run("age", "-r", recipient, stdin=plain), [key]) == plain
        assert age_cli.run("age", "-d", "-i", path, stdin=age.encrypt(plain, [key.recipient()])) == plain


def test_key_of_age_keygen_is_an_officer_key(tmp_path):
    path = tmp_path / "key"
    path.write_bytes(age_cli.run("age-keygen", "-pq"))
    assert str(identity.read_key_file(path, "").recipient) == age_cli.run("age-keygen", "-y", path).decode().strip()


def test_key_file_made_here_opens_with_its_passphrase(tmp_path):
    key, passphrase = identity.new_key(), identity.new_passphrase()
    identity.write_key_file(tmp_path / "officer.key", key, passphrase)
    sealed = (tmp_path / "officer.key").read_bytes()
    opened = age_cli.run("age", "-d", "-j", "batchpass", stdin=sealed, AGE_PASSPHRASE=passphrase)
    assert key.identity.secret() in opened.decode()


def test_it_refuses_to_mix_as_we_do():
    recipients = [str(age.HybridIdentity.generate().recipient()), str(age.X25519Identity.generate().recipient())]
    with pytest.raises(AssertionError, match="post-quantum"):
        age_cli.run("age", "-r", recipients[0], "-r", recipients[1], stdin=b"made-up words")

"""FORMAT.md, section 10: the worked example, taken apart step by step."""

import base64
import hashlib
import hmac
import io
import json
import tarfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from storage import age, envelope, identity, receipt

FOLDER = Path(__file__).parent / "vectors" / "report"
EXPECTED = json.loads((FOLDER / "EXPECTED.json").read_text())
DATA = (FOLDER / f"{EXPECTED['report_id']}.age").read_bytes()
TEXT = (Path(__file__).parents[2] / "storage" / "FORMAT.md").read_text()
OFFICERS = [identity.OfficerKey(age.HybridIdentity(bytes.fromhex(o["seed"]))) for o in EXPECTED["officers"]]
SEALER = Ed25519PublicKey.from_public_bytes(bytes.fromhex(EXPECTED["sealer"]))


def hkdf(key, salt, info):
    """RFC 5869 for 32 bytes, by hand."""
    return hmac.new(hmac.new(salt, key, hashlib.sha256).digest(), info + b"\x01", hashlib.sha256).digest()


@pytest.mark.parametrize("number", [0, 1])
def test_example_opens_for_both_officers(number):
    wanted = bytes.fromhex(EXPECTED["report_id"])
    opened = envelope.open_report(DATA, OFFICERS[number].identity, sealer_public=SEALER, expect_report_id=wanted)
    assert opened.sha256.hex() == EXPECTED["payload_sha256"]
    assert hashlib.sha256(opened.manifest.to_bytes()).hexdigest() == EXPECTED["manifest_sha256"]
    assert {name: hashlib.sha256(part).hexdigest() for name, part in opened.parts.items()} == EXPECTED["parts"]
    assert opened.warnings == ("practice",)


def test_example_is_what_the_specification_says_of_its_bytes():
    lines = DATA[:3184].split(b"\n")
    assert [len(line) for line in lines] == [21, 1512, 43, 1512, 43, 47, 0]
    assert lines[0] == b"age-encryption.org/v1"
    assert all(line.startswith(b"-> mlkem768x25519 ") for line in (lines[1], lines[3]))
    file_key = OFFICERS[0].identity.unwrap(age.read_header(DATA).stanzas)
    covered = DATA[:3184].rpartition(b" ")[0]
    mac = hmac.new(hkdf(file_key, bytes(32), b"header"), covered, hashlib.sha256).digest()
    assert lines[5] == b"--- " + base64.b64encode(mac).rstrip(b"=")
    assert hashlib.sha256(DATA[3184:]).hexdigest() == EXPECTED["payload_sha256"]
    key = ChaCha20Poly1305(hkdf(file_key, DATA[3184:3200], b"payload"))
    archive = key.decrypt(bytes(11) + b"\x01", DATA[3200:], None)
    assert len(archive) == 65_536
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        members = {info.name: tar.extractfile(info).read() for info in tar}
    assert list(members) == ["manifest.json", "manifest.sig", "report.txt", "report.json", "att/1.jpg"]
    SEALER.verify(members["manifest.sig"], members["manifest.json"])


def test_example_keys_come_of_their_seeds_as_the_specification_says():
    for name, key, expected in zip(("officer 1", "officer 2"), OFFICERS, EXPECTED["officers"], strict=True):
        seed = hashlib.sha256(f"worked example, {name}".encode()).digest()
        assert seed.hex() == expected["seed"]
        assert key.identity.secret() == expected["identity"]
        assert hashlib.sha256(str(key.recipient).encode()).hexdigest()[:32] == expected["tag"]
        signing = Ed25519PrivateKey.from_private_bytes(
            hmac.new(seed, b"faro/officer-signing/v1\x01", hashlib.sha256).digest()
        )
        assert signing.public_key().public_bytes_raw().hex() == expected["signing"] == key.signing_public


def test_example_receipt_leads_to_the_row_and_to_the_follow_up_key():
    expected = EXPECTED["receipt"]
    found = receipt.derive(expected["code"], bytes.fromhex(expected["pepper"]))
    assert (found.lookup.hex(), found.identity.seed.hex()) == (expected["lookup"], expected["seed"])
    opened = envelope.open_report(DATA, OFFICERS[0].identity, sealer_public=SEALER)
    assert opened.manifest.follow_up == found.recipient


def test_specification_prints_the_values_of_the_example():
    officer = EXPECTED["officers"][0]
    printed = [EXPECTED["payload_sha256"], EXPECTED["sealer"], *EXPECTED["parts"].values(), *officer.values()]
    printed = [value for value in printed if value != officer["recipient_sha256"]]
    assert len(printed) == 9
    missing = [value for value in printed if value not in TEXT]
    assert missing == []

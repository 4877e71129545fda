import json
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage import audit, chain_file, signing
from storage.audit import AuditRow

SEALER = Ed25519PrivateKey.generate()


def rows(count):
    """A chain as the server keeps it."""
    made, last = [], audit.Head()
    for seq in range(1, count + 1):
        body = signing.canonical({"ctx": audit.CTX, "seq": seq, "prev": last.hash.hex(), "event": "sealed"})
        signature = SEALER.sign(body) if seq % audit.SIGNED_EVERY == 0 else None
        made.append(AuditRow(seq, last.hash, sha256(body).digest(), body, signature))
        last = audit.Head(seq, made[-1].hash)
    return made


def test_chain_comes_back_as_it_was_and_is_whole():
    chain = rows(20)
    assert chain_file.read(chain_file.write(chain)) == chain
    assert audit.verify(chain_file.read(chain_file.write(chain)), SEALER.public_key()).ok


def test_row_that_is_changed_or_left_out_in_the_file_is_found():
    lines = chain_file.write(rows(20)).splitlines()
    value = json.loads(lines[4])
    value["body"] = value["body"].replace("sealed", "opened")
    changed = [*lines[:4], signing.canonical(value), *lines[5:]]
    for broken in (changed, lines[:4] + lines[5:], lines[1:]):
        assert not audit.verify(chain_file.read(b"\n".join(broken)), SEALER.public_key()).ok


@pytest.mark.parametrize(
    "data", [b"words", b"{}", signing.canonical({"ctx": chain_file.CTX}), b"\xff", chain_file.write(rows(1))[:-3]]
)
def test_what_is_no_chain_is_refused(data):
    with pytest.raises(chain_file.ChainFileRefused):
        chain_file.read(data)

import io
import os

import pytest

from storage import age
from storage.age import payload

CHUNK = payload.CHUNK
HYBRID = [age.HybridIdentity.generate()]


@pytest.mark.parametrize("size", [CHUNK + 5, 2 * CHUNK])
def test_every_cut_is_noticed_and_only_proved_chunks_are_released(size):
    plain = os.urandom(size)
    sealed = age.encrypt(plain, [HYBRID[0].recipient()])
    start = age.read_header(sealed).length
    for cut in (start, start + 15, start + 16, start + 17, start + 16 + CHUNK + 16, len(sealed) - 1, len(sealed) - 16):
        target = io.BytesIO()
        with pytest.raises((age.PayloadFailure, age.HeaderFailure)):
            age.decrypt_stream(io.BytesIO(sealed[:cut]), target, [HYBRID[0]])
        assert target.getvalue() in (b"", plain[:CHUNK])


def test_chunks_cannot_change_places_or_be_followed():
    sealed = age.encrypt(bytes(3 * CHUNK), [HYBRID[0].recipient()])
    start = age.read_header(sealed).length + payload.NONCE
    size = CHUNK + payload.TAG
    first, second = sealed[start : start + size], sealed[start + size : start + 2 * size]
    for changed in (sealed[:start] + second + first + sealed[start + 2 * size :], sealed + b"\0", sealed + first):
        with pytest.raises(age.PayloadFailure):
            age.decrypt(changed, [HYBRID[0]])


def test_large_file_is_sealed_and_opened_in_pieces():
    plain = os.urandom(1_000_003)
    sealed, opened = io.BytesIO(), Counting()
    age.encrypt_stream(io.BytesIO(plain), sealed, [HYBRID[0].recipient()])
    sealed.seek(0)
    age.decrypt_stream(sealed, opened, HYBRID)
    assert opened.getvalue() == plain
    assert opened.largest == CHUNK


class Counting(io.BytesIO):
    largest = 0

    def write(self, data):
        self.largest = max(self.largest, len(data))
        return super().write(data)

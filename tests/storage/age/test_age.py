import io
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import age
from storage.age import payload

CHUNK = payload.CHUNK
HYBRID = [age.HybridIdentity.generate() for _ in range(2)]
CLASSICAL = [age.X25519Identity.generate() for _ in range(2)]
FUZZ = int(os.environ.get("FARO_FUZZ", "2000"))
SMALL = age.encrypt(b"made-up words", [key.recipient() for key in HYBRID])


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7])
@pytest.mark.parametrize("keys", [HYBRID, CLASSICAL], ids=["hybrid", "classical"])
def test_each_recipient_opens_what_was_sealed(size, keys):
    plain = os.urandom(size)
    sealed = age.encrypt(plain, [key.recipient() for key in keys])
    assert [age.decrypt(sealed, [key]) for key in keys] == [plain, plain]


def test_passphrase_opens_what_it_sealed_and_another_does_not():
    sealed = age.encrypt(b"words", [age.ScryptRecipient("right", work_factor=10)])
    assert age.decrypt(sealed, [age.ScryptIdentity("right")]) == b"words"
    with pytest.raises(age.NoMatch):
        age.decrypt(sealed, [age.ScryptIdentity("wrong")])


def test_passphrase_file_cannot_choose_how_much_memory_its_reader_spends():
    sealed = age.encrypt(b"words", [age.ScryptRecipient("right", work_factor=12)])
    with pytest.raises(age.HeaderFailure):
        age.decrypt(sealed, [age.ScryptIdentity("right", max_work_factor=11)])


def test_stranger_does_not_open():
    with pytest.raises(age.NoMatch):
        age.decrypt(SMALL, [age.HybridIdentity.generate()])
    with pytest.raises(age.NoMatch):
        age.decrypt(SMALL, [CLASSICAL[0]])


@pytest.mark.parametrize(
    "recipients",
    [
        [],
        [HYBRID[0].recipient(), CLASSICAL[0].recipient()],
        [age.ScryptRecipient("a"), HYBRID[0].recipient()],
        [age.ScryptRecipient("a"), age.ScryptRecipient("b")],
    ],
    ids=["nobody", "post-quantum and classical", "passphrase and key", "two passphrases"],
)
def test_such_recipients_are_refused_by_seal_and_rewrap(recipients):
    with pytest.raises(age.RecipientsRefused):
        age.encrypt(b"words", recipients)
    with pytest.raises(age.RecipientsRefused):
        age.rewrap(SMALL, [HYBRID[0]], recipients)


def test_rewrap_leaves_the_payload_as_it_was_and_shuts_out_who_is_not_named():
    new = age.HybridIdentity.generate()
    moved = age.rewrap(SMALL, [HYBRID[0]], [new.recipient()])
    assert moved[age.read_header(moved).length :] == SMALL[age.read_header(SMALL).length :]
    assert age.decrypt(moved, [new]) == b"made-up words"
    with pytest.raises(age.NoMatch):
        age.decrypt(moved, [HYBRID[0]])


def test_header_of_one_file_does_not_fit_the_payload_of_another():
    other = age.encrypt(b"other words", [HYBRID[0].recipient()])
    spliced = SMALL[: age.read_header(SMALL).length] + other[age.read_header(other).length :]
    with pytest.raises(age.PayloadFailure):
        age.decrypt(spliced, [HYBRID[0]])


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


def test_same_words_never_give_the_same_file_twice():
    assert len({age.encrypt(b"words", [HYBRID[0].recipient()]) for _ in range(20)}) == 20


@pytest.mark.parametrize("key", [HYBRID[0], CLASSICAL[0]], ids=["hybrid", "classical"])
def test_keys_survive_being_written_and_are_not_mistaken_for_each_other(key):
    assert age.identity(key.secret()).secret() == key.secret()
    assert str(type(key.recipient()).parse(str(key.recipient()))) == str(key.recipient())
    with pytest.raises(age.KeyRefused):
        age.HybridRecipient.parse(str(CLASSICAL[0].recipient()))
    with pytest.raises(age.KeyRefused):
        age.X25519Recipient.parse(str(HYBRID[0].recipient()))
    with pytest.raises(age.KeyRefused):
        age.identity(str(key.recipient()))


def test_secrets_do_not_show_when_printed():
    for key in (HYBRID[0], age.ScryptRecipient("hidden"), age.ScryptIdentity("hidden")):
        assert "hidden" not in repr(key)
        assert "seed" not in repr(key)


KINDS = st.sampled_from(["flip", "drop", "insert", "copy", "cut"])
MUTATION = st.tuples(KINDS, st.integers(0), st.binary(min_size=1, max_size=4))


def mutate(data: bytes, size: int, kind: str, place: int, extra: bytes) -> bytes:
    """`data` with one change in its first `size` bytes."""
    at = place % size
    match kind:
        case "flip":
            return data[:at] + bytes([data[at] ^ (extra[0] or 1)]) + data[at + 1 :]
        case "drop":
            return data[:at] + data[at + len(extra) :]
        case "insert":
            return data[:at] + extra + data[at:]
        case "copy":
            return data[:at] + data[at // 2 : at // 2 + 40] + data[at:]
        case _:
            return data[:at]


@settings(max_examples=FUZZ, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(MUTATION, min_size=1, max_size=3))
def test_no_changed_header_is_accepted_and_none_raises_anything_else(changes):
    changed, size = SMALL, age.read_header(SMALL).length
    for kind, place, extra in changes:
        changed = mutate(changed, min(size, len(changed)) or 1, kind, place, extra) or b"\0"
    if changed != SMALL:
        with pytest.raises(age.AgeError):
            age.decrypt(changed, [HYBRID[0]])


@settings(max_examples=FUZZ // 4, deadline=None, suppress_health_check=list(HealthCheck))
@given(MUTATION)
def test_no_changed_file_is_accepted_and_none_raises_anything_else(change):
    changed = mutate(SMALL, len(SMALL), *change)
    if changed != SMALL:
        with pytest.raises(age.AgeError):
            age.decrypt(changed, [HYBRID[0]])


@settings(max_examples=FUZZ // 4, deadline=None)
@given(st.binary(max_size=400))
def test_no_noise_is_accepted_and_none_raises_anything_else(noise):
    for data in (noise, b"age-encryption.org/v1\n" + noise):
        with pytest.raises(age.AgeError):
            age.decrypt(data, [HYBRID[0], CLASSICAL[0]])

import os

import pytest

from storage import age
from storage.age import payload

CHUNK = payload.CHUNK
HYBRID = [age.HybridIdentity.generate() for _ in range(2)]
CLASSICAL = [age.X25519Identity.generate() for _ in range(2)]
SMALL = age.encrypt(b"made-up words", [key.recipient() for key in HYBRID])


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7])
@pytest.mark.parametrize("keys", [HYBRID, CLASSICAL], ids=["hybrid", "classical"])
def test_each_recipient_opens_what_was_sealed(size, keys):
    plain = os.urandom(size)
    sealed = age.encrypt(plain, [key.recipient() for key in keys])
    assert [age.decrypt(sealed, [key]) for key in keys] == [plain, plain]


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


def test_file_within_a_file_needs_both_keys():
    """T9: how a report is kept for two persons who must open it together; `age -d | age -d` does the same."""
    outer, inner = HYBRID
    nested = age.encrypt(age.encrypt(b"words", [inner.recipient()]), [outer.recipient()])
    assert age.decrypt(age.decrypt(nested, [outer]), [inner]) == b"words"
    with pytest.raises(age.NoMatch):
        age.decrypt(nested, [inner])
    with pytest.raises(age.NoMatch):
        age.decrypt(age.decrypt(nested, [outer]), [outer])


def test_same_words_never_give_the_same_file_twice():
    assert len({age.encrypt(b"words", [HYBRID[0].recipient()]) for _ in range(20)}) == 20

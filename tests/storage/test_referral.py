import pytest

from storage import identity, referral, signing
from storage.manifest import tag
from tests.storage.sealing import DAY, Desk

DESK = Desk()
OPENED = DESK.open(DESK.seal().data)
SENDER, RECEIVER = DESK.officers[0], identity.new_key()
KNOWN = {tag(SENDER.recipient): SENDER.signing_public}
WORD = referral.write(OPENED.manifest, OPENED.sha256, SENDER, [RECEIVER.recipient], "made-up treaty", DAY)


def test_referral_says_who_sent_what_to_whom_and_why():
    read = referral.read(WORD, KNOWN)
    assert (read.report_id, read.payload_sha256) == (OPENED.manifest.report_id, OPENED.sha256)
    assert (read.sender, read.to, read.basis, read.date) == (
        tag(SENDER.recipient), (tag(RECEIVER.recipient),), "made-up treaty", DAY,
    )  # fmt: skip
    assert read.allows(OPENED.manifest, OPENED.sha256)


@pytest.mark.parametrize(
    "document",
    [b"", b"{}", WORD.replace(b"treaty", b"agency"), signing.sign({"ctx": referral.CTX}, SENDER.signing_key),
     SENDER.card("x")],
    ids=["empty", "nothing", "changed", "no members", "another kind"],
)  # fmt: skip
def test_what_is_no_referral_is_refused(document):
    with pytest.raises(referral.ReferralRefused):
        referral.read(document, KNOWN)


def test_referral_signed_by_another_officer_than_it_names_is_refused():
    other = DESK.officers[1]
    known = {tag(SENDER.recipient): other.signing_public, tag(other.recipient): SENDER.signing_public}
    for keys in ({}, known):
        with pytest.raises(referral.ReferralRefused):
            referral.read(WORD, keys)

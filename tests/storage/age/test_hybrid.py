import pytest

from storage import age
from storage.age import header, hybrid

KEY = age.HybridIdentity.generate()
# c2sp.org/age, "The MLKEM768-X25519 hybrid post-quantum recipient type"
PUBLISHED = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR"


def test_published_key_has_the_published_recipient():
    recipient = str(age.identity(PUBLISHED).recipient())
    assert recipient.startswith("age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq5r9rdelkjuh3y235jzxshfg87pzf5zrqtzdxz95paef6caq5")
    assert recipient.endswith("xpfqdkmhh6gjtqmwze9pyyzk3tlhl53k2ykx3qheyty7saeq0d3fzv49zc0k")
    assert len(recipient) == 1959


def test_keys_survive_being_written_and_are_not_mistaken_for_others():
    assert age.identity(KEY.secret()) == KEY
    assert age.HybridRecipient.parse(str(KEY.recipient())) == KEY.recipient()
    for other in (KEY.secret(), str(age.X25519Identity.generate().recipient()), "age1pq1", ""):
        with pytest.raises(age.KeyRefused):
            age.HybridRecipient.parse(other)
    with pytest.raises(age.KeyRefused):
        age.identity(str(KEY.recipient()))


def test_recipient_whose_mlkem_key_is_out_of_range_is_refused():
    with pytest.raises(age.KeyRefused):
        age.HybridRecipient.parse(str(age.HybridRecipient(b"\xff" * 1216)))


@pytest.mark.parametrize(
    ("args", "body"),
    [((), 32), (("x", "y"), 32), (("AAAA",), 32), (("SHARE", "y"), 32), (("SHARE",), 31), (("SHARE",), 48),
     (("LOW",), 32)],
    ids=["no share", "two arguments", "short share", "more", "short body", "long body", "low order"],
)  # fmt: skip
def test_malformed_stanza_is_a_header_failure(args, body):
    good = KEY.recipient().wrap(bytes(16)).args[1]
    low = header.encode64(header.decode64(good.encode())[: hybrid.MLKEM_CIPHERTEXT] + bytes(32))
    values = tuple({"SHARE": good, "LOW": low}.get(arg, arg) for arg in args)
    with pytest.raises(age.HeaderFailure):
        KEY.unwrap([age.Stanza((hybrid.TYPE, *values), bytes(body))])


def test_stanza_for_somebody_else_or_of_another_type_is_passed_over():
    mine, other = KEY.recipient().wrap(b"k" * 16), age.HybridIdentity.generate().recipient().wrap(b"o" * 16)
    strange = age.Stanza(("unknown", "x"), b"")
    assert KEY.unwrap([strange, other, mine]) == b"k" * 16
    assert KEY.unwrap([strange, other]) is None


def test_seed_does_not_show_when_printed():
    assert KEY.seed.hex() not in repr(KEY)
    assert "seed" not in repr(KEY)

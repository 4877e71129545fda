import pytest

from storage import age
from storage.age import header, x25519

KEY = age.X25519Identity.generate()


def test_published_key_has_the_published_recipient():
    # c2sp.org/age, "The X25519 recipient type"
    key = age.identity("AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX")
    assert str(key.recipient()) == "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"


def test_keys_survive_being_written_and_are_not_mistaken_for_others():
    assert age.identity(KEY.secret()).secret() == KEY.secret()
    assert age.X25519Recipient.parse(str(KEY.recipient())) == KEY.recipient()
    for other in (KEY.secret(), str(age.HybridIdentity.generate().recipient()), str(KEY.recipient())[:-1], ""):
        with pytest.raises(age.KeyRefused):
            age.X25519Recipient.parse(other)


@pytest.mark.parametrize("share", [bytes(32), bytes(31), b"\x01" + bytes(31), bytes(33)])
def test_share_of_low_order_or_another_length_is_a_header_failure(share):
    with pytest.raises(age.HeaderFailure):
        KEY.unwrap([age.Stanza((x25519.TYPE, header.encode64(share)), bytes(32))])


def test_stanza_for_somebody_else_is_passed_over():
    mine, other = KEY.recipient().wrap(b"k" * 16), age.X25519Identity.generate().recipient().wrap(b"o" * 16)
    assert KEY.unwrap([other, mine]) == b"k" * 16
    assert KEY.unwrap([other]) is None


def test_key_string_is_not_repeated_when_it_is_refused():
    wrong = "P" if KEY.secret().endswith("Q") else "Q"
    with pytest.raises(age.KeyRefused) as refused:
        age.identity(KEY.secret()[:-1] + wrong)
    assert KEY.secret()[20:40] not in str(refused.value)

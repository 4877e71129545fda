import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from storage import signing

CTX = "faro/test/v1"
KEYS = [Ed25519PrivateKey.generate() for _ in range(3)]
PUBLIC = [signing.public_text(key.public_key()) for key in KEYS]
NAME = st.text(st.characters(codec="ascii"), max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAME, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(NAME, JSON, max_size=4))
def test_canonical_text_is_read_back_and_written_the_same(value):
    data = signing.canonical({**value, "ctx": CTX})
    assert signing.parse(data, CTX) == {**value, "ctx": CTX}


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b'{"ctx": "faro/test/v1"}', b'{"ctx":"faro/test/v1"}\n', b'{"ctx":"faro/other/v1"}',
     b'{"a":1.0,"ctx":"faro/test/v1"}', b'{"ctx":"faro/test/v1","a":1}', b'{"a":1,"a":2,"ctx":"faro/test/v1"}',
     b'{"a":NaN,"ctx":"faro/test/v1"}',
     b'{"a":"\\u00e1","ctx":"faro/test/v1"}', b'{"a":"\\ud800","ctx":"faro/test/v1"}',
     b'\xef\xbb\xbf{"ctx":"faro/test/v1"}', b'{"ctx":"faro/test/v1"', b"\xff", b"[" * 100_000],
)  # fmt: skip
def test_text_with_a_second_way_to_be_written_is_refused(data):
    with pytest.raises(signing.NotCanonical):
        signing.parse(data, CTX)


def test_all_true_signatures_are_found_and_no_others():
    document = signing.sign_too(signing.sign({"ctx": CTX, "a": 1}, KEYS[0]), CTX, KEYS[1])
    assert signing.signed_by(document, CTX, PUBLIC) == ({"ctx": CTX, "a": 1}, set(PUBLIC[:2]))
    assert signing.signed_by(document, CTX, PUBLIC[2:])[1] == set()


def test_signature_under_another_name_or_over_another_body_does_not_count():
    document = signing.sign({"ctx": CTX, "a": 1}, KEYS[0])
    renamed = document.replace(PUBLIC[0].encode(), PUBLIC[1].encode())
    changed = document.replace(b'"a":1', b'"a":2')
    for forged in (renamed, changed):
        assert signing.signed_by(forged, CTX, PUBLIC)[1] == set()


def test_document_of_another_kind_is_refused_even_if_signed():
    with pytest.raises(signing.NotCanonical):
        signing.signed_by(signing.sign({"ctx": "faro/other/v1"}, KEYS[0]), CTX, PUBLIC)


@pytest.mark.parametrize("text", ["", "00", "g" * 64, "A" * 64, "é" * 64, None, 7])
def test_such_a_public_key_is_refused(text):
    with pytest.raises(signing.NotCanonical):
        signing.parse_public(text)

import stat

import pytest

from storage import age, identity, roster_draft
from storage.age import X25519Identity

KEY = identity.new_key()


@pytest.fixture(scope="module")
def key_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "officer.key"
    identity.write_key_file(path, KEY, "made-up passphrase")
    return path


def test_key_file_opens_with_its_passphrase_and_is_for_its_owner_alone(key_file):
    assert identity.read_key_file(key_file, "made-up passphrase") == KEY
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert identity.needs_passphrase(key_file)


def test_key_file_costs_a_guesser_two_to_the_eighteen(key_file):
    stanza = age.read_header(key_file.read_bytes()).stanzas[0]
    assert (stanza.type, stanza.args[2]) == ("scrypt", "18")


def test_key_file_hides_the_key_and_another_passphrase_does_not_open_it(key_file):
    assert KEY.identity.secret().encode() not in key_file.read_bytes()
    with pytest.raises(identity.WrongPassphrase):
        identity.read_key_file(key_file, "another")


def test_key_is_never_overwritten(key_file):
    before = key_file.read_bytes()
    with pytest.raises(FileExistsError):
        identity.write_key_file(key_file, identity.new_key(), "x")
    assert key_file.read_bytes() == before


def test_key_in_the_open_as_age_keygen_writes_it_is_read(tmp_path):
    path = tmp_path / "open.key"
    path.write_text(f"# created: 2026-11-25\n# public key: {KEY.recipient}\n{KEY.identity.secret()}\n")
    assert not identity.needs_passphrase(path)
    assert identity.read_key_file(path, "") == KEY


@pytest.mark.parametrize(
    "content",
    [b"", b"words\n", b"\xff\xfe", (KEY.identity.secret() + "\n").encode() * 2,
     X25519Identity.generate().secret().encode(), KEY.identity.secret().lower()[:-1].encode(), age.VERSION_LINE + b"x"],
    ids=["empty", "words", "binary", "two", "classical", "cut", "spoilt"],
)  # fmt: skip
def test_what_is_no_key_file_is_refused_without_being_repeated(tmp_path, content):
    path = tmp_path / "bad.key"
    path.write_bytes(content)
    with pytest.raises(identity.KeyFileRefused) as refused:
        identity.read_key_file(path, "x")
    assert KEY.identity.secret()[20:40] not in str(refused.value).upper()


def test_passphrases_are_made_not_chosen():
    made = {identity.new_passphrase() for _ in range(200)}
    assert len(made) == 200
    assert all(set(text) <= set(identity.ALPHABET + "-") and len(text) == 22 for text in made)
    assert len(set(identity.ALPHABET)) == 32


def test_one_seed_gives_one_signing_key_and_the_card_proves_it():
    again = identity.OfficerKey(age.HybridIdentity(KEY.identity.seed))
    assert again.signing_public == KEY.signing_public
    assert roster_draft.read_card(KEY.card("officer-1")) == ("officer-1", KEY.recipient, KEY.signing_public)


def test_keys_do_not_show_when_printed():
    assert "seed" not in repr(KEY)
    assert KEY.identity.secret() not in repr(KEY)

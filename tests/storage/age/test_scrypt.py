import pytest

from storage import age
from storage.age import header


def test_passphrase_opens_what_it_sealed_and_another_does_not():
    sealed = age.encrypt(b"words", [age.ScryptRecipient("right", work_factor=10)])
    assert age.decrypt(sealed, [age.ScryptIdentity("right")]) == b"words"
    with pytest.raises(age.NoMatch):
        age.decrypt(sealed, [age.ScryptIdentity("wrong")])


def test_passphrase_file_cannot_choose_how_much_memory_its_reader_spends():
    sealed = age.encrypt(b"words", [age.ScryptRecipient("right", work_factor=12)])
    with pytest.raises(age.HeaderFailure):
        age.decrypt(sealed, [age.ScryptIdentity("right", max_work_factor=11)])


@pytest.mark.parametrize("factor", ["", "0", "01", "+9", "-1", "0x9", "9 ", "٩", "21", "100", "9999999999"])
def test_such_a_work_factor_is_refused_before_any_work(factor):
    stanza = age.Stanza(("scrypt", header.encode64(bytes(16)), factor), bytes(32))
    with pytest.raises(age.HeaderFailure):
        age.ScryptIdentity("right").unwrap([stanza])


@pytest.mark.parametrize("salt", [15, 17, 0])
def test_salt_of_another_length_is_refused(salt):
    stanza = age.Stanza(("scrypt", header.encode64(bytes(salt)), "10"), bytes(32))
    with pytest.raises(age.HeaderFailure):
        age.ScryptIdentity("right").unwrap([stanza])


def test_passphrase_of_any_script_is_taken_as_it_is():
    sealed = age.encrypt(b"words", [age.ScryptRecipient("contraseña ñandú 密码", work_factor=10)])
    assert age.decrypt(sealed, [age.ScryptIdentity("contraseña ñandú 密码")]) == b"words"
    with pytest.raises(age.NoMatch):
        age.decrypt(sealed, [age.ScryptIdentity("contrasena nandu 密码")])


def test_passphrases_do_not_show_when_printed():
    for key in (age.ScryptRecipient("hidden"), age.ScryptIdentity("hidden")):
        assert "hidden" not in repr(key)

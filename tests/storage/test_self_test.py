import pytest
from cryptography.exceptions import UnsupportedAlgorithm

from storage import age, self_test


def test_this_machine_can_seal() -> None:
    assert self_test.can_seal()


def test_a_library_without_the_post_quantum_half_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(plain: bytes, recipients: object) -> bytes:
        raise UnsupportedAlgorithm("ML-KEM")

    monkeypatch.setattr(age, "encrypt", missing)
    assert not self_test.can_seal()

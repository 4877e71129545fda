import inspect

import pytest

from storage import errors
from storage.errors import StorageError

CLASSES = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, StorageError)]


def test_every_error_has_a_code_of_its_own_and_says_whether_to_try_again() -> None:
    assert len(CLASSES) == 15
    assert len({each.code for each in CLASSES}) == 15
    assert {each.code for each in CLASSES if each.retry} == {
        "conversation_gone",
        "database_down",
        "mailbox_full",
        "tables_busy",
    }
    assert all(each.__doc__ for each in CLASSES)


@pytest.mark.parametrize("each", CLASSES)
def test_an_error_shows_its_code_and_detail_and_nothing_else(each: type[StorageError]) -> None:
    assert str(each()) == each.code
    assert str(each("57P01")) == f"{each.code}:57P01"
    assert each("57P01").detail == "57P01"


def test_a_database_that_is_down_is_a_connection_error_to_those_who_ask_for_one() -> None:
    assert issubclass(errors.DatabaseDown, ConnectionError)

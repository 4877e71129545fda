import inspect
import traceback

import pytest

from bot import directory, errors, notify
from bot.errors import FaroError, SendError, SettingsError

CLASSES = [
    value
    for module in (errors, notify)
    for value in vars(module).values()
    if inspect.isclass(value) and issubclass(value, FaroError) and value.__module__ == module.__name__
]
RETRIED = {
    "throttled", "platform_down", "maybe_sent", "media_down", "engine_down", "notify_later", "busy",
}  # fmt: skip


def test_every_error_has_a_code_of_its_own_and_says_whether_to_try_again() -> None:
    assert len(CLASSES) == 25
    assert len({each.code for each in CLASSES}) == 25
    assert {each.code for each in CLASSES if each.retry} == RETRIED
    assert all(each.__doc__ for each in CLASSES)


@pytest.mark.parametrize("each", [each for each in CLASSES if each is not SettingsError])
def test_an_error_shows_its_code_and_detail_and_nothing_else(each: type[FaroError]) -> None:
    assert str(each()) == each.code
    assert str(each("503")) == f"{each.code}:503"
    assert each("503").detail == "503"
    assert traceback.format_exception_only(each("503")) == [f"{each.__module__}.{each.__name__}: {each.code}:503\n"]


@pytest.mark.parametrize("each", [SettingsError, directory.DirectoryError])
def test_a_setting_that_is_wrong_is_told_to_the_operator_as_one_sentence(each: type[SettingsError]) -> None:
    assert str(each("FARO_X is missing.")) == "FARO_X is missing."
    assert (each.code, each.retry) == ("settings", False)


@pytest.mark.parametrize("each", [each for each in CLASSES if issubclass(each, SendError)])
def test_an_error_of_sending_carries_how_long_to_wait_and_shows_it_not(each: type[SendError]) -> None:
    assert each("429", after=7.0).after == 7.0
    assert each().after is None
    assert str(each("429", after=7.0)) == f"{each.code}:429"

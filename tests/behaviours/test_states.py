"""The tests of "every state" walk what is there to be walked."""

from __future__ import annotations

from collections.abc import Mapping

from tests.behaviours.states import COUNT, States
from tests.nlu.wording import LANGUAGES, offered


def test_every_open_question_and_every_state_beside_them_is_walked_in_every_language(
    states: Mapping[str, States],
) -> None:
    assert sorted(states) == sorted(LANGUAGES)
    assert COUNT == 42
    for language, all_of_one in states.items():
        assert len(all_of_one.all) == COUNT, language
        assert {state.name for state in all_of_one} >= set(offered())
        modes = {state.name: state.talking().mode for state in all_of_one}
        assert [modes[name] for name in ("new", "paused", "cover", "danger", "refused", "closed")] == [
            "new", "paused", "cover", "danger", "closed", "closed",
        ]  # fmt: skip
        assert all_of_one["aside_danger"].talking().aside
        assert all_of_one["aside_calm"].talking().aside
        assert all_of_one["locked"].talking().shut

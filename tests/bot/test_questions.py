import pytest
import yaml

from bot.indicators import shipped as answer_map
from bot.questions import FILE, Questions, shipped

QUESTIONS = shipped()


def test_the_questions_are_those_of_the_engine_in_its_order() -> None:
    ids = [question["id"] for question in yaml.safe_load(FILE.read_text())["questions"]]
    assert list(QUESTIONS.ids) == ids
    assert QUESTIONS.ids[:2] == ("safe", "age")
    assert len(set(ids)) == len(ids) == 29


def test_the_questions_answered_in_own_words_are_known() -> None:
    assert QUESTIONS.own_words == {"story", "N2_how", "N2_when", "N2_words", "N2_other", "reentry"}


def test_the_questions_that_take_several_codes_are_known() -> None:
    assert QUESTIONS.several == {"agencies", "Q6_what", "Q9"}


def test_the_instrument_is_the_one_that_is_scored() -> None:
    assert QUESTIONS.instrument == "faro-screen/1"
    assert answer_map().instrument == QUESTIONS.instrument


@pytest.mark.parametrize(("slots", "derived"), [
    ({}, {}),
    ({"situation": "travelling", "age": "minor"}, {"branch": "travelling", "minor": "yes", "reporter": "self",
                                                   "place": "before", "on_the_way": "yes"}),
    ({"situation": "back", "age": "rather_not"}, {"branch": "in_exploitation", "minor": "no", "reporter": "self",
                                                  "place": "back"}),
    ({"situation": "other"}, {"reporter": "other"}),
    ({"situation": "other", "their_situation": "there"}, {"branch": "in_exploitation", "reporter": "other",
                                                          "place": "there"}),
    ({"age": "adult", "situation": None}, {"minor": "no"}),
])  # fmt: skip
def test_what_follows_from_answers_is_derived_and_the_rest_is_absent(
    slots: dict[str, str | None], derived: dict[str, str]
) -> None:
    assert QUESTIONS.derived(slots) == derived


def test_a_file_of_another_shape_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "questions.yml"
    file.write_text("instrument: x\n")
    with pytest.raises(KeyError):
        Questions.load(file)

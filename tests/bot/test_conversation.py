from datetime import UTC, datetime, timedelta

import orjson

from bot.channels import Incoming
from bot.conversation import Filed, Kept, Talk
from bot.draft import Answer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_talk() -> Talk:
    return Talk.begin("telegram", Incoming("m1", "42", "start", placement="7K3M9"), "es", NOW)


def test_the_state_survives_json() -> None:
    talk = a_talk()
    talk.engine = {"slots": {"Q3": "yes"}, "requested_slot": "Q4", "active_loop": "talk"}
    talk.offered = [("yes", "Sí")]
    talk.answers["Q9"] = Answer(("work", "home"), "2026-03-01T12:00:00+00:00", "es", ("todo eso",))
    talk.keep_words("unas palabras", NOW)
    talk.attachments.append(Kept(7, "image/jpeg", "jpg", 100, "2026-03-01T12:00:00+00:00", True))
    talk.filed.append(Filed("aa", "danger", "2026-03-01T12:00:00+00:00"))
    assert Talk.from_json(orjson.loads(orjson.dumps(talk.to_json()))) == talk


def test_words_are_kept_with_the_question_that_stood() -> None:
    talk = a_talk()
    talk.engine = {"slots": {}, "requested_slot": "Q4"}
    talk.keep_words("unas palabras", NOW)
    talk.keep_words("", NOW)
    assert [(said.text, said.about) for said in talk.story] == [("unas palabras", "Q4")]


def test_behind_the_gate_only_the_safety_answer_is_forgotten() -> None:
    talk = a_talk()
    talk.engine = {"slots": {"safe": "ready", "Q3": "yes"}, "requested_slot": "Q4", "active_loop": "talk"}
    talk.behind_the_gate()
    assert talk.slots == {"safe": None, "finished": None, "Q3": "yes"}
    assert talk.asked == ""


def test_silence_is_counted_from_the_last_word() -> None:
    talk = a_talk()
    talk.arrived(Incoming("m2", "43", "text", thread=("9",)), NOW + timedelta(minutes=3))
    assert talk.silent_since(NOW + timedelta(minutes=5)) == timedelta(minutes=2)
    assert (talk.address, talk.thread, talk.placement) == ("43", ["9"], "7K3M9")

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.languages import DATA, EXAMPLES, FILES, examples, folders, lacks, missing, read, unsaid
from bot.texts import Texts

OFFERED = ["en", "es", "fr", "ht", "pt"]
WHOLE: dict[str, Any] = {
    "messages": {"hello": "a", "exit": "b"},
    "options": {"yes": "c"},
    "questions": {"Q1": {"ask": "d", "sms": "e", "options": {"pay": "f"}}},
    "asides": {"danger": {"ask": "g"}},
    "numbers": {"uno": 1, "dos": 2},
    "offers": {"job": ["h"]},
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the source language and of another one, to break."""
    for code in ("es", "en"):
        shutil.copytree(DATA / code, tmp_path / code)
    return tmp_path


def broken(data: Path, file: str, old: str, new: str) -> list[str]:
    path = data / "en" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return missing(data / "en", data)


def test_five_languages_lack_nothing_and_are_offered() -> None:
    assert [folder.name for folder in folders()] == OFFERED
    assert {folder.name: missing(folder) for folder in folders()} == {code: [] for code in OFFERED}
    assert sorted(Texts.load().say) == OFFERED


@pytest.mark.parametrize(("file", "old", "new", "lacking"), [
    ("say.yml", "  later:", "  never:", "messages.later"),
    ("say.yml", "  calm:", "  haste:", "asides.calm.ask"),
    ("safety.yml", "self_harm:", "other_harm:", "safety.self_harm"),
    ("nlu.yml", "- intent: skip", "- intent: leap", "nlu.skip"),
    ("page.yml", "  exit_esc:", "  esc:", "page.page.exit_esc"),
    ("page.yml", "    cost:", "    price:", "page.page.questions.cost"),
    ("page.yml", "word: ", "words: ", "page.card.word"),
])  # fmt: skip
def test_a_language_that_lacks_one_thing_is_not_offered(
    data: Path, file: str, old: str, new: str, lacking: str
) -> None:
    assert sorted(Texts.load(data).say) == ["en", "es"]
    assert lacking in broken(data, file, old, new)
    assert sorted(Texts.load(data).say) == ["es"]


@pytest.mark.parametrize("file", FILES)
def test_a_language_without_one_of_its_files_is_not_offered(data: Path, file: str) -> None:
    (data / "en" / file).unlink()
    if file != "say.yml":  # without it nobody has begun the language
        assert missing(data / "en", data) == [file]
    assert sorted(Texts.load(data).say) == ["es"]


@pytest.mark.parametrize(("own", "lacking"), [
    ({"exit": "a", "tips": ["b", "c"]}, []),
    ({"exit": "a", "tips": ["b", "c", "d"], "more": "e"}, []),
    ({"exit": "", "tips": ["b", "c"]}, ["page.exit"]),
    ({"exit": "a", "tips": ["b"]}, ["page.tips"]),
    ({"exit": ["a"], "tips": "b"}, ["page.exit", "page.tips"]),
    (None, ["page.exit", "page.tips"]),
])  # fmt: skip
def test_a_page_text_that_lacks_is_named(own: object, lacking: list[str]) -> None:
    assert list(unsaid("page", own, {"exit": "x", "tips": ["y", "z"]})) == lacking


@pytest.mark.parametrize(("section", "key", "lacking"), [
    ("messages", "exit", ["messages.exit"]),
    ("options", "yes", ["options.yes"]),
    ("offers", "job", ["offers.job"]),
    ("numbers", "dos", ["numbers.2"]),
    ("questions", "Q1", ["questions.Q1.ask", "questions.Q1.sms", "questions.Q1.options.pay"]),
    ("asides", "danger", ["asides.danger.ask"]),
])  # fmt: skip
def test_what_lacks_is_named(section: str, key: str, lacking: list[str]) -> None:
    rest = {name: value for name, value in WHOLE[section].items() if name != key}
    assert lacks({**WHOLE, section: rest}, WHOLE) == lacking


def test_numbers_may_be_written_in_other_words() -> None:
    assert lacks({**WHOLE, "numbers": {"one": 1, "two": 2}}, WHOLE) == []


def test_only_a_wording_that_every_channel_has_is_needed_for_sms() -> None:
    messages = {"long": "a", "long_sms": "b", "privacy": "c", "privacy_telegram": "d", "privacy_sms": "e"}
    own = {key: text for key, text in messages.items() if not key.endswith("_sms")}
    assert lacks({**WHOLE, "messages": own}, {**WHOLE, "messages": messages}) == ["messages.privacy_sms"]


def test_examples_are_counted_as_yaml_reads_them() -> None:
    for folder in folders():
        entries = yaml.safe_load((folder / "nlu.yml").read_text(encoding="utf-8"))["nlu"]
        assert examples(folder / "nlu.yml") == {
            entry["intent"]: len(entry["examples"].splitlines()) for entry in entries
        }
        assert min(examples(folder / "nlu.yml").values()) >= EXAMPLES


@pytest.mark.parametrize("file", FILES)
def test_no_key_of_a_file_stands_twice(file: str) -> None:
    """YAML would take the last one without a word."""
    for folder in folders():
        lines = (folder / file).read_text(encoding="utf-8").splitlines()
        keys = [line.partition(":")[0] for line in lines if line[:1].isalpha()]
        assert len(keys) == len(set(keys)), folder.name
        assert list(read(folder / file)) == keys, folder.name

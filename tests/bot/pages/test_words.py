from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from bot.languages import DATA, read
from bot.pages.words import PageWords, shipped
from bot.texts import Texts


def test_the_languages_of_the_page_are_those_of_the_talk() -> None:
    assert sorted(shipped().tables) == ["en", "es", "fr", "ht", "pt"]
    assert list(shipped().tables) == list(Texts.load().say)


def test_a_text_is_the_one_of_the_folder_with_its_values() -> None:
    words = shipped()
    for language in words.tables:
        file = read(DATA / language / "page.yml")
        assert words("page.exit", language) == file["page"]["exit"]
        assert words("page.questions.cost", language) == file["page"]["questions"]["cost"]
        told = words("card.or_write", language, word="WORD CODE", number="NUMBER")
        assert "WORD CODE" in told
        assert "NUMBER" in told
        assert "{" not in told


def test_titles_stand_in_the_order_of_the_folder_and_lines_too() -> None:
    words = shipped()
    for language in words.tables:
        file = read(DATA / language / "page.yml")
        assert list(words.titles("page.questions", language).items()) == list(file["page"]["questions"].items())
        assert list(words.titles("page.deletes", language)) == list(file["page"]["deletes"])
        assert list(words.lines("chat.cover_lines", language)) == file["chat"]["cover_lines"]


@pytest.mark.parametrize(
    "key", ["page.entry", "exit", "page", "page.exit.more", "page.questions", "chat.cover_lines", ""]
)
def test_what_is_no_text_is_an_error(key: str) -> None:
    with pytest.raises(KeyError):
        shipped()(key, "es")


def test_what_is_no_table_or_no_list_is_an_error() -> None:
    for key in ("page.exit", "chat.cover_lines", "page.titles"):
        with pytest.raises(KeyError):
            shipped().titles(key, "es")
    for key in ("page.exit", "page.questions", "chat.lines"):
        with pytest.raises(KeyError):
            shipped().lines(key, "es")


def test_a_value_that_is_not_given_or_a_language_that_is_not_offered_is_an_error() -> None:
    with pytest.raises(KeyError):
        shipped()("page.checked", "es")
    with pytest.raises(KeyError):
        shipped()("page.exit", "xx")


def test_a_language_with_half_a_page_is_not_read_and_not_talked(tmp_path: Path) -> None:
    for code in ("es", "en"):
        shutil.copytree(DATA / code, tmp_path / code)
    assert sorted(PageWords.load(tmp_path).tables) == ["en", "es"]
    file = tmp_path / "en" / "page.yml"
    tables = read(file)
    del tables["card"]["scan"]
    file.write_text(yaml.safe_dump(tables, allow_unicode=True), encoding="utf-8")
    assert sorted(PageWords.load(tmp_path).tables) == ["es"]
    assert sorted(Texts.load(tmp_path).say) == ["es"]

"""The HTML of the officers' page."""

from __future__ import annotations

import re

import pytest

from bot.console.page.site import LANGUAGES, shipped


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_screen_is_shown_and_the_others_wait_for_the_script(language: str) -> None:
    page = shipped().html(language)
    assert page.startswith(f'<!doctype html>\n<html lang="{language}">')
    screens = re.findall(r'<section id="([\w-]+)"( hidden)?>', page)
    assert len(screens) == 9
    assert [name for name, hidden in screens if not hidden] == ["loading"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_in_it_is_script_or_style_and_every_file_is_one_that_is_served(language: str) -> None:
    page = shipped().html(language)
    assert re.findall(r"<script(?![^>]* src=)|<style| style=| on\w+=", page) == []
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(files) > 15
    assert [file for file in files if shipped().assets.at(file) is None] == []


def test_what_the_script_says_cannot_end_the_attribute_that_holds_it() -> None:
    page = shipped().html("en")
    (words,) = re.findall(r'<body data-words="([^"]*)">', page)
    assert "&quot;list.open&quot;:&quot;Open&quot;" in words
    assert "<" not in words

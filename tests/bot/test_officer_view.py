import sys
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import officer_view
from storage.manifest import tag
from storage.roster import Officer, Roster
from tests.storage.sealing import DAY, Desk

DESK = Desk()
OPENED = DESK.open(DESK.seal().data)


def roster(desk=DESK, **changes):
    officers = tuple(Officer(f"o{i}", "coat", key.recipient, "", DAY, DAY) for i, key in enumerate(desk.officers))
    ref = OPENED.manifest.roster
    return replace(Roster(ref.version, False, DAY, DAY, (), {}, officers, ref.sha256), **changes)


@given(st.text())
def test_nothing_but_what_is_seen_reaches_the_terminal(text):
    shown = officer_view.plain(text)
    assert all(c in officer_view.HARMLESS or unicodedata.category(c)[0] not in "C" for c in shown)
    assert not set(shown) & {"\u2028", "\u2029"}


def test_every_character_that_can_steer_or_hide_is_made_visible():
    steering = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) in {"Cc", "Cf"}]
    assert len(steering) > 200
    left = {c for c in steering if officer_view.plain(c) == c}
    assert left == {"\n", "\u200c", "\u200d"}


@pytest.mark.parametrize("text", ["ñandú", "¿Qué?", "مرحبا", "नमस्ते", "密码", "👩‍👧", "a\nb", "100 €"])
def test_what_people_write_is_shown_as_they_wrote_it(text):
    assert officer_view.plain(text) == text


def test_line_ends_of_windows_are_line_ends():
    assert officer_view.plain("a\r\nb\rc") == "a\nb<U+000D>c"


def test_readers_are_named_by_the_roster_and_strangers_by_their_tag():
    known = roster(officers=roster().officers[:2])
    line = next(line for line in officer_view.lines(OPENED, known) if line.startswith("Can be read by"))
    assert "o0 (coat)" in line
    assert f"key {tag(DESK.officers[2].recipient)[:8]}" in line


def test_what_the_roster_has_against_a_report_is_said():
    assert officer_view.roster_warnings(OPENED.manifest, None) == ["no_roster"]
    assert officer_view.roster_warnings(OPENED.manifest, roster()) == []
    assert officer_view.roster_warnings(OPENED.manifest, roster(version=4)) == ["other_roster"]
    assert officer_view.roster_warnings(OPENED.manifest, roster(officers=())) == ["unknown_reader"]


def test_every_warning_has_its_words():
    codes = {"practice", "unnamed_reader", "unknown_reader", "other_roster", "no_roster"}
    assert set(officer_view.WARNINGS) == codes

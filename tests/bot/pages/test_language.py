"""Which language a page comes in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pages.language import chosen

OFFERED = ("en", "es", "fr", "ht", "pt")


@pytest.mark.parametrize(
    ("asked", "accepts", "likely", "language"),
    [
        ("fr", "en", ("pt",), "fr"),  # asked for by the switch
        ("FR ", "en", ("pt",), "fr"),
        ("xx", "en", ("pt",), "en"),  # a language that nobody wrote is as if not asked
        ("", "pt-BR,pt;q=0.9,en;q=0.8", (), "pt"),
        ("", "en;q=0.2, fr-CA;q=0.7, de", (), "fr"),  # by weight, not by place; what is not offered is passed over
        ("", "en;q=0,fr;q=0.1", (), "fr"),  # 0 means: not this one
        ("", "ht-HT", ("es",), "ht"),
        ("", "de,zh-Hans;q=0.9,*;q=0.1", ("ht", "fr"), "ht"),  # the card's first
        ("", "de", ("xx", "pt"), "pt"),
        ("", "", (), "es"),
        ("", "en;q=nan,fr;q=x,;;,=", (), "es"),
    ],
)
def test_the_asked_one_then_the_browser_s_then_the_card_s_then_spanish(
    asked: str, accepts: str, likely: tuple[str, ...], language: str
) -> None:
    assert chosen(OFFERED, asked, accepts, likely) == language


@given(st.text(max_size=50), st.text(max_size=600))
def test_whatever_is_sent_a_page_comes(asked: str, accepts: str) -> None:
    assert chosen(OFFERED, asked, accepts) in OFFERED

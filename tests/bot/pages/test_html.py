"""Text never becomes markup."""

from __future__ import annotations

from bot.pages.html import Html, join, tag


def test_text_is_escaped_and_markup_is_not_escaped_twice() -> None:
    assert tag("p", "<b> & ", tag("i", '"')) == '<p>&lt;b&gt; &amp; <i>"</i></p>'


def test_an_attribute_cannot_be_closed_from_inside() -> None:
    assert tag("a", href='"><script>&') == '<a href="&quot;&gt;&lt;script&gt;&amp;"></a>'


def test_names_of_attributes_are_those_of_html() -> None:
    made = tag("a", class_="x", data_to="y", aria_label="z", hidden=True, lang=None, open=False)
    assert made == '<a class="x" data-to="y" aria-label="z" hidden></a>'


def test_an_element_without_content_has_no_end() -> None:
    assert tag("meta", name="a", content="b") == '<meta name="a" content="b">'


def test_content_comes_in_its_order_however_deep() -> None:
    assert join(["a", ["b", (Html("<br>") for _ in range(2))], None]) == "ab<br><br>"

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile

import pypdfium2
import pytest

from bot.cards import typeset
from bot.cards.content import Card
from bot.cards.formats import BLEED, FORMATS
from tests.bot.cards import printed
from tests.bot.cards.printed import CODE, LANGUAGES, MM, SMS, Box
from tests.nlu.wording import found

SAFE = 2.5  # mm between text and cut


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("dpi", [150, 300])
def test_every_page_bears_its_number_of_cards_and_each_is_read(name: str, dpi: int) -> None:
    form = FORMATS[name]
    count = 1 if form.single else form.on_a_sheet + 1
    pages = printed.pages(printed.sheets(name, cards=count))
    address = f"{printed.ADDRESS}/c/{CODE}"
    read = [printed.codes(printed.picture(page, dpi if form.name != "poster-a3" else dpi / 2)) for page in pages]
    assert read == [{address: one} for one in ([1] if form.single else [form.on_a_sheet, 1])]


def test_backs_are_laid_so_that_they_meet_their_fronts() -> None:
    """The last card alone on its sheet: in front on the left, behind on the right, since the sheet is turned over."""
    front, back, last_front, last_back = printed.pages(printed.sheets("business", LANGUAGES, cards=11))
    assert [len(list(page.get_objects(max_depth=1, filter=[5]))) for page in (front, back)] == [10, 10]
    middle = front.get_width() / 2
    assert max(box.right for box in printed.characters(last_front)) < middle
    assert min(box.left for box in printed.characters(last_back)) > middle


@pytest.mark.parametrize("name", FORMATS)
def test_each_language_is_on_the_card_with_its_word_and_number(name: str) -> None:
    words = printed.source().words
    text = " ".join(printed.text(page) for page in printed.pages(printed.sheets(name, LANGUAGES, cards=1)))
    bare = text.replace("\u00a0", " ")
    for language in LANGUAGES:
        assert words("card.line1", language) in bare
        assert f"{words('card.word', language)} {CODE}" in bare
    assert bare.count(SMS) == len(LANGUAGES)
    assert f"viaje.example.org/c/{CODE}" in bare
    assert "Espagne 112" in bare


@pytest.mark.parametrize("practice", [False, True])
@pytest.mark.parametrize("name", FORMATS)
def test_nothing_that_is_printed_tells_what_it_is_about(name: str, practice: bool) -> None:
    pdf = printed.sheets(name, LANGUAGES, cards=1, practice=practice)
    about = " ".join(pypdfium2.PdfDocument(pdf).get_metadata_dict().values())
    text = " ".join(printed.text(page) for page in printed.pages(pdf))
    assert len(text) > 500
    told = [hit for language in LANGUAGES for hit in found(language, "revealing", f"{text} {about}")]
    assert told == []


def test_a_file_says_of_itself_its_title_and_the_program_alone() -> None:
    about = pypdfium2.PdfDocument(printed.sheets("seat")).get_metadata_dict()
    assert about.pop("Title") == f"{CODE}-seat-01"
    assert about.pop("Creator").startswith("Typst ")
    assert set(about.values()) == {""}


def test_the_same_card_is_the_same_file() -> None:
    first = printed.sheets("seat", cards=5)
    printed.sheets.cache_clear()
    assert printed.sheets("seat", cards=5) == first


@pytest.mark.parametrize("name", FORMATS)
def test_samples_are_marked_on_both_sides_in_their_languages_and_real_cards_are_not(name: str) -> None:
    words = printed.source().words
    sample = [printed.text(page) for page in printed.pages(printed.sheets(name, LANGUAGES, cards=1, practice=True))]
    assert all("SAMPLE, not valid" in text or words("card.sample", "ht") in text for text in sample)
    real = " ".join(printed.text(page) for page in printed.pages(printed.sheets(name, LANGUAGES, cards=1)))
    assert not any(words("card.sample", language) in real for language in LANGUAGES)


def longer(card: Card, share: float) -> Card:
    """The same card with texts that are longer by so much."""
    panels = tuple(
        replace(panel, line2=panel.line2 + " lorem" * int(len(panel.line2) * share / 6)) for panel in card.panels
    )
    return replace(card, panels=panels)


def cells(name: str) -> list[Box]:
    """Where the cards of a sheet are cut, in points from the left and the bottom."""
    form = FORMATS[name]
    left = (form.paper_width - form.columns * form.width) / 2
    bottom = (form.paper_height - form.rows * form.height) / 2
    return [
        Box(
            left + x * form.width, bottom + y * form.height, left + (x + 1) * form.width, bottom + (y + 1) * form.height
        )
        for y in range(form.rows)
        for x in range(form.columns)
    ]


@pytest.mark.parametrize("practice", [False, True])
@pytest.mark.parametrize("languages", [("es",), ("fr", "ht"), ("es", "en", "pt"), LANGUAGES], ids=len)
@pytest.mark.parametrize("name", FORMATS)
def test_no_letter_comes_near_the_cut(name: str, languages: tuple[str, ...], practice: bool) -> None:
    form = FORMATS[name]
    inside = [
        Box(*(edge * MM for edge in (cell.left, cell.bottom, cell.right, cell.top))).grown(-SAFE * MM)
        for cell in cells(name)
    ]
    for page in printed.pages(printed.sheets(name, languages, form.on_a_sheet, practice)):
        letters = printed.characters(page)
        assert len(letters) > 100 * form.on_a_sheet
        assert [one for one in letters if not any(cell.holds(one) for cell in inside)] == []


@pytest.mark.parametrize("name", FORMATS)
def test_no_line_stands_on_another(name: str) -> None:
    """What is set too long would run into what stands below."""
    for page in printed.pages(printed.sheets(name, LANGUAGES, cards=1, practice=True)):
        letters = sorted(set(printed.characters(page)), key=lambda box: box.left)
        for at, one in enumerate(letters):
            near = takewhile(lambda other, one=one: other.left < one.right, letters[at + 1 :])
            assert not any(one.covers_half(other) for other in near)


def test_a_text_that_grows_gets_smaller_type_until_none_is_left() -> None:
    form, card = FORMATS["seat"], printed.card(("es", "en", "pt"))
    heights = []
    for share in (0, 0.3):
        side = pypdfium2.PdfDocument(typeset.sides(longer(card, share), form)[0])[0]
        low = min(box.bottom for box in printed.characters(side))
        assert low > (BLEED + SAFE) * MM
        heights.append(low)
    with pytest.raises(typeset.NoRoom) as raised:
        typeset.sides(longer(card, 6), form)
    assert raised.value.detail == "seat"


@pytest.mark.parametrize("name", FORMATS)
def test_marks_stand_at_every_cut_and_keep_off_what_bleeds(name: str) -> None:
    form = FORMATS[name]
    page = printed.pages(printed.sheets(name, cards=form.on_a_sheet))[0]
    marks = printed.lines(page)
    assert len(marks) == 2 * (form.columns + 1) + 2 * (form.rows + 1)
    grid = cells(name)
    upright = sorted({round((one.left + one.right) / 2 / MM, 1) for one in marks if one.top - one.bottom > 2})
    lying = sorted({round((one.bottom + one.top) / 2 / MM, 1) for one in marks if one.right - one.left > 2})
    assert upright == pytest.approx(sorted({round(edge, 1) for cell in grid for edge in (cell.left, cell.right)}))
    assert lying == pytest.approx(sorted({round(edge, 1) for cell in grid for edge in (cell.bottom, cell.top)}))
    bleed = Box(*page.get_bleedbox())
    for one in marks:
        assert (
            one.right <= bleed.left + 0.3
            or one.left >= bleed.right - 0.3
            or one.top <= bleed.bottom + 0.3
            or (one.bottom >= bleed.top - 0.3)
        )


@pytest.mark.parametrize("name", FORMATS)
def test_colour_reaches_three_millimetres_beyond_the_cut(name: str) -> None:
    page = printed.pages(printed.sheets(name, cards=FORMATS[name].on_a_sheet))[0]
    image = printed.picture(page, 100)
    scale = 100 / 72
    box = Box(*page.get_trimbox())
    reach = 2.7 * MM
    middle = (box.left + box.right) / 2, page.get_height() / 2
    for x, y in (
        (box.left - reach, middle[1]),
        (box.right + reach, middle[1]),
        (middle[0] + 20, box.bottom - reach),
        (middle[0] + 20, box.top + reach),
    ):
        assert image.getpixel((int(x * scale), int((page.get_height() - y) * scale))) != (255, 255, 255)
    assert image.getpixel((2, 2)) == (255, 255, 255)

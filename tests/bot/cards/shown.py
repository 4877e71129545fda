"""What the documents show of cards: `python -m tests.bot.cards.shown` writes the pictures, one placement's PDF and the
table of what is read of worn cards."""

from __future__ import annotations

from pathlib import Path

from bot.cards.formats import FORMATS
from tests.bot.cards import decode, printed

DOCS = Path(__file__).parents[3] / "docs"
PICTURES = {  # name of the picture -> size, languages, dots an inch
    "card": ("seat", ("es", "en", "pt"), 110),
    "card-small": ("business", ("es", "en"), 110),
    "card-poster": ("poster-a4", printed.LANGUAGES, 80),
}
TABLE_HEAD = """# What is read of a worn card

Cards as they come from the press, rendered, damaged, and read by zxing-cpp, which has nothing to do with what drew the
codes; `python -m tests.bot.cards.shown` writes this anew. A strength without brackets was read; in brackets
stands on how many cards that chance damaged it was. Where a deep scratch crosses one of the three squares by which a
code is found, no correction helps: then address, word and number stand beside it in letters.

"""
SIZES_HEAD = """
One square of the code (level {level}), in millimetres:

"""


def main() -> None:
    for name, (form, languages, dpi) in PICTURES.items():
        page = printed.pages(printed.sheets(form, languages, FORMATS[form].on_a_sheet, practice=True))[0]
        image = printed.picture(page, dpi)
        image.quantize(64).save(DOCS / "pictures" / f"{name}.png", optimize=True)
    folder = DOCS / "cards"
    folder.mkdir(exist_ok=True)
    (folder / "placement.pdf").write_bytes(printed.sheets("seat", ("es", "en", "pt"), 4, practice=True))
    code = printed.card().qr
    sizes = "\n".join(f"- {form.name}: {code.square(form.side):.2f}" for form in FORMATS.values())
    table = "\n".join(decode.table())
    (folder / "worn.md").write_text(
        f"{TABLE_HEAD}{table}\n{SIZES_HEAD.format(level=code.level)}{sizes}\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()

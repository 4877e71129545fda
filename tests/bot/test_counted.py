"""Numbers with their nouns, and no text of the command line that has only one form."""

from __future__ import annotations

import re
from pathlib import Path

from bot.counted import counted

BOT = Path(__file__).parents[2] / "bot"


def test_one_is_told_otherwise_than_none_or_many() -> None:
    assert [counted(number, "report") for number in (0, 1, 2, 1200)] == [
        "0 reports", "1 report", "2 reports", "1200 reports",
    ]  # fmt: skip
    assert [counted(number, "copy", "copies") for number in (1, 2)] == ["1 copy", "2 copies"]


def test_no_text_of_ours_leaves_the_form_open() -> None:
    files = sorted(BOT.rglob("*.py"))
    assert len(files) > 80
    assert [str(file) for file in files if re.search(r'"[^"\n]*[a-z]\((s|es|ies)\)[^"\n]*"', file.read_text())] == []

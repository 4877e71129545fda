"""Files of pages: named by what is in them, and nothing in them leads to others."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from bot.pages import assets
from bot.pages.assets import Assets, Packed


def test_what_is_packed_can_be_unpacked() -> None:
    packed = Packed.of(b"a" * 1000)
    assert gzip.decompress(packed.gzipped) == packed.plain
    assert len(packed.gzipped) < 100
    assert packed == Packed.of(b"a" * 1000)  # no time is in it


def test_another_content_has_another_address(tmp_path: Path) -> None:
    addresses = set()
    for body in ("a", "b"):
        (tmp_path / "page.css").write_text(body)
        (tmp_path / "notes.txt").write_text("not for browsers")
        loaded = Assets.load(tmp_path)
        assert list(loaded.by_name) == ["page.css"]
        file = loaded.by_name["page.css"]
        assert re.fullmatch(r"/static/page\.[0-9a-f]{10}\.css", file.address)
        assert loaded.at(file.address) == file
        addresses.add(file.address)
    assert len(addresses) == 2
    assert loaded.at("/static/page.css") is None


def test_no_file_names_an_address_of_somebody_else() -> None:
    files = assets.shipped().by_name
    assert {"page.css", "exit.js", "landing.js", "sw.js", "icon.svg"} <= set(files)
    named = {name: re.findall(rb"https?://[^\"'\s)]+", file.packed.plain) for name, file in files.items()}
    assert {name: found for name, found in named.items() if found} == {"icon.svg": [b"http://www.w3.org/2000/svg"]}

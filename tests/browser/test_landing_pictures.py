"""The landing page as it looks; `FARO_UPDATE_PICTURES=1` keeps the pictures in docs/, which the README shows."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.conftest import Visit
from tests.browser.landing import open_all, readable_offline
from tests.browser.site import Site

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
UPDATE = bool(os.environ.get("FARO_UPDATE_PICTURES"))
COLOURS = 64
LIMIT = 120_000  # bytes: a picture that everybody who clones this gets


def small(png: bytes) -> bytes:
    """With few colours; text stays sharp."""
    kept = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS).save(kept, "PNG", optimize=True)
    return kept.getvalue()


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("width", [390, 1280])
async def test_the_page_as_it_first_looks(site: Site, visit: Visit, language: str, width: int) -> None:
    visitor = await visit(f"/c/{site.code}", language=language, width=width)
    await readable_offline(visitor.page)
    keep(f"landing-{language}-{width}", small(await visitor.page.screenshot(full_page=True)), width)


async def test_the_page_as_it_looks_on_a_small_telephone_with_answers_open(site: Site, visit: Visit) -> None:
    """The part of it from the questions on: in all it is as long as a book."""
    visitor = await visit(f"/c/{site.code}", language="ht", width=320)
    await readable_offline(visitor.page)
    assert await open_all(visitor.page) > 10
    await visitor.page.locator("#information").evaluate("(part) => part.scrollIntoView()")
    await visitor.page.set_viewport_size({"width": 320, "height": 1200})
    keep("landing-ht-320", small(await visitor.page.screenshot()), 320)


def keep(name: str, picture: bytes, width: int) -> None:
    assert 5_000 < len(picture) < LIMIT
    assert Image.open(io.BytesIO(picture)).width == width
    if UPDATE:
        (PICTURES / f"{name}.png").write_bytes(picture)

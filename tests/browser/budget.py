"""`python -m tests.browser.budget`: what each page weighs and when something can be read, here and on a slow line."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser

from bot.pages import words
from storage.database import migrate
from storage.embedded import start_embedded
from tests.browser.chromium import browsing
from tests.browser.line import line_to
from tests.browser.site import Site, opened
from tests.browser.throttle import FAST, SLOW, Figures, measure

# The limit for all of it. The whole of it needs 1.0 s of a 2G line, beside what the line needs to answer.
WEIGHT = 30_000  # bytes

# 0.8 s until the page answers, once more for the style that it needs before it shows anything, and at most a second for
# 30 kB: 2.6 s. What is over is for a slow telephone; a page that waited for one answer more would not hold it.
FIRST_PAINT = 3_200  # milliseconds on the 2G line

HEAD = ("page", "language", "requests", "bytes", "first paint ms", "2G first paint ms", "2G loaded ms")


async def both(browser: Browser, home: str, path: str, language: str) -> tuple[Figures, Figures]:
    """On the loopback and on the slow line."""
    fast = await measure(browser, home, path, profile=FAST, language=language)
    return fast, await measure(browser, home, path, profile=SLOW, language=language)


async def rows(browser: Browser, site: Site) -> list[tuple[str, ...]]:
    pages = [("/", language) for language in words.shipped().tables] + [(f"/c/{site.code}", "es"), ("/chat", "es")]
    measured = [await both(browser, site.url, path, language) for path, language in pages]
    return [
        (path, language, str(fast.requests), str(fast.weight), *(f"{time:.0f}" for time in (
            fast.first_paint, slow.first_paint, slow.loaded)))
        for (path, language), (fast, slow) in zip(pages, measured, strict=True)
    ]  # fmt: skip


async def carried(browser: Browser, site: Site) -> int:
    """Bytes of a first visit with everything that the service worker fetches to keep the page, counted on the line."""
    async with line_to(site.url) as line:
        page = await browser.new_page(base_url=line.url)
        await page.goto("/")
        await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        await page.context.close()
        return line.carried


async def leaving(browser: Browser, site: Site) -> float:
    """Milliseconds from the tap on the exit until the other page is there, without the way to that page."""
    page = await browser.new_page(base_url=site.url)
    await page.goto("/")
    started = time.perf_counter()
    await page.evaluate("document.getElementById('exit').click()")
    await page.wait_for_url(site.bland.url, wait_until="commit")
    spent = 1000 * (time.perf_counter() - started)
    await page.context.close()
    return spent


def table(rows: Iterable[tuple[str, ...]]) -> str:
    """Markdown."""
    lines = [HEAD, ("---",) * len(HEAD), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


@asynccontextmanager
async def served() -> AsyncIterator[Site]:
    """The site with a database of its own, outside of any test."""
    with tempfile.TemporaryDirectory(prefix="faro-") as folder:
        server = start_embedded(Path(folder) / "database")
        try:
            await asyncio.to_thread(migrate, server.url)
            async with opened(Path(folder) / "data", server.url) as site:
                yield site
        finally:
            server.stop()


async def main() -> None:
    async with browsing() as browser, served() as site:
        print(table(await rows(browser, site)))
        print(f"\nA first visit with what is kept for reading offline: {await carried(browser, site)} bytes.")
        print(f"From the exit to the other page: {await leaving(browser, site):.0f} ms.")
        print(f"2G: {SLOW.down:.0f} bit/s down, {SLOW.up:.0f} up, {SLOW.answer:.0f} ms to answer.")


if __name__ == "__main__":
    asyncio.run(main())

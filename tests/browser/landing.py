"""The landing page as a person finds their way on it: by names, in their language."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from playwright.async_api import Locator, Page

from bot.pages.words import shipped

WORDS = shipped()
LANGUAGES = tuple(sorted(WORDS.tables))
PATIENCE = 5.0  # seconds

KEPT = """async () => ({
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    caches: (await caches.keys()).length,
    databases: (await indexedDB.databases()).length,
    stored: localStorage.length + sessionStorage.length,
})"""
_OPEN = """() => [...document.querySelectorAll("details")].map((one) => {
    one.removeAttribute("name");
    one.open = true;
}).length"""
NOTHING = {"workers": 0, "caches": 0, "databases": 0, "stored": 0}


def exit_link(page: Page, language: str = "es") -> Locator:
    return page.get_by_role("link", name=WORDS("page.exit", language))


async def open_all(page: Page) -> int:
    """Opens everything that can be opened, also what closes when its neighbour opens. Returns how much that was."""
    return int(await page.evaluate(_OPEN))


async def choose_country(page: Page, name: str) -> None:
    """By tapping, as a person does."""
    await page.locator("details.more > summary").click()
    await page.locator("summary").get_by_text(name, exact=True).click()


async def kept(page: Page) -> dict[str, int]:
    """What lies in the browser of the site whose page this is."""
    return dict(await page.evaluate(KEPT))


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Asks again and again. Raises `TimeoutError`."""
    async with asyncio.timeout(PATIENCE):
        while not await holds():
            await asyncio.sleep(0.02)


async def readable_offline(page: Page) -> None:
    """Until the page says that it can be read without network."""
    await page.locator("#kept").wait_for()

"""An officer at the page of the console, as they use it: in words of their language."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from bot.console.page.site import shipped
from tests.browser.officers import PASSPHRASE, Office
from tests.browser.visitor import Visitor
from tests.house import UNITS

PATIENCE = 10_000  # milliseconds, on a machine that does other work too


@dataclass
class Desk:
    """`language`: of the page."""

    visitor: Visitor
    office: Office
    language: str = "es"

    @property
    def page(self) -> Page:
        return self.visitor.page

    def say(self, key: str) -> str:
        """Of what the page is made with."""
        return shipped().words(f"page.{key}", self.language)

    def word(self, key: str, **values: str | int) -> str:
        """Of what its script says."""
        return shipped().words.titles("script", self.language)[key].format(**values)

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    @property
    def alert(self) -> Locator:
        return self.page.get_by_role("alert").filter(visible=True)

    def button(self, text: str) -> Locator:
        return self.page.get_by_role("button", name=text, exact=True)

    async def arrive(self) -> None:
        """Until the page asks for a key; the directors are confirmed where it asks for that."""
        await self.page.goto(self.office.url)
        await expect(self.page.locator("#trust-title, #signin-title").filter(visible=True)).to_be_visible()
        if await self.page.locator("#trust").is_visible():
            await self.page.locator("#compared").check()
            await self.button(self.say("accept")).click()
        await expect(self.heading).to_have_text(self.say("signin_title"))

    async def give(self, file: Path, passphrase: str = PASSPHRASE) -> None:
        await self.page.get_by_label(self.say("file")).set_input_files(file)
        await self.page.get_by_label(self.say("passphrase"), exact=True).fill(passphrase)
        await self.button(self.say("go")).click()

    async def sign_in(self, unit: str = "coat", **key: int) -> None:
        """Until the list stands."""
        await self.arrive()
        await self.give(self.office.key_file(self.office.officers.keys[unit], **key))
        await expect(self.heading).to_have_text(self.word("list.title", unit=UNITS[unit].name), timeout=PATIENCE)

    async def open(self, report_id: bytes) -> None:
        """Until it is opened, or refused."""
        await self.page.locator(f"#open-{report_id.hex()}").click()
        await expect(self.page.locator("#text, #report-body [role=alert]").first).to_be_visible(timeout=PATIENCE)

    async def lines(self) -> list[str]:
        """The text of the report, line by line, as somebody copies it; a rule is as it stands in the file."""
        found: list[str] = await self.page.locator("#text .line").evaluate_all(
            "(lines) => lines.map((one) => one.tagName === 'HR' ? '-'.repeat(72) : one.textContent)"
        )
        return found

    async def save(self, button: Locator) -> tuple[str, bytes]:
        """Name and bytes of the file that the browser puts aside."""
        async with self.page.expect_download() as download:
            await button.click()
        file = await download.value
        return file.suggested_filename, await asyncio.to_thread(Path(await file.path()).read_bytes)

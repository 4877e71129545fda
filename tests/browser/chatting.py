"""Somebody who writes on the page: what they see of the talk and do to it, in their language."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

from bot.pages.words import shipped
from bot.texts import shipped as texts
from tests.browser.visitor import Visitor

WORDS = shipped()
PATIENCE = 10_000  # milliseconds, on a machine that does other work too


@dataclass
class Chatter:
    """`language`: of the page."""

    visitor: Visitor
    language: str = "es"

    @property
    def page(self) -> Page:
        return self.visitor.page

    def word(self, key: str) -> str:
        return WORDS(f"chat.{key}", self.language)

    def says(self, key: str) -> str:
        """What the service says on this channel."""
        return texts()(key, self.language, "web")

    @property
    def standing(self) -> Locator:
        """The choices that can be tapped."""
        return self.page.locator(".choice:not([aria-disabled])")

    @property
    def questions(self) -> Locator:
        """Messages with choices, whether they stand or not."""
        return self.page.locator(".choices")

    @property
    def mine(self) -> Locator:
        return self.page.locator(".mine")

    @property
    def theirs(self) -> Locator:
        return self.page.locator(".theirs")

    @property
    def field(self) -> Locator:
        return self.page.get_by_role("textbox", name=self.word("write_here"))

    async def open(self, path: str = "/chat") -> None:
        await self.page.goto(path)
        await expect(self.page.get_by_role("button", name=self.word("begin"))).to_be_visible()

    async def begin(self, path: str = "/chat") -> None:
        """Until the first question stands."""
        await self.open(path)
        await self.page.get_by_role("button", name=self.word("begin")).click()
        await self.asked()

    async def choose_file(self, name: str, media_type: str, data: bytes) -> None:
        await self.page.locator("#pick").set_input_files({"name": name, "mimeType": media_type, "buffer": data})

    async def give_code(self, code: str) -> None:
        field = self.page.get_by_role("textbox", name=self.word("code"))
        if not await field.is_visible():
            await self.page.get_by_text(self.word("code_title")).click()
        await field.fill(code)
        await field.press("Enter")

    async def asked(self) -> None:
        await expect(self.standing.first).to_be_visible(timeout=PATIENCE)

    async def tap(self, title: str) -> None:
        """The standing choice of this title, as soon as it stands."""
        await self.standing.get_by_text(title, exact=True).click(timeout=PATIENCE)

    async def tap_first(self) -> None:
        """Until the next question stands."""
        questions = await self.questions.count()
        await self.standing.first.click(timeout=PATIENCE)
        await expect(self.questions).to_have_count(questions + 1, timeout=PATIENCE)

    async def say(self, text: str) -> None:
        await self.field.fill(text)
        await self.field.press("Enter")

    async def hear(self, text: str) -> None:
        """Until this is among what the service said."""
        await expect(self.theirs.filter(has_text=text).last).to_be_visible(timeout=PATIENCE)

    async def walk(self, steps: list[str]) -> None:
        """Taps the choice of each title in its turn, or writes what begins with `> `; each time until the next question
        stands: an answer given sooner would meet the question before."""
        for step in steps:
            questions = await self.questions.count()
            await (self.say(step.removeprefix("> ")) if step.startswith("> ") else self.tap(step))
            await expect(self.questions).to_have_count(questions + 1, timeout=PATIENCE)

    async def shown(self) -> str:
        """All text that the document holds, seen or not."""
        return str(await self.page.evaluate("document.documentElement.textContent"))

"""The same question on every channel, drawn by a real browser; `FARO_UPDATE_PICTURES=1` keeps the pictures in docs/."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.screens import page
from tests.channels.platforms.phone import Seen
from tests.house import House

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
UPDATE = bool(os.environ.get("FARO_UPDATE_PICTURES"))
TAPS = 2  # of the first button: it is safe, and 18 or older
QUESTION = "Sobre el viaje"


async def drawn(channel: str, house: House, browser: Browser) -> list[Seen]:
    """Draws what stands on the telephone once the question is asked where the person is; returns what came last."""
    phone = await house.phone(channel)
    await phone.say("hola")
    await house.quiet()
    talk: list[str | Seen] = ["hola", *await phone.expect(len(phone.unread))]
    for _ in range(TAPS):
        titles = phone.seen[-1].buttons or ("1",)
        await phone.tap(1)
        await house.quiet()
        talk += [titles[0], *await phone.expect(len(phone.unread))]
    newest = [one for one in talk[-4:] if isinstance(one, Seen)]
    screen = await browser.new_page(viewport={"width": 380, "height": 100}, device_scale_factor=2)
    await screen.set_content(page(channel, talk[-5:]))
    await expect(screen.locator("p.faro").last).to_contain_text(QUESTION)
    assert await screen.evaluate("document.documentElement.scrollWidth <= 380")
    if UPDATE:
        PICTURES.mkdir(parents=True, exist_ok=True)
        await screen.locator("main").screenshot(path=PICTURES / f"{channel}.png")
    await screen.close()
    return newest


@pytest.mark.parametrize("channel", ["telegram", "whatsapp"])
async def test_a_question_comes_with_its_buttons(channel: str, house: House, browser: Browser) -> None:
    assert len((await drawn(channel, house, browser))[-1].buttons) == 5


async def test_on_sms_a_question_comes_with_numbers(house: House, browser: Browser) -> None:
    asked = (await drawn("sms", house, browser))[-1]
    assert asked.buttons == ()
    assert "\n5 " in asked.text


async def test_in_the_terminal_a_question_comes_with_numbered_choices(practice_house: House, browser: Browser) -> None:
    assert len((await drawn("terminal", practice_house, browser))[-1].buttons) == 5

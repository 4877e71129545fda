"""From the page of a card to the report: whichever way somebody takes, the card's place and route come along."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp

from tests.bot.pages.made import links, section
from tests.browser.site import BOT, hang
from tests.channels.platforms.web import WebPhone
from tests.engine import Engine
from tests.house import House, furnished

DANGER = "me van a matar"


async def by_text(house: House, channel: str, text: str) -> None:
    """As the link has written it, and only the sending is the person's."""
    phone = await house.phone(channel)
    for line in (text, DANGER):
        await phone.say(line)


async def by_telegram(house: House, code: str) -> None:
    await by_text(house, "telegram", f"/start {code}")


async def by_page(house: House, code: str) -> None:
    page = await house.page()
    assert isinstance(page, WebPhone)
    await page.start(code)
    await page.say(DANGER)


WAYS: dict[str, Callable[[House, dict[str, str]], Awaitable[None]]] = {
    "wa.me": lambda house, given: by_text(house, "whatsapp", given["text"]),
    "t.me": lambda house, given: by_telegram(house, given["start"]),
    "sms": lambda house, given: by_text(house, "sms", given["body"]),
    "chat": lambda house, given: by_page(house, given["c"]),
}


def way(link: str) -> str:
    parts = urlsplit(link)
    return parts.netloc or (parts.scheme if parts.scheme == "sms" else parts.path.strip("/"))


async def test_a_card_s_code_reaches_the_report_by_every_way(tmp_path: Path, database_url: str, engine: Engine) -> None:
    code = hang(tmp_path)
    async with furnished(tmp_path, database_url, engine, telegram_name=BOT) as house:
        async with aiohttp.ClientSession(house.url) as web, web.get(f"/c/{code}?l=es") as answer:
            offered = {way(link): link for link in links(section(await answer.text(), "write"))}
        assert list(offered) == list(WAYS)
        for name, link in offered.items():
            await WAYS[name](house, {key: value for key, (value,) in parse_qs(urlsplit(link).query).items()})
            await house.quiet(30)
        sources = [body["source"] for body in await house.bodies("coat")]
    assert [source["channel"] for source in sources] == ["whatsapp", "telegram", "sms", "web"]
    told = {(source["placement"], source["place"], source["route"], source["destination"]) for source in sources}
    assert told == {(code, "on board", "BOG-MAD", "ES")}

"""The page of the talk as it comes, before any script."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import aiohttp
import orjson
import pytest

from bot.channels import MEDIA_LIMIT
from bot.pages import assets, words
from bot.pages.chat import PARTS, SCRIPTED
from bot.pages.headers import ALWAYS
from tests.browser.site import Site
from tests.nlu.wording import LANGUAGES, found

LIMIT = 25_000  # bytes, compressed: the page with all its files


class Elements(HTMLParser):
    """Attributes of each element by its id, and the addresses of the files that the page names."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.by_id: dict[str, dict[str, str | None]] = {}
        self.files: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if id := given.get("id"):
            self.by_id[id] = given | {"tag": tag}
        if tag in {"link", "script"}:
            self.files.append(given.get("href") or given.get("src") or "")


async def page(web: aiohttp.ClientSession, query: str = "?l=es") -> str:
    async with web.get(f"/chat{query}") as answer:
        assert answer.status == 200
        return await answer.text()


async def test_it_carries_every_header_and_no_cookie(web: aiohttp.ClientSession) -> None:
    async with web.get("/chat?l=fr") as answer:
        assert {name: answer.headers.get(name) for name in ALWAYS} == dict(ALWAYS)
        assert answer.headers["Content-Language"] == "fr"
        assert "Set-Cookie" not in answer.headers


async def test_the_code_of_a_card_goes_along_and_gives_the_language(site: Site, web: aiohttp.ClientSession) -> None:
    with_code = Elements(await page(web, f"?c={site.code.lower()}")).by_id["talk"]
    assert (with_code["data-placement"], with_code["data-language"]) == (site.code, "es")
    without = Elements(await page(web, "?c=<script>&l=ht")).by_id["talk"]
    assert (without["data-placement"], without["data-language"]) == ("", "ht")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_nothing_of_it_tells_what_it_is_about(web: aiohttp.ClientSession, language: str) -> None:
    text = await page(web, f"?l={language}")
    assert len(text) > 4_000
    assert {other: hit for other in LANGUAGES if (hit := found(other, "revealing", text))} == {}


async def test_the_script_finds_every_element_and_text_that_it_asks_for(web: aiohttp.ClientSession) -> None:
    script = (assets.STATIC / "chat.js").read_text(encoding="utf-8")
    elements = Elements(await page(web)).by_id
    asked = set(re.findall(r'part\("(\w+)"', script))
    assert len(asked) > 15
    assert asked - set(elements) == set()
    told = orjson.loads(elements["talk"]["data-words"] or "")
    transcript = (assets.STATIC / "chat-transcript.js").read_text(encoding="utf-8")
    used = {*re.findall(r"(?<![.#])\bwords\.(\w+)", script), *re.findall(r"#words\.(\w+)", transcript)}
    used |= {"sending", "sent", "failed", "photo", "voice", "document"}  # by the name of a state or a kind
    assert used == {*SCRIPTED, "cover_lines"} == set(told)
    assert all(told.values())


async def test_what_needs_a_script_is_hidden_until_it_is_there(web: aiohttp.ClientSession) -> None:
    elements = Elements(await page(web)).by_id
    for id in ("begin", "watched", "log", "write", "cover", "more", "file"):
        assert "hidden" in elements[id], id


async def test_fields_are_for_telephones_and_keep_nothing(web: aiohttp.ClientSession) -> None:
    elements = Elements(await page(web)).by_id
    for id in ("words", "aside-line", "reference"):
        assert (elements[id]["autocomplete"], elements[id]["spellcheck"]) == ("off", "false")
    assert elements["words"]["enterkeyhint"] == "send"
    assert elements["reference"]["inputmode"] == "numeric"
    assert "image/heic" not in (elements["pick"]["accept"] or "")  # could not be cleaned


async def test_every_module_is_named_by_the_page_and_served(web: aiohttp.ClientSession) -> None:
    """A module that only another one names would be asked for a whole answer later."""
    shipped = assets.shipped()
    named = Elements(await page(web)).files
    modules = {"chat.js", *(f"chat-{part}.js" for part in PARTS)}
    assert {path.name for path in assets.STATIC.glob("chat*.js")} == modules
    for module in sorted(modules):
        assert shipped.address(module) in named
        imported = re.findall(r' from "(.+?)";', shipped.by_name[module].packed.plain.decode())
        assert set(imported) <= set(named)
        assert len(imported) == len(re.findall(r"^import ", (assets.STATIC / module).read_text("utf-8"), re.MULTILINE))


async def test_all_of_it_is_light_in_every_language(web: aiohttp.ClientSession) -> None:
    for language in words.shipped().tables:
        text = await page(web, f"?l={language}")
        files = [assets.shipped().at(address) for address in Elements(text).files]
        weight = len(assets.Packed.of(text.encode()).gzipped) + sum(len(file.packed.gzipped) for file in files if file)
        assert len(files) > 10
        assert 10_000 < weight < LIMIT, (language, weight)


def test_scripts_write_no_html_no_log_and_no_address() -> None:
    scripts = sorted(assets.STATIC.glob("chat*.js"))
    assert len(scripts) > 8
    banned = re.compile(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|console\.|eval\(|localStorage|pushState|cookie"
    )
    assert [
        path.name for path in scripts if banned.search(path.read_text(encoding="utf-8").replace("no cookie", ""))
    ] == []


def test_the_page_and_the_server_know_one_limit_of_a_file() -> None:
    [limit] = re.findall(r"LIMIT = ([\d* ]+);", (assets.STATIC / "chat-file.js").read_text(encoding="utf-8"))
    product = 1
    for factor in limit.split("*"):
        product *= int(factor)
    assert product == MEDIA_LIMIT

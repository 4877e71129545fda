"""Everything of ours that a browser can come to: all pages that the landing page leads to, by every link in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from aiohttp import ClientSession, CookieJar

LINKS = ("href", "src", "action", "data-to", "poster", "srcset")


class Tags(HTMLParser):
    """`tags`: name and attributes of each, in order; `title`: what a tab of the browser shows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.title = ""
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        self.title += data if self._inside == "title" else ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def named(self, name: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.tags if tag == name]


@dataclass(frozen=True)
class Answer:
    """One address of ours and what came from it. `page`: only of HTML."""

    url: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    cookies: int
    text: str = field(repr=False)
    page: Tags | None = field(repr=False)

    @property
    def language(self) -> str:
        return self.page.named("html")[0]["lang"] if self.page else ""

    @property
    def links(self) -> Iterator[tuple[str, str]]:
        """(tag, whole address) of everything that the page leads to or loads; also of where it was sent on to."""
        for tag, attributes in self.page.tags if self.page else ():
            yield from ((tag, urljoin(self.url, attributes[name])) for name in LINKS if name in attributes)

    @property
    def preview(self) -> str:
        """What a history, a tab, a bookmark or a link in somebody's chat would show."""
        assert self.page
        metas = [one.get("content", "") for one in self.page.named("meta")]
        return "\n".join([self.page.title, self.url.partition("://")[2].partition("/")[2], *metas])


async def crawl(home: str, paths: tuple[str, ...], language: str) -> list[Answer]:
    """From these paths on, as a browser of this language. Each address once; other sites are not asked."""
    waiting, found = [urljoin(home, path) for path in paths], dict[str, Answer]()
    async with ClientSession(headers={"Accept-Language": language}, cookie_jar=CookieJar(unsafe=True)) as session:
        while waiting:
            url = waiting.pop().split("#")[0]
            if url not in found and urlsplit(url).netloc == urlsplit(home).netloc:
                found[url] = await _ask(session, url)
                waiting += [link for _, link in found[url].links]
    return list(found.values())


async def _ask(session: ClientSession, url: str) -> Answer:
    async with session.get(url, allow_redirects=False) as answer:
        text = await answer.text()
        page = Tags(text) if answer.content_type == "text/html" else None
        return Answer(url, answer.status, answer.headers.copy(), len(answer.cookies), text, page)

"""What every page has around its content: the exit first, a neutral head, the languages, a voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.pages.assets import Assets
from bot.pages.html import Content, Html, tag
from bot.pages.words import PageWords
from bot.settings import Settings
from bot.texts import Texts


@dataclass(frozen=True, slots=True)
class Frame:
    """Around the pages in one language."""

    settings: Settings
    words: PageWords
    texts: Texts
    assets: Assets
    language: str

    def page(self, section: str, content: Content, *, styles: Sequence[str] = (), scripts: Sequence[str] = ()) -> Html:
        """A whole document. `section` of page.yml gives its title; files by their names in the folder of assets."""
        title = self.words(f"{section}.title", self.language)
        main = tag("main", tag("h1", title), content, id="main", tabindex="-1")
        body = tag("body", self._exit(), self._voice(), main)
        head = self._head(title, ("page.css", *styles), ("exit.js", *scripts))
        return Html("<!doctype html>\n" + tag("html", head, body, lang=self.language))

    def languages(self, path: str) -> Html:
        """The switch: plain links to the same page; `path` without a query."""
        links = (tag("a", name, href=f"{path}?l={code}", hreflang=code, lang=code,
                     aria_current="true" if code == self.language else None)
                 for code, name in self.texts.names.items() if code in self.words.tables)  # fmt: skip
        label = self.words("page.language", self.language)
        return tag("nav", tag("ul", (tag("li", link) for link in links)), class_="languages", aria_label=label)

    def _head(self, title: str, styles: Sequence[str], scripts: Sequence[str]) -> Html:
        named = {"viewport": "width=device-width, initial-scale=1", "referrer": "no-referrer",
                 "robots": "noindex, nofollow", "format-detection": "telephone=no", "color-scheme": "light dark",
                 "description": self.words("page.description", self.language)}  # fmt: skip
        address = self.assets.address
        return tag(
            "head", tag("meta", charset="utf-8"), tag("title", title),
            (tag("meta", name=name, content=content) for name, content in named.items()),
            tag("link", rel="icon", type="image/svg+xml", href=address("icon.svg")),
            (tag("link", rel="stylesheet", href=address(name)) for name in styles),
            (tag("script", type="module", src=address(name)) for name in scripts),
        )  # fmt: skip

    def _exit(self) -> Html:
        """A plain link, which the script makes quicker; nothing comes before it, not even the way past it."""
        hint = tag("small", self.words("page.exit_esc", self.language), id="exit-hint")
        link = tag("a", self.words("page.exit", self.language), href="/exit", id="exit", rel="noreferrer",
                   aria_describedby="exit-hint", data_to=self.settings.exit_url)  # fmt: skip
        skip = tag("a", self.words("page.skip", self.language), href="#main", class_="skip")
        return tag("header", link, " ", hint, skip, class_="exit")

    def _voice(self) -> Html:
        """`said`: for screen readers; `offline`: for everybody."""
        offline = tag("p", self.words("page.offline", self.language), id="offline", role="status", hidden=True)
        return tag("div", tag("p", id="said", role="status", class_="unseen"), offline)

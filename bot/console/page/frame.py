"""The HTML of the officers' page: every screen, hidden until its script shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.pages.html import Content, Html, tag
from bot.pages.words import PageWords

SCRIPT, STYLE, ICON = "/static/console.js", "/static/console.css", "/static/icon.svg"
# All that the first screen needs is named, so that no script waits until another one that imports it is there.
EARLY = ("bytes", "canonical", "directors", "dom", "idle", "keeper", "line", "list", "login", "paper", "plain",
         "refused", "report", "roster", "save", "signed", "tag", "trust")  # fmt: skip


def document(words: PageWords, language: str, languages: Iterable[str], scripted: str) -> Html:
    """`scripted`: what the script says, as a JSON object."""
    page = Screens(words, language)
    head = tag(
        "head", tag("meta", charset="utf-8"), tag("title", page.say("title")),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"), tag("meta", name="color-scheme", content="light dark"),
        tag("link", rel="icon", type="image/svg+xml", href=ICON), tag("link", rel="stylesheet", href=STYLE),
        (tag("link", rel="modulepreload", href=f"/static/{name}.js") for name in EARLY),
        tag("script", type="module", src=SCRIPT),
    )  # fmt: skip
    body = tag("body", page.bar(languages), tag("main", page.screens()), data_words=scripted)
    return Html("<!doctype html>\n" + tag("html", head, body, lang=language))


@dataclass(frozen=True, slots=True)
class Screens:
    """In one language."""

    words: PageWords
    language: str

    def say(self, key: str) -> str:
        return self.words(f"page.{key}", self.language)

    def bar(self, languages: Iterable[str]) -> list[Html]:
        """Who is here, the way out, and what is told while somebody works."""
        links = (tag("a", self.words("page.name", code), href=f"/?l={code}", hreflang=code, lang=code,
                     aria_current="true" if code == self.language else None) for code in languages)  # fmt: skip
        switch = tag("nav", links, id="languages", aria_label=self.say("language"))
        leave = tag("button", self.say("leave"), type="button", id="leave", hidden=True)
        bar = tag("header", tag("b", "Faro"), tag("span", id="who", hidden=True), switch, leave)
        practice = tag("p", self.say("practice"), id="practice", hidden=True)
        return [bar, practice, tag("p", id="news", role="status")]

    def screens(self) -> list[Html]:
        return [self.loading(), self.told("old"), self.unreachable(), self.no_roster(), self.trust(), self.signin(),
                self.listed(), self.report(), self.ended()]  # fmt: skip

    def screen(self, name: str, title: Content, *content: Content, shown: bool = False) -> Html:
        heading = tag("h1", title, tabindex="-1", id=f"{name}-title")
        return tag("section", heading, content, id=name, hidden=not shown)

    # --- before anybody is there ------------------------------------------------------------------------------------

    def loading(self) -> Html:
        moment = tag("p", self.say("loading"), class_="soft")
        script = tag("noscript", tag("p", self.say("no_script"), class_="care box"))
        return self.screen("loading", self.say("title"), moment, script, shown=True)

    def told(self, name: str) -> Html:
        return self.screen(name, self.say(f"{name}_title"), tag("p", self.say(name)))

    def unreachable(self) -> Html:
        again = tag("button", self.say("again"), type="button", class_="begin main")
        return self.screen("unreachable", self.say("unreachable_title"), tag("p", id="why-unreachable"), again)

    def no_roster(self) -> Html:
        told = tag("p", self.say("no_roster"))
        box = tag("div", tag("p", tag("strong", id="why-roster")), told, class_="alarm box", role="alert")
        return self.screen("no-roster", self.say("no_roster_title"), box)

    def trust(self) -> Html:
        box = tag("input", type="checkbox", id="compared", aria_describedby="trust-wrong")
        compared = tag("label", box, " ", tag("span", self.say("compared")), class_="tick")
        wrong = tag("p", id="trust-wrong", role="alert", class_="wrong")
        form = tag("form", compared, wrong, tag("button", self.say("accept"), class_="main"), id="trust-form")
        return self.screen("trust", "", tag("p", id="trust-text"), tag("ol", id="directors"),
                           tag("p", id="trust-threshold"), form)  # fmt: skip

    def signin(self) -> Html:
        file = tag("input", type="file", id="key-file", aria_describedby="file-hint signin-wrong")
        secret = tag("input", type="password", id="passphrase", autocomplete="off", spellcheck="false",
                     aria_describedby="signin-wrong")  # fmt: skip
        form = tag(
            "form", tag("label", self.say("file"), for_="key-file"), file,
            tag("small", self.say("file_hint"), id="file-hint"),
            tag("label", self.say("passphrase"), for_="passphrase"), secret,
            tag("p", id="signin-wrong", role="alert", class_="wrong"), tag("p", id="signin-progress", role="status"),
            tag("button", self.say("go"), class_="main"), id="key-form",
        )  # fmt: skip
        promise = tag("p", self.say("promise"), class_="soft")
        return self.screen("signin", self.say("signin_title"), tag("p", self.say("signin")), form, promise)

    # --- somebody is there ------------------------------------------------------------------------------------------

    def listed(self) -> Html:
        again = tag("button", self.say("look_again"), type="button", id="again")
        return self.screen("list", "", tag("p", tag("span", id="count"), " ", again, class_="acts"),
                           tag("ol", id="reports"))  # fmt: skip

    def report(self) -> Html:
        back = tag("button", self.say("back"), type="button", id="back")
        return self.screen("report", "", tag("p", back), tag("div", id="report-body"))

    def ended(self) -> Html:
        again = tag("button", self.say("begin"), type="button", class_="begin main")
        return self.screen("ended", self.say("ended_title"), tag("p", id="why-ended"), again)

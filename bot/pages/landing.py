"""The page that a card leads to: can you read in peace, how to write, whom to call, what to know, how to clear it away.

As it first shows it tells nobody what it is for: what does is behind a tap.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from bot.directory import Directory
from bot.pages import contact
from bot.pages.assets import Assets
from bot.pages.countries import Countries
from bot.pages.frame import Frame
from bot.pages.html import Content, Html, tag
from bot.pages.words import PageWords
from bot.placements import Placement
from bot.settings import Settings
from bot.texts import Texts

CHANNELS = ("whatsapp", "telegram", "sms")  # in the order that the page offers them


@dataclass(frozen=True, slots=True)
class Landing:
    """What every landing page of this service is made of. `on`: names of the channels that are on."""

    settings: Settings
    words: PageWords
    texts: Texts
    directory: Directory
    assets: Assets
    on: Collection[str]

    def page(self, language: str, placement: Placement | None = None) -> Html:
        """The whole document. `language`: one of `words.tables`."""
        return _Page(self, language, placement).document()


@dataclass(frozen=True, slots=True)
class _Page:
    service: Landing
    language: str
    placement: Placement | None

    def say(self, key: str, **values: str | int) -> str:
        return self.service.words(f"page.{key}", self.language, **values)

    @property
    def code(self) -> str:
        return self.placement.code if self.placement else ""

    @property
    def word(self) -> str:
        """What somebody sends who can't use a link."""
        return f"{self.service.words('card.word', self.language)} {self.code}".strip()

    def document(self) -> Html:
        service = self.service
        frame = Frame(service.settings, service.words, service.texts, service.assets, self.language)
        content = [self.safe(), self.write(), self.call(), self.information(), self.traces(), self.kept()]
        return frame.page(
            "page", [frame.languages(f"/c/{self.code}" if self.code else "/"), content], scripts=("landing.js",)
        )

    def section(self, id: str, title: str, *content: Content) -> Html:
        return tag("section", tag("h2", title, id=f"{id}-title"), content, id=id, aria_labelledby=f"{id}-title")

    def safe(self) -> Html:
        said = [tag("p", self.say("safe")), tag("p", self.say("safe_no"), class_="care")]
        return self.section("safe", self.say("safe_title"), said)

    # --- write --------------------------------------------------------------------------------------------------------

    def write(self) -> Html | None:
        """Nothing where every channel is off."""
        ways = [way for name in CHANNELS if (way := self.way(name))]
        none = None if ways else tag("p", self.say("none_on"))
        if "web" in self.service.on:
            here = "/chat?" + urlencode({"c": self.code, "l": self.language} if self.code else {"l": self.language})
            ways.append(tag("li", tag("a", self.say("here"), href=here, class_="way")))
        return self.section("write", self.say("write_title"), tag("p", self.say("write")), none,
                            tag("ul", ways, class_="ways")) if ways else None  # fmt: skip

    def way(self, name: str) -> Html | None:
        """One channel that is on: its link, and below it what to type on another telephone."""
        settings = self.service.settings
        if name not in self.service.on or (name == "telegram" and not settings.telegram_name):
            return None
        number = "+" + contact.digits(settings.whatsapp_sender if name == "whatsapp" else settings.sms_sender)
        typed = self.say("number_and_word", word=self.word, number=number)
        links = {
            "whatsapp": (contact.whatsapp(number, self.word), typed),
            "telegram": (contact.telegram(settings.telegram_name, self.code), f"@{settings.telegram_name}"),
            "sms": (contact.sms(number, self.word), typed),
        }
        link, below = links[name]
        return tag("li", tag("a", self.say(name), href=link, rel="noreferrer", class_="way"), tag("small", below))

    # --- call, know, clear away ---------------------------------------------------------------------------------------

    def call(self) -> Html:
        countries = Countries(self.service.words, self.service.directory, self.language)
        destination = self.placement.destination if self.placement else ""
        return self.section("call", self.say("call_title"), tag("p", self.say("call")),
                            tag("div", countries.listed(destination), class_="folds"))  # fmt: skip

    def information(self) -> Html:
        questions = self.service.words.titles("page.questions", self.language)
        return self.section("information", self.say("info_title"), tag("p", self.say("info")), self.folds(questions))

    def traces(self) -> Html:
        titles = self.service.words.titles("page.deletes", self.language)
        on = {"web", *self.service.on}
        mine = {key: title for key, title in titles.items() if key.removeprefix("delete_") in on}
        return self.section("traces", self.say("traces_title"), tag("p", self.say("traces")), self.folds(mine))

    def folds(self, titles: Mapping[str, str]) -> Html:
        """Messages of the dialogue, each closed under its title."""
        said = ((title, self.service.texts(key, self.language, "web")) for key, title in titles.items())
        return tag("div", (tag("details", tag("summary", title), tag("p", text)) for title, text in said),
                   class_="folds")  # fmt: skip

    def kept(self) -> list[Html]:
        """Shown by the script once it is so; and what stands in its place once it was declined."""
        decline = tag("button", self.say("keep_not"), type="button", id="keep-not")
        kept = tag("p", self.say("kept"), " ", decline, id="kept", hidden=True, data_not=self.say("kept_not"))
        return [kept, tag("p", id="kept-not", role="status", tabindex="-1")]

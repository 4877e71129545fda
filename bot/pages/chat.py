"""The page on which a person writes: what it can read is told first, then the talk, and beside it a bland page."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from bot.pages.frame import Frame
from bot.pages.html import Content, Html, tag

STYLES = ("chat.css",)
PARTS = ("cover", "events", "file", "keep", "line", "outbox", "pause", "transcript")
# All are named, so that none waits until another one that imports it is there.
SCRIPTS = ("chat.js", *(f"chat-{part}.js" for part in PARTS))
LONGEST = "12000"  # characters of one message: in bytes and JSON still below the limit of bot/chat_door.py
# What bot/channels/media.py keeps. Pictures by their names, so that a telephone hands over one that can be cleaned.
KEPT = "image/jpeg,image/png,image/webp,image/gif,audio/*,video/mp4,video/3gpp,application/pdf"
# Of chat in page.yml: what the script says.
SCRIPTED = (
    "sending", "sent", "failed", "retry", "too_big", "offline", "online", "code_wrong", "code_busy", "kept", "ended",
    "you", "they", "photo", "voice", "document", "photo_place", "other_place", "unreadable", "no_line",
)  # fmt: skip
ICONS = {
    "attach": "M8 12.5l6-6a3 3 0 0 1 4.2 4.2l-7.8 7.8a5 5 0 0 1-7-7L11 4",
    "send": "M4 20l17-8L4 4v6l9 2-9 2z",
    "unpick": "M6 6l12 12M18 6L6 18",
}


@dataclass(frozen=True, slots=True)
class Chat:
    """`code`: of a placement, or empty."""

    frame: Frame
    code: str = ""

    def document(self) -> Html:
        watched = self.scripted("button", self.say("watched"), type="button", id="watched")
        return self.frame.page("chat", [watched, self.talk(), self.cover()], styles=STYLES, scripts=SCRIPTS)

    def say(self, key: str) -> str:
        return self.frame.words(f"chat.{key}", self.frame.language)

    def scripted(self, name: str, *content: Content, **more: str) -> Html:
        """Shown once the script is there: without it nobody can use this."""
        return tag(name, *content, hidden=True, data_scripted=True, **more)

    def talk(self) -> Html:
        lines = self.frame.words.lines("chat.cover_lines", self.frame.language)
        words = orjson.dumps({key: self.say(key) for key in SCRIPTED} | {"cover_lines": lines}).decode()
        more = tag("button", self.say("new_message"), type="button", id="more", hidden=True)
        log = tag("div", role="log", id="log", aria_label=self.say("messages"), tabindex="0", hidden=True)
        news = tag("p", id="news", role="status")
        return tag("div", self.start(), log, more, news, self.write(), self.keep(), id="talk", data_words=words,
                   data_language=self.frame.language, data_placement=self.code)  # fmt: skip

    # --- before the first word ----------------------------------------------------------------------------------------

    def start(self) -> Html:
        begin = tag(
            "button", self.say("begin"), type="button", id="begin", class_="main", hidden=True, data_scripted=True
        )
        return tag("section", tag("noscript", self.without_script()), self.frame.languages("/chat"),
                   tag("p", self.say("intro")), begin, self.code_form(), id="start")  # fmt: skip

    def without_script(self) -> Html:
        """The other ways stand on the page before."""
        before = f"/c/{self.code}" if self.code else "/"
        link = tag("a", self.say("cover_back"), href=f"{before}?l={self.frame.language}", class_="way")
        return tag("p", self.say("no_script"), tag("br"), link)

    def code_form(self) -> Html:
        field = tag("input", id="reference", name="reference", inputmode="numeric", required=True, maxlength="40",
                    enterkeyhint="go", aria_describedby="wrong", **_unwatched())  # fmt: skip
        label = tag("label", self.say("code"), for_="reference")
        go = tag("button", self.say("code_go"), class_="second")
        form = tag("form", label, field, go, tag("p", id="wrong", role="alert"), id="code")
        return self.scripted("details", tag("summary", self.say("code_title")), form)

    def keep(self) -> Html:
        box = tag("input", type="checkbox", id="keep", autocomplete="off")
        return self.scripted("label", box, " ", tag("span", self.say("keep")), class_="keep")

    # --- the talk -----------------------------------------------------------------------------------------------------

    def write(self) -> Html:
        words = tag("textarea", id="words", rows="1", maxlength=LONGEST, enterkeyhint="send",
                    placeholder=self.say("write_here"), aria_label=self.say("write_here"), **_unwatched())  # fmt: skip
        pick = tag("input", type="file", id="pick", accept=KEPT, hidden=True, aria_label=self.say("attach"))
        return tag("form", self.file(), pick, self.sign("attach", title=self.say("attach_what")), words,
                   self.sign("send", type="submit"), id="write", hidden=True)  # fmt: skip

    def file(self) -> Html:
        """What is told of a file before it is sent."""
        return tag("div", tag("p", role="status"), self.sign("unpick"), id="file", hidden=True)

    def sign(self, key: str, type: str = "button", **more: str) -> Html:
        """A button with a drawing in place of its name."""
        drawing = tag("svg", tag("path", d=ICONS[key]), viewBox="0 0 24 24", aria_hidden="true")
        return tag("button", drawing, type=type, id=key, class_="sign", aria_label=self.say(key), **more)

    # --- the bland page -----------------------------------------------------------------------------------------------

    def cover(self) -> Html:
        """Filled by the script. It can be written on too: that is one way back."""
        field = tag("input", id="aside-line", name="line", aria_label=self.say("write_here"), enterkeyhint="send",
                    placeholder=self.say("write_here"), **_unwatched())  # fmt: skip
        below: Content = [
            tag("form", field, id="aside"),
            tag("button", self.say("cover_back"), type="button", id="back"),
        ]
        return tag("div", tag("h2", self.say("cover_title"), tabindex="-1"), tag("ul"), below, id="cover", hidden=True)


def _unwatched() -> dict[str, str]:
    """Nothing that is typed is kept for another time, or sent elsewhere to be checked."""
    return {"autocomplete": "off", "spellcheck": "false"}

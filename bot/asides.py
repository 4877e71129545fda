"""Asides: short questions of ours beside the questionnaire. Put once, answered by a tap, a number, a title or a plain
yes or no; whatever else is said is an ordinary message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.channels import Incoming, Outgoing
from bot.choices import buttons, typed
from bot.conversation import Aside, Talk
from bot.effects import Say
from bot.texts import Texts, plain

PREFIX = "aside:"  # of the question that its buttons belong to
DANGER, CALM, LANGUAGE = "danger", "calm", "language"
OPTIONS: Mapping[str, Sequence[str]] = {DANGER: ("yes", "no"), CALM: ("go_on", "person", "pause")}

# What an answer in own words means, by the intent that the engine hears in it.
MEANT: Mapping[str, Mapping[str, str]] = {
    DANGER: {"affirm": "yes", "danger_now": "yes", "self_harm": "yes", "deny": "no"},
    CALM: {"affirm": "go_on", "resume": "go_on", "skip": "go_on", "human": "person", "pause": "pause", "deny": "pause",
           "exit": "pause"},
    LANGUAGE: {},
}  # fmt: skip


def put(texts: Texts, talk: Talk, aside: Aside) -> Say:
    """Asks it: from now on it stands, and its buttons are those that can be tapped."""
    talk.aside = aside
    asked = texts.say[talk.language]["asides"][aside.name]
    own, shared = asked.get("options", {}), texts.say[talk.language]["options"]
    talk.offered = [(code, str(own.get(code) or shared[code])) for code in OPTIONS[aside.name]]
    talk.offered_for = PREFIX + aside.name
    text = str(asked.get(talk.channel) or asked["ask"])
    return Say(Outgoing(text, buttons(talk.offered_for, talk.offered), f"aside_{aside.name}", talk.language))


def put_language(texts: Texts, talk: Talk) -> Say:
    """Asks which language: nothing but their names, each as its speakers write it, so that everybody can read one."""
    talk.aside = Aside(LANGUAGE)
    talk.offered, talk.offered_for = list(texts.names.items()), PREFIX + LANGUAGE
    names = " · ".join(texts.names.values())
    return Say(Outgoing(names, buttons(talk.offered_for, talk.offered), "aside_language", talk.language))


def chosen(talk: Talk, aside: Aside, incoming: Incoming) -> str | None:
    """The code that was tapped or typed; None for anything else."""
    if talk.offered_for != PREFIX + aside.name or incoming.edited:
        return None
    if incoming.kind == "choice":
        question, _, code = incoming.choice.partition("=")
        return code if question == talk.offered_for and code in dict(talk.offered) else None
    if incoming.kind != "text":
        return None
    return next(iter(typed(talk.offered, incoming.text)), None) or _led(talk, aside, incoming.text)


def _led(talk: Talk, aside: Aside, text: str) -> str | None:
    """A yes that goes on to tell is a yes; a no may go on to anything."""
    begun = plain(text).split()[:1]
    return "yes" if aside.name == DANGER and begun == [plain(dict(talk.offered)["yes"])] else None

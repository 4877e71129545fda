"""How the service behaves: what is said and done about each sign of a person and each wish of the engine.

Every function changes the `Talk` it is given and returns effects.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.channels import Outgoing
from bot.conversation import Talk
from bot.directory import Directory, Line
from bot.draft import Cause
from bot.effects import Discard, Effect, File, Leave, Say
from bot.safety import Sign
from bot.texts import Texts

COVERS = 4  # bland lines, said in turn
HOME = "CO"
MOST_URGENT, MOST_LINES = 3, 6  # lines in one message
_WRITTEN = frozenset({"sms", "whatsapp"})  # for somebody who can't speak
AT_ONCE = _WRITTEN | {"phone"}  # where somebody answers now; no app, no e-mail


@dataclass(frozen=True, slots=True)
class Conduct:
    """The behaviours, with the reviewed texts and telephone numbers that they speak with."""

    texts: Texts
    directory: Directory
    practice: bool

    def say(self, talk: Talk, key: str, **values: str | int) -> Say:
        return Say(Outgoing(self.texts(key, talk.language, talk.channel, **values), (), key, talk.language))

    # Signs of a person, before anything is an answer.

    def leave(self, talk: Talk) -> list[Effect]:
        """An exit word: the key goes, the chat is wiped where the platform allows."""
        return [Leave(self.say(talk, "exit").message)]

    def seems_to_leave(self, talk: Talk) -> list[Effect]:
        """The model alone takes it for an exit: as bland and as silent, but a guess must not destroy what was told."""
        talk.mode = "paused"
        return [self.say(talk, "exit")]

    def cover(self, talk: Talk) -> list[Effect]:
        """Somebody reads along: a bland topic, no question, the state kept."""
        talk.mode = "cover"
        talk.covers += 1
        return [self.say(talk, f"cover_{(talk.covers - 1) % COVERS + 1}")]

    def later(self, talk: Talk) -> list[Effect]:
        talk.mode = "paused"
        return [self.say(talk, "later")]

    def danger(self, talk: Talk, sign: str) -> list[Effect]:
        """Number first, then who is near, then what is known goes to the officers, without any question."""
        talk.mode = "danger"
        note(talk.urgent, sign)
        return [
            self._numbers(talk, "danger_self" if sign == Sign.SELF_HARM else "danger_call", urgent=True),
            self.say(talk, "danger_helpers"),
            File("danger"),
        ]

    def perhaps(self, talk: Talk, effect: str) -> list[Effect]:
        """Only a guess of the model: numbers and who is near, or how a report is taken back.

        Where it heard that somebody watches, nothing is said: the safety question that follows is bland.
        """
        if effect == "cover":
            return []
        if effect == "withdraw":
            return [self.say(talk, "consent_withdraw")]
        return [self._numbers(talk, "danger_call", urgent=True), self.say(talk, "danger_helpers")]

    def urgent(self, talk: Talk, causes: list[str], *, whole: bool) -> list[Effect]:
        """The answers are urgent: number first, and what is known goes out at once; the few open questions go on."""
        for cause in causes:
            note(talk.urgent, cause)
        partial: list[Effect] = [] if whole else [File("urgent")]
        return [self._numbers(talk, "danger_call", urgent=True), *partial]

    # Wishes of the engine.

    def numbers(self, talk: Talk, key: str = "numbers_intro") -> list[Effect]:
        return [self._numbers(talk, key)]

    def refused_consent(self, talk: Talk) -> list[Effect]:
        """No report is made of it and nothing is kept; numbers and information all the same."""
        talk.mode = "closed"
        said = [self.say(talk, "refused_consent"), self._numbers(talk, "numbers_intro"), self.say(talk, "delete")]
        return [Discard(), *said]

    def after(self, talk: Talk) -> list[Effect]:
        """The questions are over, and nothing new was said."""
        talk.mode = "closed"
        return [self.say(talk, "after")] if talk.done else self.numbers(talk)

    # What became of a report.

    def not_accepted(self, talk: Talk) -> list[Say]:
        """No officer's key fits: said plainly, with numbers, and nothing is stored unsealed."""
        return [self.say(talk, "not_accepted"), self._numbers(talk, "numbers_intro")]

    def accepted(self, talk: Talk, cause: Cause) -> list[Say]:
        """A partial one. Somebody else may read along after a silence: then nothing tells of it."""
        if cause == "danger":
            return [self.say(talk, "danger_sent"), self.say(talk, "danger_place")]
        if cause == "more" and talk.mode in {"danger", "closed"}:
            return [self.say(talk, "danger_more" if talk.mode == "danger" else "added")]
        return []

    def closing(self, talk: Talk, code: str) -> list[Say]:
        """Report accepted: receipt in decoy form, numbers, how to delete only this chat."""
        talk.mode = "closed"
        received = "received_practice" if self.practice else "received"
        said = [self.say(talk, received), self.say(talk, "receipt", code=code)]
        said += [self.say(talk, "receipt_why"), self.say(talk, "next_steps")]
        if talk.slots.get("situation") == "other":
            said.append(self.say(talk, "not_alone_no_confront"))
        return [*said, self._numbers(talk, "numbers_intro"), self.say(talk, "delete")]

    def engine_down(self, talk: Talk) -> list[Effect]:
        return [self._numbers(talk, "engine_down")]

    def _numbers(self, talk: Talk, intro: str, *, urgent: bool = False) -> Say:
        """The lines of the country where the person is, emergency first; every row has a source."""
        lines = self._lines(talk)
        shown = [line for line in lines if line.kind in AT_ONCE][:MOST_URGENT] if urgent else lines[:MOST_LINES]
        body = [self._line(talk, line) for line in shown] or [self.texts("no_number", talk.language)]
        quiet = [self.texts("danger_quiet", talk.language)] if urgent and any(line.silent for line in shown) else []
        key = "numbers_home" if intro == "numbers_intro" and shown and not _country(talk) else intro
        text = "\n".join([self.texts(key, talk.language, talk.channel), *body, *quiet])
        return Say(Outgoing(text, (), key, talk.language))

    def _lines(self, talk: Talk) -> list[Line]:
        """Where the country is not known yet, the lines of the country that the service lives in, with its name."""
        minor = talk.slots.get("age") in {"minor", "rather_not"}
        if country := _country(talk):
            return self.directory.lines(country, minor=minor)
        lines = self.directory.lines(HOME, minor=minor)
        return [replace(line, service=f"{line.country}: {line.service}") for line in lines]

    def _line(self, talk: Talk, line: Line) -> str:
        kind = f" ({self.texts(f'line_kind_{line.kind}', talk.language)})" if line.kind in _WRITTEN else ""
        return self.texts("number_line", talk.language, service=line.service, number=line.number + kind)


def _country(talk: Talk) -> str | None:
    """The country that was named; None while it was not asked, or was skipped."""
    country = talk.slots.get("country")
    return country if isinstance(country, str) and len(country) == 2 else None


def note(causes: list[str], cause: str) -> None:
    if cause not in causes:
        causes.append(cause)

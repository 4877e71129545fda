"""How the service behaves: what is said and done about each sign of a person and each wish of the engine.

Every function changes the `Talk` it is given and returns effects.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot import asides, numbers
from bot.channels import Outgoing
from bot.conversation import Aside, Talk
from bot.directory import Directory
from bot.draft import Cause
from bot.effects import Discard, Effect, File, Leave, Say, Withdraw
from bot.safety import Sign
from bot.texts import Texts

COVERS = 4  # bland lines, said in turn
UNCONFIRMED = "danger_unconfirmed"  # urgent, and within what was agreed: no life is known to be in danger
MOST_CALM = 1  # times that the aside `calm` is put anew to somebody who goes on telling


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

    def withdraw(self, talk: Talk) -> list[Effect]:
        """Reports are taken back and the chat goes. Where somebody may read along, only the bland last line is said."""
        told = [] if talk.mode == "cover" or talk.shut else [self.say(talk, "withdraw_done")]
        return [Withdraw(), *told, *self.leave(talk)]

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
        return [*self.call(talk, sign), self.say(talk, "danger_helpers"), File("danger")]

    def perhaps(self, talk: Talk, sign: str, words: str = "", *, tells: bool = False) -> list[Effect]:
        """Danger that only the model or the wide list heard: numbers at once, then one short question. Somebody who
        agreed to a report may not be able to answer it: with `tells` what is known goes out, marked as unconfirmed."""
        helpers = [] if sign == Sign.SELF_HARM else [self.say(talk, "danger_helpers")]
        told: list[Effect] = []
        if tells and sign not in talk.urgent:
            note(talk.urgent, UNCONFIRMED)
            told = [File("urgent")]
        asked = asides.put(self.texts, talk, Aside(asides.DANGER, sign, words))
        return [*self.call(talk, sign), *helpers, *told, asked]

    def answered(self, talk: Talk) -> None:
        """The answer to it came: from now on the reports say so."""
        if UNCONFIRMED in talk.urgent:
            talk.urgent.remove(UNCONFIRMED)

    def call(self, talk: Talk, sign: str = Sign.DANGER) -> list[Effect]:
        """Numbers that somebody answers now."""
        return [*self._numbers(talk, "danger_self" if sign == Sign.SELF_HARM else "danger_call", urgent=True)]

    def distress(self, talk: Talk, standing: Aside | None) -> list[Effect]:
        """Too much for now: slower, somebody to talk to, and nothing is asked until the person chooses how to go on."""
        known = standing is not None and standing.name == asides.CALM
        return [*([] if known else [self.say(talk, "distress")]), self.calm(talk)]

    def calm(self, talk: Talk, again: int = 0) -> Say:
        return asides.put(self.texts, talk, Aside(asides.CALM, again=again))

    def guessed(self, talk: Talk, effect: str) -> list[Effect]:
        """Only a guess of the model: how a report is taken back is said, and nothing is done.

        Where it heard that somebody watches, nothing is said: the safety question that follows is bland.
        """
        return [self.say(talk, "consent_withdraw")] if effect == "withdraw" else []

    def urgent(self, talk: Talk, causes: list[str], *, whole: bool) -> list[Effect]:
        """The answers are urgent: number first, and what is known goes out at once; the few open questions go on."""
        for cause in causes:
            note(talk.urgent, cause)
        partial: list[Effect] = [] if whole else [File("urgent")]
        return [*self.call(talk), *partial]

    # The word for coming back.

    def word(self, talk: Talk) -> list[Effect]:
        """It is asked for; after too many tries nothing but what everybody may know is shown here."""
        assert talk.entrance
        talk.entrance.asked = True
        talk.offered, talk.offered_for = [], ""
        if talk.entrance.locked:
            return [self.say(talk, "word_locked"), *self.reachable(talk)]
        return [self.say(talk, "word_again" if talk.entrance.misses else "word_ask")]

    # Wishes of the engine.

    def numbers(self, talk: Talk, key: str = "numbers_intro", country: str | None = None) -> list[Effect]:
        """`country`: one that the message named; else that of the person."""
        return [*self._numbers(talk, key, country)]

    def reachable(self, talk: Talk) -> list[Effect]:
        """Asked for a person before it is safe to write: the emergency line, and no name of what this is about."""
        return [*numbers.emergency(self.texts, self.directory, talk)]

    def children(self, talk: Talk) -> list[Effect]:
        """Once a minor has said where: who is there for children."""
        talk.children_told = True
        return [*numbers.for_children(self.texts, self.directory, talk)]

    def refused_consent(self, talk: Talk) -> list[Effect]:
        """No report is made of it and nothing is kept; numbers and information all the same."""
        talk.mode = "closed"
        said = [self.say(talk, "refused_consent"), *self._numbers(talk, "numbers_intro"), self.say(talk, "delete")]
        return [Discard(), *said]

    def after(self, talk: Talk) -> list[Effect]:
        """The questions are over, and nothing new was said."""
        talk.mode = "closed"
        return [self.say(talk, "after")] if talk.done else self.numbers(talk)

    # What became of a report.

    def not_accepted(self, talk: Talk) -> list[Say]:
        """No officer's key fits: said plainly, with numbers, and nothing is stored unsealed."""
        return [] if talk.shut else [self.say(talk, "not_accepted"), *self._numbers(talk, "numbers_intro")]

    def accepted(self, talk: Talk, cause: Cause) -> list[Say]:
        """A partial one. Somebody else may read along after a silence: then nothing tells of it."""
        if cause == "danger":
            sent = [] if talk.shut else [self.say(talk, "danger_sent")]
            return [*sent, self.say(talk, "danger_place")]
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
        return [*said, *self._numbers(talk, "numbers_intro"), self.say(talk, "delete")]

    def engine_down(self, talk: Talk) -> list[Effect]:
        return [*self._numbers(talk, "engine_down")]

    def _numbers(self, talk: Talk, intro: str, country: str | None = None, *, urgent: bool = False) -> list[Say]:
        return numbers.shown(self.texts, self.directory, talk, intro, country, urgent=urgent)


def note(causes: list[str], cause: str) -> None:
    if cause not in causes:
        causes.append(cause)

"""One exchange with the engine: the state moves on, words are kept, replies and wishes become effects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot import log
from bot.channels import Outgoing
from bot.choices import buttons
from bot.conduct import Conduct, note
from bot.conversation import Talk, stamp
from bot.dialogue import Engine, Reply
from bot.draft import Answer
from bot.effects import Effect, File, Say
from bot.errors import EngineDown, EngineRefused, StateOfAnotherModel
from bot.numbers import HOME
from bot.questions import Questions
from bot.reentry import QUESTION as REENTRY
from bot.reentry import Entrance
from bot.safety import Sign
from bot.screening import screen

# What anybody may ask, and the same is said to everybody.
PUBLIC = frozenset({"human", "who_are_you", "confidentiality", "ask_cost", "rights", "papers", "what_is_trafficking",
                    "check_offer", "report_status", "ask_delete"})  # fmt: skip
# Asked of the machine, or wished from it.
ASKED = PUBLIC | {"thanks", "switch_language", "withdraw", "watched", "exit", "pause"}
# Said to the machine, not to an officer: these words are not kept.
CONTROL = ASKED | {"affirm", "deny", "unsure", "skip", "greet", "resume", "ask_repeat"}
DANGER = frozenset({"danger_now", "self_harm"})
AGAIN = frozenset({"cover", "withdraw", "language"})  # wishes after which the engine is asked for the open question
# Below it the model's danger, watcher or withdrawal is a guess: it hears them from 0.33 on, since a miss costs more.
SURE = 0.85
SMALL = 12  # years, below which the law is stricter: Código Penal art. 188B
COUNTRY = "country"  # the question
LONG, A_FEW = 8, 3  # words: so many tell something, whatever they were taken for; fewer where an account is asked for


@dataclass(frozen=True, slots=True)
class Exchange:
    """Holds what it asks and speaks with; keeps nothing of a conversation."""

    engine: Engine
    conduct: Conduct
    questions: Questions

    async def __call__(self, talk: Talk, message: dict[str, Any], text: str, now: datetime, *,
                       once: bool = False) -> list[Effect]:  # fmt: skip
        """`message` as the engine takes it; `text`: words to keep, if they are an answer or a part of the story.
        `once`: a wish of the engine brought us here, and another one is left out: a broken engine would never end."""
        before = dict(talk.slots)
        try:
            reply = await self._ask(talk, talk.engine, talk.model, message)
        except StateOfAnotherModel:
            talk.keep_words(text, now)  # they answer a question that is put again now
            reply, text = await self._ask(talk, self._carried(talk), None, {"intent": "resume"}), ""
        return await self._taken(talk, reply, before, text, now, once=once)

    async def beside(self, talk: Talk, text: str, now: datetime) -> tuple[str, list[Effect]]:
        """After the last question: what was understood, and what is said to a question or a wish; else nothing."""
        try:
            reply = await self._ask(talk, talk.engine, talk.model, {"text": text})
        except StateOfAnotherModel:
            reply = await self._ask(talk, self._carried(talk), None, {"text": text})
        if reply.intent not in ASKED | DANGER:
            return reply.intent, []
        if reply.intent in ASKED and _words(text) >= LONG:
            talk.keep_words(text, now)
        heard = text if reply.intent in DANGER else ""
        return reply.intent, await self._taken(talk, reply, dict(talk.slots), heard, now)

    async def hear(self, talk: Talk, text: str) -> Reply | None:
        """What the model makes of words apart from every question and answer; None where no engine answers.

        The state is that of somebody who can't write now: nothing is open, and nothing of the case is in it.
        """
        state = {"slots": {"safe": "not_now"}, "active_loop": None, "requested_slot": None}
        try:
            return await self._ask(talk, state, None, {"text": text})
        except (EngineDown, EngineRefused) as error:
            log.failure("not_heard", error)
            return None

    def public(self, talk: Talk, heard: Reply | None) -> list[Effect]:
        """The answer to what anybody may ask, from words that were heard apart; else nothing."""
        if heard is None or heard.intent not in PUBLIC or (talk.shut and heard.intent == "report_status"):
            return []
        said: list[Effect] = []
        for piece in heard.replies:
            if "effect" not in piece:
                said.append(Say(Outgoing(str(piece["text"]), (), str(piece.get("key") or ""), talk.language)))
            elif talk.shut and piece["effect"] in {"human", "numbers"}:
                said += self.conduct.reachable(talk)
            elif piece["effect"] in {"human", "numbers", "delete_help"}:
                said += self._simple(talk, piece)[piece["effect"]]()
        return said

    async def after_all(self, talk: Talk, text: str, now: datetime) -> list[Effect]:
        """What sounded like danger was none. It may have answered the open question; else that is put again."""
        before = dict(talk.slots)
        heard = None
        if text and talk.asked and not talk.shut:
            heard = await self._ask(talk, talk.engine, None, {"text": text})
        answered = heard and heard.asked and heard.slots.get(heard.asked) not in (None, before.get(heard.asked))
        if not heard or not answered or any(one["effect"] == "danger" for one in heard.effects):
            return await self(talk, {"intent": "resume"}, "", now)
        return await self._taken(talk, heard, before, text, now)

    async def switch(self, talk: Talk, code: str, now: datetime) -> list[Effect]:
        """The open question again, in another language."""
        talk.language = code
        changed = self.conduct.say(talk, "language_changed")
        if talk.mode == "closed":
            return [changed]
        return [changed, *await self(talk, {"intent": "resume"}, "", now, once=True)]

    async def _ask(self, talk: Talk, state: dict[str, Any] | None, model: str | None, said: dict[str, Any]) -> Reply:
        """Raises `EngineRefused` also for a state that holds what is no answer: reports are made of it."""
        reply = await self.engine.ask(said, state=state, model=model, language=talk.language, channel=talk.channel)
        if not all(self.questions.take(slot, value) for slot, value in reply.slots.items()):
            raise EngineRefused("slot")
        return reply

    def _carried(self, talk: Talk) -> dict[str, Any]:
        """What a new model takes over of an older one's state: the answers to questions that are still asked."""
        slots = {slot: value for slot, value in talk.slots.items() if slot in self.questions.ids}
        return {"slots": slots, "active_loop": None, "requested_slot": None}

    async def _taken(self, talk: Talk, reply: Reply, before: dict[str, Any], text: str, now: datetime, *,
                     once: bool = False) -> list[Effect]:  # fmt: skip
        if danger := next((one for one in reply.effects if one["effect"] == "danger"), None):
            certain = reply.confidence >= SURE and talk.consent not in {"", "none"}
            return self.perhaps(talk, str(danger.get("reason") or Sign.DANGER), text, now, tells=certain)
        if talk.shut and reply.slots.get("safe") == "ready":
            return self.conduct.word(talk)  # the answer is given again once the word was right
        reply = await self._bound(talk, reply, before)
        talk.engine, talk.model = reply.state, reply.model
        self._record(talk, reply, before, text, now)
        chosen = not talk.entrance and self._choose_word(talk, reply, before, text)
        said: list[Effect] = [self.conduct.say(talk, "word_set")] if chosen else []
        for piece in reply.replies:
            if not (once and piece.get("effect") in AGAIN):
                said += await self._piece(talk, reply, piece, now)
        return [*self._urgent(talk, before, whole=File("complete") in said), *self._beside(talk, reply), *said]

    def perhaps(self, talk: Talk, sign: str, text: str, now: datetime, *, tells: bool = False) -> list[Effect]:
        """Danger that is not unmistakable. The open question stays as it was; without consent the words wait for the
        answer. `tells`: the officers hear of it before the answer, which may never come."""
        if talk.consent != "none":
            talk.keep_words(text, now, urgent=True)
        return self.conduct.perhaps(talk, sign, text, tells=tells)

    async def _piece(self, talk: Talk, reply: Reply, piece: dict[str, Any], now: datetime) -> list[Effect]:
        if "effect" not in piece:
            understood = reply.intent == "human" and piece.get("key") == "utter_rephrase"  # and answered before it
            return [] if understood else [self._say(talk, piece)]
        if piece["effect"] in {"withdraw", "cover"} and reply.confidence < SURE:
            return await self._guessed(talk, piece, now)
        return await self._wish(talk, piece, now)

    async def _bound(self, talk: Talk, reply: Reply, before: dict[str, Any]) -> Reply:
        """Who tells no country came by a card that says where they are bound: the consent text, which comes next, must
        name that country before a report may go there. So the engine goes on as if it had been named."""
        skipped = reply.slots.get(COUNTRY) == "skipped" and before.get(COUNTRY) is None
        if not skipped or talk.destination in {"", HOME}:
            return reply
        named = await self._ask(talk, talk.engine, None, {"choice": [talk.destination]})
        talk.presumed = talk.destination
        return replace(named, intent=reply.intent, confidence=reply.confidence, entities=reply.entities)

    def _record(self, talk: Talk, reply: Reply, before: dict[str, Any], text: str, now: datetime) -> None:
        """Changed slots become answers; words go beside the answer that they gave, else into the story."""
        changed = self._changed(reply, before)
        question = reply.asked or ""
        for slot, value in changed.items():
            talk.answers[slot] = self._answer(talk, slot, value, text if slot == question else "", reply, now)
        age = reply.entities.get("age")
        if changed.get("age") == "minor" and isinstance(age, int) and age < SMALL:
            note(talk.flags, "under_12")
        least = A_FEW if question in self.questions.own_words else LONG
        kept = question not in changed and (reply.intent not in CONTROL or _words(text) >= least)
        if text and (_words(text) >= LONG if question == REENTRY else kept):
            talk.keep_words(text, now)
        talk.offered, talk.offered_for = [], reply.asks or ""

    def _changed(self, reply: Reply, before: dict[str, Any]) -> dict[str, Any]:
        return {slot: value for slot, value in reply.slots.items()
                if slot in self.questions.ids and value is not None and value != before.get(slot)}  # fmt: skip

    def _answer(self, talk: Talk, slot: str, value: Any, text: str, reply: Reply, now: datetime) -> Answer:
        """The word for coming back is in no answer; an account in its place is no word."""
        given = talk.answers.get(slot)
        earlier, phones = (given.words, given.phones) if given else ((), ())
        fits = talk.fitting(text) if text and slot != REENTRY else ""
        words = (*earlier, fits) if fits else earlier
        codes = tuple(value) if isinstance(value, list) else str(value)
        if slot == REENTRY and _words(text) >= LONG:
            codes = "skipped"
        if slot == COUNTRY and value == talk.presumed:
            codes = "skipped"  # as the person answered it
        return Answer(codes, stamp(now), talk.language, words, (*phones, *reply.phones) if text else phones)

    def _choose_word(self, talk: Talk, reply: Reply, before: dict[str, Any], text: str) -> bool:
        """True if this message was the word for coming back, of which a digest is left now."""
        if self._changed(reply, before).get(REENTRY) != "given" or not text or _words(text) >= LONG:
            return False
        talk.entrance = Entrance.of(text)
        return not any(piece.get("key") == "utter_word_set" for piece in reply.replies)

    def _say(self, talk: Talk, piece: dict[str, Any]) -> Say:
        offered = [(str(button["value"]), str(button["title"])) for button in piece.get("buttons") or ()]
        if offered:
            talk.offered = offered
        said = buttons(talk.offered_for, offered)
        return Say(Outgoing(str(piece["text"]), said, str(piece.get("key") or ""), talk.language))

    async def _guessed(self, talk: Talk, wish: dict[str, Any], now: datetime) -> list[Effect]:
        """What helps is said, nothing is done, and the open question comes again."""
        if wish["effect"] == "cover":
            talk.mode = "open"  # the safety question stands again, also after the last one
            talk.behind_the_gate()
        said = self.conduct.guessed(talk, wish["effect"])
        return [*said, *await self(talk, {"intent": "resume"}, "", now, once=True)]

    async def _wish(self, talk: Talk, wish: dict[str, Any], now: datetime) -> list[Effect]:
        if wish["effect"] == "language":
            language = str(wish.get("language") or "")
            known = language in self.conduct.texts.say
            return await self.switch(talk, language, now) if known else [self.conduct.say(talk, "language_ask")]
        return self._simple(talk, wish)[wish["effect"]]()

    def _simple(self, talk: Talk, wish: dict[str, Any]) -> dict[str, Callable[[], list[Effect]]]:
        conduct = self.conduct
        country = str(wish.get("country") or "") or None
        return {
            "submit": lambda: self._submitted(talk),
            "information": lambda: conduct.refused_consent(talk),
            "numbers": lambda: conduct.numbers(talk, country=_place(country)),
            "human": lambda: conduct.numbers(talk, "human", _place(country)),
            "cover": lambda: conduct.cover(talk),
            "later": lambda: conduct.later(talk),
            "exit": lambda: conduct.seems_to_leave(talk),
            "delete_help": lambda: [conduct.say(talk, "delete")],
            "withdraw": lambda: conduct.withdraw(talk),
            "danger": lambda: conduct.call(talk),  # seen to before, unless it followed an answer that we gave ourselves
        }

    def _submitted(self, talk: Talk) -> list[Effect]:
        """One complete report of a conversation; a person who came back through the safety question adds to it."""
        if not talk.done:
            return [File("complete")]
        added: list[Effect] = [File("more")] if talk.adds else self.conduct.after(talk)
        if talk.case:
            added.append(self.conduct.say(talk, "consent_withdraw"))
        talk.mode = "closed"
        return added

    def _beside(self, talk: Talk, reply: Reply) -> list[Effect]:
        """What goes before the replies: a person to reach while it is not safe yet, the lines for children once."""
        wished = any(one["effect"] == "human" for one in reply.effects)
        if talk.slots.get("safe") != "ready":
            return self.conduct.reachable(talk) if reply.intent == "human" and not wished else []
        known = _place(talk.slots.get("country")) is not None
        due = known and talk.slots.get("age") == "minor" and talk.mode == "open" and not talk.children_told
        return self.conduct.children(talk) if due else []

    def _urgent(self, talk: Talk, before: dict[str, Any], *, whole: bool) -> list[Effect]:
        """Answers that can't wait go out with what is known so far, before the next question.

        `whole`: this was the last one, so that the complete report goes out now and carries them.
        """
        if talk.mode != "open" or not talk.answers or talk.consent in {"", "none"} or dict(talk.slots) == before:
            return []
        derived = self.questions.derived(talk.slots)
        codes = {name: answer.value for name, answer in talk.answers.items()}
        screening = screen(codes, branch=derived.get("branch"), age=str(talk.slots.get("age") or "") or None)
        fresh = [cause for cause in screening.urgent if cause not in talk.urgent]
        return self.conduct.urgent(talk, fresh, whole=whole) if fresh else []


def _place(country: Any) -> str | None:
    return country if isinstance(country, str) and len(country) == 2 else None


def _words(text: str) -> int:
    return len(text.split())

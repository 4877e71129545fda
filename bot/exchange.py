"""One exchange with the engine: the state moves on, words are kept, replies and wishes become effects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.channels import Outgoing
from bot.choices import buttons
from bot.conduct import Conduct
from bot.conversation import Talk, stamp
from bot.dialogue import Engine, Reply
from bot.draft import Answer
from bot.effects import Effect, File, Say, Withdraw
from bot.errors import StateOfAnotherModel
from bot.questions import Questions
from bot.safety import Sign
from bot.screening import screen

# Asked of the machine, or wished from it.
ASKED = frozenset({"thanks", "human", "ask_machine", "ask_privacy", "ask_cost", "ask_rights", "ask_delete", "ask_what",
                   "switch_language", "withdraw", "watched", "exit", "pause"})  # fmt: skip
# Said to the machine, not to an officer: these words are not kept.
CONTROL = ASKED | {"affirm", "deny", "unsure", "skip", "greet", "resume", "ask_repeat"}
DANGER = frozenset({"danger_now", "self_harm"})
# Below it the model's danger, watcher or withdrawal is a guess: it hears them from 0.33 on, since a miss costs more.
SURE = 0.85
AGREED = frozenset({"anonymous", "confidential", "share"})
LONG, A_FEW = 8, 3  # words: so many tell something, whatever they were taken for; fewer where an account is asked for


@dataclass(frozen=True, slots=True)
class Exchange:
    """Holds what it asks and speaks with; keeps nothing of a conversation."""

    engine: Engine
    conduct: Conduct
    questions: Questions

    async def __call__(self, talk: Talk, message: dict[str, Any], text: str, now: datetime) -> list[Effect]:
        """`message` as the engine takes it; `text`: words to keep, if they are an answer or a part of the story."""
        before = dict(talk.slots)
        try:
            reply = await self._ask(talk, talk.engine, talk.model, message)
        except StateOfAnotherModel:
            talk.keep_words(text, now)  # they answer a question that is put again now
            reply, text = await self._ask(talk, self._carried(talk), None, {"intent": "resume"}), ""
        return await self._taken(talk, reply, before, text, now)

    async def beside(self, talk: Talk, text: str, now: datetime) -> tuple[str, list[Effect]]:
        """After the last question: what was understood, and what is said to a question or a wish; else nothing."""
        try:
            reply = await self._ask(talk, talk.engine, talk.model, {"text": text})
        except StateOfAnotherModel:
            reply = await self._ask(talk, self._carried(talk), None, {"text": text})
        if reply.intent not in ASKED | DANGER:
            return reply.intent, []
        if reply.intent in DANGER or _words(text) >= LONG:
            talk.keep_words(text, now)
        return reply.intent, await self._taken(talk, reply, dict(talk.slots), "", now)

    async def switch(self, talk: Talk, code: str, now: datetime) -> list[Effect]:
        """The open question again, in another language."""
        talk.language = code
        changed = self.conduct.say(talk, "language_changed")
        return [changed] if talk.mode == "closed" else [changed, *await self(talk, {"intent": "resume"}, "", now)]

    async def _ask(self, talk: Talk, state: dict[str, Any] | None, model: str | None, said: dict[str, Any]) -> Reply:
        return await self.engine.ask(said, state=state, model=model, language=talk.language, channel=talk.channel)

    def _carried(self, talk: Talk) -> dict[str, Any]:
        """What a new model takes over of an older one's state: the answers to questions that are still asked."""
        slots = {slot: value for slot, value in talk.slots.items() if slot in self.questions.ids}
        return {"slots": slots, "active_loop": None, "requested_slot": None}

    async def _taken(self, talk: Talk, reply: Reply, before: dict[str, Any], text: str, now: datetime) -> list[Effect]:
        talk.engine, talk.model = reply.state, reply.model
        self._record(talk, reply, before, text, now)
        said: list[Effect] = []
        for piece in reply.replies:
            if "effect" not in piece:
                said.append(self._say(talk, piece))
            elif _is_guess(talk, piece["effect"], reply.confidence):
                said += await self._guessed(talk, piece, now)
            else:
                said += await self._wish(talk, piece, now)
        return self._urgent(talk, before, whole=File("complete") in said) + said

    def _record(self, talk: Talk, reply: Reply, before: dict[str, Any], text: str, now: datetime) -> None:
        """Changed slots become answers; words go beside the answer that they gave, else into the story."""
        changed = {slot: value for slot, value in reply.slots.items()
                   if slot in self.questions.ids and value is not None and value != before.get(slot)}  # fmt: skip
        question = reply.asked or ""
        for slot, value in changed.items():
            earlier = talk.answers[slot].words if slot in talk.answers else ()
            words = (*earlier, text) if text and slot == question else earlier
            codes = tuple(value) if isinstance(value, list) else str(value)
            talk.answers[slot] = Answer(codes, stamp(now), talk.language, words)
        least = A_FEW if question in self.questions.own_words else LONG
        if text and question not in changed and (reply.intent not in CONTROL or _words(text) >= least):
            talk.keep_words(text, now)
        talk.offered, talk.offered_for = [], reply.asks or ""

    def _say(self, talk: Talk, piece: dict[str, Any]) -> Say:
        offered = [(str(button["value"]), str(button["title"])) for button in piece.get("buttons") or ()]
        if offered:
            talk.offered = offered
        said = buttons(talk.offered_for, offered)
        return Say(Outgoing(str(piece["text"]), said, str(piece.get("key") or ""), talk.language))

    async def _guessed(self, talk: Talk, wish: dict[str, Any], now: datetime) -> list[Effect]:
        """What helps is said, nothing is done, and the open question comes again."""
        if wish["effect"] == "cover":
            talk.behind_the_gate()
        said = self.conduct.perhaps(talk, wish["effect"])
        return [*said, *await self(talk, {"intent": "resume"}, "", now)]

    async def _wish(self, talk: Talk, wish: dict[str, Any], now: datetime) -> list[Effect]:
        conduct = self.conduct
        simple: dict[str, Callable[[], list[Effect]]] = {
            "submit": lambda: self._submitted(talk),
            "information": lambda: conduct.refused_consent(talk),
            "numbers": lambda: conduct.numbers(talk),
            "human": lambda: conduct.numbers(talk, "human"),
            "cover": lambda: conduct.cover(talk),
            "later": lambda: conduct.later(talk),
            "exit": lambda: conduct.seems_to_leave(talk),
            "danger": lambda: conduct.danger(talk, str(wish.get("reason") or Sign.DANGER)),
            "delete_help": lambda: [conduct.say(talk, "delete")],
            "withdraw": lambda: [Withdraw(), conduct.say(talk, "withdraw_done"), *conduct.leave(talk)],
        }
        if wish["effect"] == "language":
            language = str(wish.get("language") or "")
            known = language in conduct.texts.say
            return await self.switch(talk, language, now) if known else [conduct.say(talk, "language_ask")]
        return simple[wish["effect"]]()

    def _submitted(self, talk: Talk) -> list[Effect]:
        """One complete report of a conversation; a person who came back through the safety question adds to it."""
        if not talk.done:
            return [File("complete")]
        added: list[Effect] = [File("more")] if talk.adds else self.conduct.after(talk)
        talk.mode = "closed"
        return added

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


def _is_guess(talk: Talk, effect: str, confidence: float) -> bool:
    """A guess sends nothing for somebody who did not agree to a report, takes none back, and hides nothing."""
    weighty = effect in {"withdraw", "cover"} or (effect == "danger" and talk.consent not in AGREED)
    return weighty and confidence < SURE


def _words(text: str) -> int:
    return len(text.split())

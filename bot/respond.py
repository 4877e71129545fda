"""What one message leads to: signs first, then the mode of the conversation, then the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.channels import Incoming, Outgoing
from bot.choices import buttons, engine_message
from bot.conduct import Conduct
from bot.conversation import Talk, stamp
from bot.dialogue import Engine, Reply
from bot.draft import Answer
from bot.effects import Effect, File, Leave, Say, Withdraw
from bot.errors import StateOfAnotherModel
from bot.questions import Questions
from bot.safety import Safety, Sign
from bot.screening import screen

# Said to the machine, not to an officer: these words are not kept.
_CONTROL = frozenset({"affirm", "deny", "unsure", "skip", "greet", "thanks", "exit", "pause", "resume", "human",
                      "ask_machine", "ask_privacy", "ask_cost", "ask_rights", "ask_delete", "ask_what", "ask_repeat",
                      "switch_language", "withdraw", "watched"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Respond:
    """Holds what an answer is made with; keeps nothing of a conversation."""

    engine: Engine
    safety: Safety
    conduct: Conduct
    questions: Questions

    async def __call__(self, talk: Talk, incoming: Incoming, silent: bool, now: datetime) -> list[Effect]:
        """`silent`: more than `bot.conversation.SILENCE` passed since the person's last message."""
        if incoming.kind in {"opted_out", "unreachable"}:
            return [Leave(None)]
        if effects := self._sign(talk, incoming, now):
            return effects
        if talk.mode == "cover" and not silent:
            return self.conduct.cover(talk)
        if talk.mode == "danger" and not silent:
            return self._more(talk, incoming, now)
        if talk.mode == "new":
            return await self._begin(talk, incoming, now)
        if talk.mode in {"cover", "danger", "paused"} or (talk.mode == "open" and silent):
            talk.keep_words(incoming.text, now, kind=_kind(incoming))
            return await self.gate(talk, now)
        return await self._answer(talk, incoming, now)

    def _sign(self, talk: Talk, incoming: Incoming, now: datetime) -> list[Effect]:
        match self.safety.look(incoming.text):
            case Sign.EXIT:
                return self.conduct.leave(talk)
            case Sign.DANGER | Sign.SELF_HARM as sign:
                talk.keep_words(incoming.text, now)
                return self.conduct.danger(talk, sign)
            case Sign.WATCHED:
                return self.conduct.cover(talk)
            case Sign.PAUSE if talk.mode != "cover":
                return self.conduct.later(talk)
        return []

    async def gate(self, talk: Talk, now: datetime) -> list[Effect]:
        """The safety question, then whatever stood before it."""
        talk.mode = "open"
        talk.behind_the_gate()
        return await self._converse(talk, {"intent": "resume"}, "", now)

    async def _begin(self, talk: Talk, incoming: Incoming, now: datetime) -> list[Effect]:
        talk.mode = "open"
        if incoming.kind != "start" and not self._small_talk(incoming.text):
            talk.keep_words(incoming.text, now, kind=_kind(incoming))
        return await self._converse(talk, {"intent": "start"}, "", now)

    def _small_talk(self, text: str) -> bool:
        return len(text.split()) <= 2  # "hola", "buenos días", a placement's word

    def _more(self, talk: Talk, incoming: Incoming, now: datetime) -> list[Effect]:
        talk.keep_words(incoming.text, now, kind=_kind(incoming))
        return self.conduct.more(talk)

    async def _answer(self, talk: Talk, incoming: Incoming, now: datetime) -> list[Effect]:
        if incoming.kind == "text" and (code := self.safety.language(incoming.text)):
            return await self._switch(talk, code, now)
        if incoming.kind in {"media", "location"}:
            talk.keep_words(incoming.text, now, kind=_kind(incoming))
            return await self._converse(talk, self._given(talk), "", now)
        if incoming.kind == "unsupported" or incoming.edited:
            key = "edited" if incoming.edited else "unsupported"
            talk.keep_words(incoming.text, now, kind="edited")
            return [self.conduct.say(talk, key), *await self._converse(talk, {"intent": "resume"}, "", now)]
        message = {"intent": "start"} if incoming.kind == "start" else engine_message(talk, incoming)
        # A digit or a button's own title is a choice, not words of a person.
        return await self._converse(talk, message, message.get("text", ""), now)

    def _given(self, talk: Talk) -> dict[str, Any]:
        """A picture, voice or place answers a question for own words; at any other question it is kept beside it."""
        return {"choice": ["given"]} if talk.asked in self.questions.own_words else {"intent": "resume"}

    async def _switch(self, talk: Talk, code: str, now: datetime) -> list[Effect]:
        talk.language = code
        changed = self.conduct.say(talk, "language_changed")
        return [changed, *await self._converse(talk, {"intent": "resume"}, "", now)]

    async def _converse(self, talk: Talk, message: dict[str, Any], text: str, now: datetime) -> list[Effect]:
        """One exchange with the engine: the state moves on, words are kept, replies and wishes become effects."""
        before = dict(talk.slots)
        reply = await self._ask(talk, message, now)
        talk.engine, talk.model = reply.state, reply.model
        self._record(talk, reply, before, text, now)
        said: list[Effect] = []
        for piece in reply.replies:
            said += await self._wish(talk, piece, now) if "effect" in piece else [self._say(talk, piece)]
        return self._urgent(talk, before) + said

    async def _ask(self, talk: Talk, message: dict[str, Any], now: datetime) -> Reply:
        async def ask(state: dict[str, Any] | None, model: str | None, said: dict[str, Any]) -> Reply:
            return await self.engine.ask(said, state=state, model=model, language=talk.language, channel=talk.channel)

        try:
            return await ask(talk.engine, talk.model, message)
        except StateOfAnotherModel:
            # The answers are carried over, the words go to the story, and the open question is put again.
            talk.keep_words(message.get("text", ""), now)
            state = {"slots": dict(talk.slots), "active_loop": None, "requested_slot": None}
            return await ask(state, None, {"intent": "resume"})

    def _record(self, talk: Talk, reply: Reply, before: dict[str, Any], text: str, now: datetime) -> None:
        """Changed slots become answers; words go beside the answer that they gave, else into the story."""
        changed = {slot: value for slot, value in reply.slots.items()
                   if slot in self.questions.ids and value is not None and value != before.get(slot)}  # fmt: skip
        question = (reply.asked or "").removesuffix("_more")
        for slot, value in changed.items():
            earlier = talk.answers[slot].words if slot in talk.answers else ()
            words = (*earlier, text) if text and slot == question else earlier
            codes = tuple(value) if isinstance(value, list) else str(value)
            talk.answers[slot] = Answer(codes, stamp(now), talk.language, words)
        moved_on = reply.asked is not None and reply.asks != reply.asked
        if text and question not in changed and not moved_on and reply.intent not in _CONTROL:
            talk.keep_words(text, now)
        talk.offered, talk.offered_for = [], reply.asks or ""

    def _say(self, talk: Talk, piece: dict[str, Any]) -> Say:
        offered = [(str(button["value"]), str(button["title"])) for button in piece.get("buttons") or ()]
        if offered:
            talk.offered = offered
        said = buttons(talk.offered_for, offered)
        return Say(Outgoing(str(piece["text"]), said, str(piece.get("key") or ""), talk.language))

    async def _wish(self, talk: Talk, wish: dict[str, Any], now: datetime) -> list[Effect]:
        conduct = self.conduct
        simple: dict[str, Callable[[], list[Effect]]] = {
            "submit": lambda: [File("complete")],
            "information": lambda: conduct.refused_consent(talk),
            "numbers": lambda: conduct.numbers(talk),
            "human": lambda: conduct.numbers(talk, "human"),
            "cover": lambda: conduct.cover(talk),
            "later": lambda: conduct.later(talk),
            "exit": lambda: conduct.seems_to_leave(talk),
            "danger": lambda: conduct.danger(talk, str(wish.get("sign") or Sign.DANGER)),
            "delete_help": lambda: [conduct.say(talk, "delete")],
            "withdraw": lambda: [Withdraw(), conduct.say(talk, "withdraw_done"), *conduct.leave(talk)],
        }
        if wish["effect"] == "language":
            language = str(wish.get("language") or "")
            known = language in conduct.texts.say
            return await self._switch(talk, language, now) if known else [conduct.say(talk, "language_ask")]
        return simple[wish["effect"]]()

    def _urgent(self, talk: Talk, before: dict[str, Any]) -> list[Effect]:
        if talk.mode != "open" or not talk.answers or talk.consent in {"", "none"} or dict(talk.slots) == before:
            return []
        derived = self.questions.derived(talk.slots)
        codes = {name: answer.value for name, answer in talk.answers.items()}
        screening = screen(codes, branch=derived.get("branch"), age=str(talk.slots.get("age") or "") or None)
        fresh = [cause for cause in screening.urgent if cause not in talk.urgent]
        return self.conduct.urgent(talk, fresh) if fresh else []


def _kind(incoming: Incoming) -> str:
    return "location" if incoming.kind == "location" else "text"

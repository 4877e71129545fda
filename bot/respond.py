"""What one message leads to: signs first, then the mode of the conversation, then the engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.channels import Incoming
from bot.choices import engine_message
from bot.conduct import Conduct
from bot.conversation import Talk
from bot.effects import Effect, File, Leave
from bot.exchange import CONTROL, Exchange
from bot.questions import Questions
from bot.safety import Safety, Sign


@dataclass(frozen=True, slots=True)
class Respond:
    """Holds what an answer is made with; keeps nothing of a conversation."""

    exchange: Exchange
    safety: Safety
    conduct: Conduct
    questions: Questions

    async def __call__(self, talk: Talk, incoming: Incoming, silent: bool, now: datetime) -> list[Effect]:
        """`silent`: more than `bot.conversation.SILENCE` passed since the person's last message."""
        if incoming.kind in {"opted_out", "unreachable"}:
            return [Leave(None)]
        sign = self.safety.look(incoming.text)
        if sign and (effects := self._sign(talk, incoming, sign, now)):
            return effects
        if talk.mode == "new":
            return await self._begin(talk, incoming, now)
        if silent or talk.mode == "paused":
            return await self._back(talk, incoming, sign, now)
        match talk.mode:
            case "cover":
                return await self._gate(talk, now) if sign is Sign.RESUME else self.conduct.cover(talk)
            case "danger":
                return await self._endangered(talk, incoming, sign, now)
            case "closed":
                return await self._after(talk, incoming, sign, now)
        return await self._answer(talk, incoming, sign, now)

    def _sign(self, talk: Talk, incoming: Incoming, sign: Sign, now: datetime) -> list[Effect]:
        match sign:
            case Sign.EXIT:
                return self.conduct.leave(talk)
            case Sign.DANGER | Sign.SELF_HARM:
                talk.keep_words(incoming.text, now)
                return self.conduct.danger(talk, sign)
            case Sign.WATCHED:
                return self.conduct.cover(talk)
            case Sign.PAUSE if talk.mode != "cover":
                return self.conduct.later(talk)
        return []

    async def _begin(self, talk: Talk, incoming: Incoming, now: datetime) -> list[Effect]:
        talk.mode = "open"
        self._keep(talk, incoming, now)
        return await self.exchange(talk, {"intent": "start"}, "", now)

    async def _back(self, talk: Talk, incoming: Incoming, sign: Sign | None, now: datetime) -> list[Effect]:
        """After a pause or a silence. What somebody in danger adds goes out at once; nothing on the screen tells so."""
        endangered, talk.mode = talk.mode == "danger", "open"
        if sign is not Sign.RESUME:
            self._keep(talk, incoming, now)
        more: list[Effect] = [File("more")] if endangered and talk.adds else []
        return [*more, *await self._gate(talk, now)]

    async def _gate(self, talk: Talk, now: datetime) -> list[Effect]:
        """The safety question, then whatever stood before it."""
        talk.mode = "open"
        talk.behind_the_gate()
        return await self.exchange(talk, {"intent": "resume"}, "", now)

    async def _endangered(self, talk: Talk, incoming: Incoming, sign: Sign | None, now: datetime) -> list[Effect]:
        """What is written or sent goes to the officers as it comes, until the person wants the questions again."""
        if sign is Sign.RESUME or incoming.kind in {"choice", "start"}:
            return await self._gate(talk, now)
        talk.keep_words(incoming.text, now, kind=_kind(incoming))
        return [File("more")] if talk.adds else [self.conduct.say(talk, "unsupported")]

    async def _after(self, talk: Talk, incoming: Incoming, sign: Sign | None, now: datetime) -> list[Effect]:
        """The questions are over: what people ask is answered, what they add goes to the officers as it comes."""
        if incoming.kind == "text" and (code := self.safety.language(incoming.text)):
            return await self.exchange.switch(talk, code, now)
        if incoming.kind == "text" and sign is not Sign.RESUME:
            intent, effects = await self.exchange.beside(talk, incoming.text, now)
            if effects or intent in CONTROL:
                return [*(effects or self.conduct.after(talk)), *self._added(talk)]
        if talk.done and sign is not Sign.RESUME:
            talk.keep_words(incoming.text, now, kind=_kind(incoming))
        return self._added(talk) or self.conduct.after(talk)

    def _added(self, talk: Talk) -> list[Effect]:
        return [File("more")] if talk.done and talk.mode == "closed" and talk.adds else []

    async def _answer(self, talk: Talk, incoming: Incoming, sign: Sign | None, now: datetime) -> list[Effect]:
        if incoming.kind == "text" and (code := self.safety.language(incoming.text)):
            return await self.exchange.switch(talk, code, now)
        if incoming.kind in {"media", "location"}:
            talk.keep_words(incoming.text, now, kind=_kind(incoming))
            heard: list[Effect] = [self.conduct.say(talk, "place_ok")] if incoming.kind == "location" else []
            return [*heard, *await self.exchange(talk, self._given(talk), "", now)]
        if incoming.kind == "unsupported" or incoming.edited:
            key = "edited" if incoming.edited else "unsupported"
            talk.keep_words(incoming.text, now, kind="edited")
            return [self.conduct.say(talk, key), *await self.exchange(talk, {"intent": "resume"}, "", now)]
        if incoming.kind == "start" or sign is Sign.RESUME:
            return await self.exchange(talk, {"intent": "start" if incoming.kind == "start" else "resume"}, "", now)
        message = engine_message(talk, incoming)
        # A digit or a button's own title is a choice, not words of a person.
        return await self.exchange(talk, message, message.get("text", ""), now)

    def _given(self, talk: Talk) -> dict[str, Any]:
        """A picture, voice or place answers a question for own words; at any other question it is kept beside it."""
        return {"choice": ["given"]} if talk.asked in self.questions.own_words else {"intent": "resume"}

    def _keep(self, talk: Talk, incoming: Incoming, now: datetime) -> None:
        """Words before the questions, or on coming back; one word alone is a greeting."""
        if talk.consent == "none":
            return
        if incoming.kind != "start" and (incoming.kind != "text" or len(incoming.text.split()) > 1):
            talk.keep_words(incoming.text, now, kind=_kind(incoming))


def _kind(incoming: Incoming) -> str:
    return "location" if incoming.kind == "location" else "text"

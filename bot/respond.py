"""What one message leads to: signs first, then the mode of the conversation, then the engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot import asides
from bot.channels import Incoming
from bot.choices import engine_message
from bot.conduct import MOST_CALM, Conduct, note
from bot.conversation import Aside, Talk
from bot.dialogue import Reply
from bot.effects import Effect, File, Leave
from bot.exchange import CONTROL, DANGER, LONG, SURE, Exchange
from bot.first_words import FirstWords
from bot.questions import Questions
from bot.reentry import QUESTION as REENTRY
from bot.safety import Safety, Sign


@dataclass(frozen=True, slots=True)
class Respond:
    """Holds what an answer is made with; keeps nothing of a conversation."""

    exchange: Exchange
    safety: Safety
    conduct: Conduct
    questions: Questions
    first_words: FirstWords

    async def __call__(self, talk: Talk, incoming: Incoming, silent: bool, now: datetime) -> list[Effect]:
        """`silent`: more than `bot.conversation.SILENCE` passed since the person's last message."""
        if incoming.kind in {"opted_out", "unreachable"}:
            return [Leave(None)]
        aside, talk.aside = talk.aside, None
        sign = self.safety.look(incoming.text)
        if sign and (effects := self._sign(talk, incoming, sign, now)):
            return effects
        if sign is Sign.DISTRESS and (effects := self._distressed(talk, incoming, aside, silent, now)):
            return effects
        if talk.mode == "new":
            return await self._begin(talk, incoming, aside, sign, now)
        if silent or talk.mode == "paused":
            return await self._back(talk, incoming, sign, now)
        match talk.mode:
            case "cover":
                return await self._gate(talk, now) if sign is Sign.RESUME else self.conduct.cover(talk)
            case "danger":
                return await self._endangered(talk, incoming, sign, now)
        if aside and (effects := await self._aside(talk, aside, incoming, now)):
            return effects
        if talk.entrance and talk.entrance.asked:
            return await self._entering(talk, incoming, sign, now)
        if talk.mode == "closed":
            return await self._after(talk, incoming, sign, now)
        return await self._answer(talk, incoming, sign, now)

    def _sign(self, talk: Talk, incoming: Incoming, sign: Sign, now: datetime) -> list[Effect]:
        match sign:
            case Sign.EXIT:
                return self.conduct.leave(talk)
            case Sign.WITHDRAW:
                return self.conduct.withdraw(talk)
            case Sign.DANGER | Sign.SELF_HARM:
                talk.keep_words(incoming.text, now, urgent=True)
                return self.conduct.danger(talk, sign)
            case Sign.WATCHED:
                return self.conduct.cover(talk)
            case Sign.PAUSE if talk.mode != "cover":
                return self.conduct.later(talk)
        return []

    def _distressed(self, talk: Talk, incoming: Incoming, aside: Aside | None, silent: bool,
                    now: datetime) -> list[Effect]:  # fmt: skip
        """The officers are told in any case; before it is safe to write, the safety question comes first."""
        agreed = talk.consent != "none"
        if agreed:
            note(talk.flags, "distress")
        calls = talk.mode in {"open", "closed"} and talk.slots.get("safe") == "ready"
        if silent or not calls or talk.shut:
            return []
        if agreed:
            talk.keep_words(incoming.text, now, urgent=True)
        return self.conduct.distress(talk, aside)

    # Who begins, and who comes back.

    async def _begin(self, talk: Talk, incoming: Incoming, aside: Aside | None, sign: Sign | None,
                     now: datetime) -> list[Effect]:  # fmt: skip
        if aside:
            self._settle_language(talk, aside, incoming)
        heard = await self._heard(talk, incoming)
        talk.mode = "open"
        if effects := self._alarm(talk, incoming, sign, heard, now):
            return effects
        self.keep(talk, incoming, now)
        if not talk.language_known:
            talk.mode = "new"
            return [asides.put_language(self.conduct.texts, talk)]
        return self._with_person(talk, heard, await self.exchange(talk, {"intent": "start"}, "", now))

    def _settle_language(self, talk: Talk, aside: Aside, incoming: Incoming) -> None:
        """Whatever is answered, it is asked only once."""
        named = asides.chosen(talk, aside, incoming) or self.safety.language(incoming.text)
        talk.language = named or self.first_words.guess(incoming.text) or talk.language
        talk.language_known, talk.offered, talk.offered_for = True, [], ""

    async def _back(self, talk: Talk, incoming: Incoming, sign: Sign | None, now: datetime) -> list[Effect]:
        """After a pause or a silence. What somebody in danger adds goes out at once; nothing on the screen tells so."""
        endangered, talk.mode = talk.mode == "danger", "open"
        heard = None if endangered else await self._heard(talk, incoming)
        if not endangered and (effects := self._alarm(talk, incoming, sign, heard, now)):
            talk.behind_the_gate()
            return effects
        talk.shut_out()
        if sign is not Sign.RESUME:
            self.keep(talk, incoming, now, urgent=endangered)
        more: list[Effect] = [File("more")] if endangered and talk.adds else []
        return self._with_person(talk, heard, [*more, *await self._gate(talk, now)])

    async def _heard(self, talk: Talk, incoming: Incoming) -> Reply | None:
        """Words that answer no question are looked at by the model too: the lists alone may miss what they tell."""
        return await self.exchange.hear(talk, incoming.text) if incoming.kind == "text" else None

    def _alarm(self, talk: Talk, incoming: Incoming, sign: Sign | None, heard: Reply | None,
               now: datetime) -> list[Effect]:  # fmt: skip
        if sign is Sign.PERHAPS:
            return self.exchange.perhaps(talk, Sign.DANGER, incoming.text, now)
        if heard and heard.intent in DANGER:
            return self.exchange.perhaps(talk, heard.intent, incoming.text, now)
        if heard and heard.intent == "watched" and heard.confidence >= SURE:
            return self.conduct.cover(talk)
        return []

    def _with_person(self, talk: Talk, heard: Reply | None, said: list[Effect]) -> list[Effect]:
        """A person to reach, if one was asked for, before the question."""
        if heard is None or heard.intent != "human":
            return said
        return [*said[:-1], *self.conduct.reachable(talk), *said[-1:]]

    async def _gate(self, talk: Talk, now: datetime) -> list[Effect]:
        """The safety question, then whatever stood before it."""
        talk.mode = "open"
        talk.behind_the_gate()
        return await self.exchange(talk, {"intent": "resume"}, "", now)

    async def _entering(self, talk: Talk, incoming: Incoming, sign: Sign | None, now: datetime) -> list[Effect]:
        """The word for coming back is due. What anybody may ask is answered; nothing else is shown or kept."""
        assert talk.entrance
        if incoming.kind == "text" and (code := self.safety.language(incoming.text)):
            talk.language = code
            return [self.conduct.say(talk, "language_changed"), *self.conduct.word(talk)]
        if incoming.kind != "text" or incoming.edited or sign is Sign.RESUME:
            return self.conduct.word(talk)
        if talk.enter(incoming.text):
            return await self.exchange(talk, {"choice": ["ready"]}, "", now)
        heard = await self._heard(talk, incoming)
        if effects := self._alarm(talk, incoming, sign, heard, now):
            return effects
        if effects := self.exchange.public(talk, heard):
            return [*effects, *self.conduct.word(talk)]
        talk.entrance.misses += 1
        return self.conduct.word(talk)

    # Beside the questions.

    async def _aside(self, talk: Talk, aside: Aside, incoming: Incoming, now: datetime) -> list[Effect]:
        """What the answer to an aside leads to; nothing for an ordinary message."""
        code, heard = asides.chosen(talk, aside, incoming), None
        if code is None and incoming.kind == "text" and not incoming.edited:
            heard = await self.exchange.hear(talk, incoming.text)
            code = asides.MEANT[aside.name].get(heard.intent) if heard else None
        if code is None and aside.name == asides.CALM and aside.again < MOST_CALM and incoming.kind != "choice":
            return self._still_calm(talk, aside, incoming, heard, now)
        match aside.name, code:
            case asides.DANGER, "yes":
                self.conduct.answered(talk)
                if talk.consent == "none":  # else they were kept as they came
                    talk.keep_words(aside.words, now, urgent=True)
                talk.keep_words(incoming.text, now, urgent=True)
                return self.conduct.danger(talk, aside.sign)
            case asides.DANGER, "no":
                self.conduct.answered(talk)
                return [self.conduct.say(talk, "confirm_no"), *await self._on(talk, now, aside.words)]
            case asides.CALM, "go_on":
                return await self._on(talk, now) or self.conduct.after(talk)
            case asides.CALM, "person":
                return [*self.conduct.numbers(talk, "human"), self.conduct.calm(talk)]
            case asides.CALM, "pause":
                return self.conduct.later(talk)
        return []

    def _still_calm(self, talk: Talk, aside: Aside, incoming: Incoming, heard: Reply | None,
                    now: datetime) -> list[Effect]:  # fmt: skip
        """Who goes on telling is listened to once more before any question comes; what anybody may ask is answered."""
        answered = self.exchange.public(talk, heard)
        if not answered:
            talk.keep_words(incoming.text, now, kind=_kind(incoming))
        return [*answered, self.conduct.calm(talk, aside.again + 1)]

    async def _on(self, talk: Talk, now: datetime, said: str = "") -> list[Effect]:
        """Whatever stood before the aside. `said`: what brought it, if that was harmless."""
        if talk.entrance and talk.entrance.asked:
            return self.conduct.word(talk)
        return [] if talk.mode == "closed" else await self.exchange.after_all(talk, said, now)

    async def _endangered(self, talk: Talk, incoming: Incoming, sign: Sign | None, now: datetime) -> list[Effect]:
        """What is written or sent goes to the officers as it comes, until the person wants the questions again."""
        if incoming.choice.startswith(asides.PREFIX):  # tapped twice
            return self.conduct.call(talk)
        if sign is Sign.RESUME or incoming.kind in {"choice", "start"}:
            return await self._gate(talk, now)
        talk.keep_words(incoming.text, now, kind=_kind(incoming), urgent=True)
        heard = await self._heard(talk, incoming)
        if heard and heard.intent == "watched" and heard.confidence >= SURE:
            return [*self.conduct.cover(talk), File("more")]
        numbers = self.conduct.numbers(talk, "human") if heard and heard.intent == "human" else []
        return [*numbers, File("more")] if talk.adds else [self.conduct.say(talk, "unsupported")]

    async def _after(self, talk: Talk, incoming: Incoming, sign: Sign | None, now: datetime) -> list[Effect]:
        """The questions are over: what people ask is answered, what they add goes to the officers as it comes."""
        if sign is Sign.PERHAPS:
            return self.exchange.perhaps(talk, Sign.DANGER, incoming.text, now)
        if incoming.kind == "text" and (code := self.safety.language(incoming.text)):
            return await self.exchange.switch(talk, code, now)
        if incoming.kind == "text" and sign is not Sign.RESUME:
            intent, effects = await self.exchange.beside(talk, incoming.text, now)
            if effects or (intent in CONTROL and len(incoming.text.split()) < LONG):
                return [*(effects or self.conduct.after(talk)), *self._added(talk)]
        if talk.done and sign is not Sign.RESUME:
            talk.keep_words(incoming.text, now, kind=_kind(incoming))
        return self._added(talk) or self.conduct.after(talk)

    def _added(self, talk: Talk) -> list[Effect]:
        """While an aside stands its answer comes first."""
        return [File("more")] if talk.done and talk.mode == "closed" and talk.adds and not talk.aside else []

    # An answer.

    async def _answer(self, talk: Talk, incoming: Incoming, sign: Sign | None, now: datetime) -> list[Effect]:
        if sign is Sign.PERHAPS:
            return self.exchange.perhaps(talk, Sign.DANGER, incoming.text, now)
        if incoming.kind == "text" and (code := self.safety.language(incoming.text)):
            return await self.exchange.switch(talk, code, now)
        if incoming.kind in {"media", "location"}:
            talk.keep_words(incoming.text, now, kind=_kind(incoming))
            heard: list[Effect] = [self.conduct.say(talk, "place_ok")] if incoming.kind == "location" else []
            return [*heard, *await self.exchange(talk, self._given(talk), "", now)]
        if incoming.kind == "unsupported" or incoming.edited:
            return await self._unread(talk, incoming, now)
        if incoming.kind == "start" or sign is Sign.RESUME:
            return await self.exchange(talk, {"intent": "start" if incoming.kind == "start" else "resume"}, "", now)
        message, chosen = engine_message(talk, incoming), talk.entrance is not None
        # A digit or a button's own title is a choice, not words of a person.
        effects = await self.exchange(talk, message, message.get("text", ""), now)
        if talk.entrance and not chosen:
            talk.entrance.thread = list(incoming.thread)
        return effects

    async def _unread(self, talk: Talk, incoming: Incoming, now: datetime) -> list[Effect]:
        """A message that can't be read, or was changed: what it says now is kept, but for the word for coming back."""
        key = "edited" if incoming.edited else "unsupported"
        if not (talk.entrance and set(talk.entrance.thread) & set(incoming.thread)):
            talk.keep_words(incoming.text, now, kind="edited")
        return [self.conduct.say(talk, key), *await self.exchange(talk, {"intent": "resume"}, "", now)]

    def _given(self, talk: Talk) -> dict[str, Any]:
        """A picture, voice or place answers a question for own words; at any other question it is kept beside it."""
        own_words = self.questions.own_words - {REENTRY}
        return {"choice": ["given"]} if talk.asked in own_words else {"intent": "resume"}

    def keep(self, talk: Talk, incoming: Incoming, now: datetime, *, urgent: bool = False) -> None:
        """Words before the questions, or on coming back; one word alone is a greeting."""
        if talk.consent == "none":
            return
        if incoming.kind != "start" and (incoming.kind != "text" or len(incoming.text.split()) > 1):
            talk.keep_words(incoming.text, now, kind=_kind(incoming), urgent=urgent)


def _kind(incoming: Incoming) -> str:
    return "location" if incoming.kind == "location" else "text"

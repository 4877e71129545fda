"""What was tapped or typed, as codes of the question that stands: a button's value, its title, its digits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.channels import Button, Incoming
from bot.conversation import Talk
from bot.texts import plain

_DIGITS = re.compile(r"\d{1,2}(?:[\s,;.y&+-]+\d{1,2})*[\s.,)]*")


def buttons(question: str, offered: Sequence[tuple[str, str]]) -> tuple[Button, ...]:
    """Values carry their question, so that an old button can't answer a new question."""
    return tuple(Button(title, f"{question}={code}") for code, title in offered)


def engine_message(talk: Talk, incoming: Incoming) -> dict[str, Any]:
    """The message as the engine takes it: `choice` with codes, `text`, or `intent` for an outdated button."""
    if incoming.kind == "choice":
        question, _, code = incoming.choice.partition("=")
        standing = question == talk.offered_for and code in dict(talk.offered)
        return {"choice": [code]} if standing else {"intent": "resume"}
    if codes := typed(talk.offered, incoming.text):
        return {"choice": codes}
    return {"text": incoming.text}


def typed(offered: Sequence[tuple[str, str]], text: str) -> list[str]:
    """Codes behind digits ("2", "1, 3") or a button's own words; empty when the text is anything else."""
    if _DIGITS.fullmatch(text.strip()):
        places = [int(digits) for digits in re.findall(r"\d+", text)]
        if all(1 <= place <= len(offered) for place in places):
            return list(dict.fromkeys(offered[place - 1][0] for place in places))
        return []
    said = plain(text)
    return [code for code, title in offered if said and plain(title) == said][:1]

"""What a report holds, and its exact bytes: `report.json` (schema faro-report/1) and `report.txt`, for people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from bot import htcds, report_text
from bot.draft import Answer, Draft, Said
from bot.indicators import AnswerMap, shipped
from bot.questions import Questions
from bot.questions import shipped as shipped_questions
from bot.screening import Screening, codes_of, screen
from bot.time_zones import zone_of

SCHEMA = "faro-report/1"
NOT_ASKED = "not_asked"
CONTACTABLE = frozenset({"confidential", "share"})  # who stays anonymous leaves no way to be reached
BY_CODE = "by_code"  # added later with a receipt code, perhaps by another
FLOOD, REPEATED = "flood", "repeated"  # signs of a prank, or of many people in need (bot/floods.py, bot/pace.py)
MANY = frozenset({FLOOD, REPEATED})

# Colombia, Código Penal art. 188B (what makes the crime graver), and what an officer must see first.
FLAGS = ("minor", "age_not_said", "under_12", "disability_or_drugged", "relative_or_partner", "official_involved",
         "serious_harm", "armed_group", "without_consent", "distress", BY_CODE, FLOOD, REPEATED)  # fmt: skip

# Where an address is the key to what is said there, and nobody else can write to it.
HANDLES = frozenset({"web"})
# Part of the contact plan -> the question that it answers.
WISHES = {"how": "N2_how", "when": "N2_when", "words": "N2_words", "if_another": "N2_other"}

_POINT = re.compile(r"(-?\d{1,3}(?:\.\d+)?)\s*,\s*(-?\d{1,3}(?:\.\d+)?)")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Report:
    """`body` is the content of report.json, made by `build` or read from a file."""

    body: Mapping[str, Any]

    @classmethod
    def from_bytes(cls, data: bytes) -> Report:
        """Raises `ValueError` if it is no report of this schema."""
        try:
            body = orjson.loads(data)
        except orjson.JSONDecodeError:
            raise ValueError("not JSON") from None  # its own error carries the text
        if not isinstance(body, dict) or body.get("schema") != SCHEMA:
            raise ValueError("not a report of schema " + SCHEMA)
        return cls(body)

    @property
    def tier(self) -> str:
        return str(self.body["tier"])

    @property
    def flags(self) -> frozenset[str]:
        return frozenset(self.body["flags"])

    def json_bytes(self) -> bytes:
        """Canonical: UTF-8, members sorted, no white space, whole numbers only."""
        return orjson.dumps(self.body, option=orjson.OPT_SORT_KEYS)

    def text(self, language: str) -> str:
        """For an officer who reads `language` (es, en)."""
        return report_text.render(self.body, language)


def build(draft: Draft, *, answer_map: AnswerMap | None = None, questions: Questions | None = None) -> Report:
    """Raises `ValueError` for a flag that is none of `FLAGS`. Nothing that the draft holds is left out, except the
    address of a person who did not agree to be written to."""
    scored, asked = answer_map or shipped(), questions or shipped_questions()
    derived = asked.derived(draft.codes)
    age, branch = draft.code("age"), derived.get("branch")
    result = screen(draft.codes, branch=branch, age=age, urgent=draft.urgent,
                    landing_within_24h=draft.landing_within_24h, answer_map=scored)  # fmt: skip
    body = {
        "schema": SCHEMA, "report_id": draft.report_id, "follows": draft.follows, "practice": draft.practice,
        "partial": None if draft.cause == "complete" else {"cause": draft.cause},
        "started": minute(draft.started), "filed": minute(draft.filed),
        "tier": result.tier, "flags": _flags(draft, age, result),
        "reporter": derived.get("reporter", NOT_ASKED), "phase": branch,
        "situation": draft.code("situation") or NOT_ASKED,
        "person": {"age": age or NOT_ASKED, "is_minor": age == "minor", "citizenship": _citizenship(draft)},
        "place": _place(draft),
        "source": _source(draft),
        "consent": _consent(draft), "contact": _contact(draft),
        "answers": [_answer(name, draft.answers.get(name), asked.instrument) for name in asked.ids],
        "story": [_said(said) for said in draft.story if not _point(said)],
        "attachments": [{"name": a.name, "media_type": a.media_type, "size": a.size, "at": minute(a.at),
                         "metadata_removed": a.checked} for a in draft.attachments],
        "screening": result.to_json() | {"note": "self_report_not_an_assessment"},
    }  # fmt: skip
    return Report(body | {"htcds": htcds.derive(body, scored)})


def minute(at: str) -> str:
    """ISO 8601 to the minute, UTC. Finer is not needed to help anybody."""
    return datetime.fromisoformat(at).astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def clean(text: str) -> str:
    """Words as written; only what UTF-8 can't hold is replaced."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def _answer(name: str, answer: Answer | None, instrument: str) -> dict[str, Any]:
    codes = sorted(codes_of(answer.value)) if answer else []
    state = NOT_ASKED if answer is None else codes[0] if codes in (["skipped"], ["not_sure"]) else "answered"
    value = (codes if isinstance(answer.value, tuple) else codes[0]) if answer and state == "answered" else None
    return {"question": name, "version": instrument, "value": value, "state": state,
            "language": answer.language if answer else None, "at": minute(answer.at) if answer else None,
            "words": [clean(text) for text in answer.words] if answer else []}  # fmt: skip


def _said(said: Said) -> dict[str, Any]:
    return {"text": clean(said.text), "at": minute(said.at), "language": said.language, "about": said.about or None,
            "kind": said.kind}  # fmt: skip


def _flags(draft: Draft, age: str | None, result: Screening) -> list[str]:
    if set(draft.flags) - set(FLAGS):
        raise ValueError("unknown flag")
    told = codes_of(draft.codes.get("Q6_what")) | codes_of(draft.codes.get("Q9"))
    level = draft.code("consent")
    found = {
        "minor": age == "minor",
        "age_not_said": age == "rather_not",
        "serious_harm": "hurt" in told or "injury" in result.urgent,
        "armed_group": "armed" in told,
        "official_involved": draft.code("official") == "yes",
        "without_consent": level in {None, "none"},
    }
    return [flag for flag in FLAGS if flag in draft.flags or found.get(flag)]


def _country(code: str | None) -> str | None:
    """An answer that is a country; other codes say why there is none."""
    return code if code and re.fullmatch("[A-Z]{2}", code) else None


def _citizenship(draft: Draft) -> list[str]:
    told = _country(draft.code("citizenship"))
    return sorted({*draft.citizenship, *([told] if told else [])})


def _place(draft: Draft) -> dict[str, Any]:
    points = [point for said in draft.story if (point := _point(said))]
    return {"country": _country(draft.code("country")), "points": points}


def _point(said: Said) -> dict[str, str] | None:
    """A place that the phone sent, in digits as sent: canonical JSON has no fractions."""
    found = _POINT.fullmatch(said.text.strip()) if said.kind == "location" else None
    return {"latitude": found[1], "longitude": found[2], "at": minute(said.at)} if found else None


def _source(draft: Draft) -> dict[str, Any]:
    """The channel, and of the card its code, where it hung and where its holders go: what it says, not the person."""
    card = {"placement": draft.placement, "place": draft.place, "route": draft.route, "destination": draft.destination}
    told = {name: clean(value) or None for name, value in card.items()}
    return {"channel": draft.channel, "language": draft.language, **told}


def _consent(draft: Draft) -> dict[str, Any]:
    answer = draft.answers.get("consent")
    return {"level": draft.code("consent") or NOT_ASKED, "at": minute(answer.at) if answer else None,
            "language": answer.language if answer else None, "units": _units(draft),
            "destination": draft.presumed or None}  # fmt: skip


def _units(draft: Draft) -> list[str]:
    """Who may read it, as the person chose; who chose nobody was told that only the coordination receives it."""
    chosen = codes_of(draft.codes.get("agencies")) if draft.code("consent") == "share" else frozenset()
    nobody = chosen & {"skipped", "not_sure"}
    return sorted({*draft.units, *(["coordination"] if nobody else chosen)})


def _contact(draft: Draft) -> dict[str, Any]:
    """The plan that the person made, in their own words; whose clock counts is known where a country has one."""
    choice = draft.code("N2") if draft.code("consent") in CONTACTABLE else None
    planned = choice in {"here", "other"}
    wishes = {name: [clean(text) for text in draft.words(question)] if planned else []
              for name, question in WISHES.items()}  # fmt: skip
    address = draft.address if choice == "here" and draft.channel not in HANDLES else None
    return {"choice": choice or NOT_ASKED, "address": address, **wishes,
            "phones": list(draft.phones("N2_how")) if planned else [],
            "time_zone": zone_of(_country(draft.code("country"))) if planned else None}  # fmt: skip

"""The note that an officer reads: plain text, each answer with the person's own words beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale, localedata

from bot.indicators import shipped

DATA = Path(__file__).parent / "data"
SPOKEN = Path(__file__).parent.parent / "nlu" / "data"
RULE = "-" * 72
COUNTRIES = frozenset({"country", "citizenship"})
# Answers that another part of the note states; their own words, where there are any, stand among the answers.
TOLD = frozenset({"safe", "age", "situation", "their_situation", "country", "citizenship", "consent", "agencies",
                  "arrival"})  # fmt: skip
PLAN = frozenset({"N2_how", "N2_when", "N2_words", "N2_other"})

# Control characters can rewrite a terminal, and direction marks can turn a line around before a reader's eyes.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Words:
    """Labels of one officer language, and the wording that people saw in it where a label is missing."""

    label: Mapping[str, Any]
    spoken: Mapping[str, Any]
    language: str

    @classmethod
    def load(cls, language: str) -> Words:
        """Raises `FileNotFoundError` for a language that has no `bot/data/intake.<language>.yml`."""
        label = yaml.safe_load((DATA / f"intake.{language}.yml").read_text(encoding="utf-8"))
        say = SPOKEN / language / "say.yml"
        spoken = yaml.safe_load(say.read_text(encoding="utf-8")) if say.exists() else {"questions": {}, "options": {}}
        return cls(label, spoken, language)

    def question(self, name: str) -> str:
        asked = self.spoken["questions"].get(name, {}).get("ask", name)
        return str(self.label["questions"].get(name, asked))

    def code(self, question: str, code: str) -> str:
        own = self.label["by_question"].get(question, {}) | self.label["states"]
        options = self.spoken["questions"].get(question, {}).get("options", {})
        return str(own.get(code) or self.label["codes"].get(code) or options.get(code) or code)

    def codes(self, question: str, value: str | Sequence[str] | None, state: str) -> str:
        if value is None:
            return str(self.label["states"][state])
        given = [value] if isinstance(value, str) else sorted(value, key=lambda code: code in {"other", "none"})
        return ", ".join(self.code(question, code) for code in given)

    def country(self, code: str | None) -> str:
        if code is None:
            return str(self.label["none_given"])
        return f"{self._name('territories', code)} ({code})"

    def speech(self, code: str) -> str:
        return self._name("languages", code)

    def indicator(self, name: str) -> str:
        """Its meaning; the bare id for one that this version does not know."""
        known = shipped().indicators.get(name)
        return known.meaning.get(self.language, name) if known else name

    def _name(self, kind: str, code: str) -> str:
        names = getattr(Locale.parse(self.language), kind) if localedata.exists(self.language) else {}
        return str(names.get(code, code))

    def named(self, table: str, keys: Sequence[str]) -> str:
        return "; ".join(str(self.label[table].get(key, key)) for key in keys)


@cache
def words_of(language: str) -> Words:
    """Files of the program, read once."""
    return Words.load(language)


def languages() -> list[str]:
    """Languages that officers can read a report in."""
    return sorted(path.suffixes[-2][1:] for path in DATA.glob("intake.*.yml"))


def render(body: Mapping[str, Any], language: str) -> str:
    """The whole note. Every value is made harmless for a terminal; words stay as written behind `>`."""
    words = words_of(language)
    parts = {"first": _first, "about": _about, "contact": _contact, "consent": _consent, "story": _story,
             "answers": _answers, "attachments": _attachments, "indicators": _indicators}  # fmt: skip
    lines = [*_head(body, words)]
    for number, (name, part) in enumerate(parts.items(), 1):
        lines += ["", f"{number}. {words.label['sections'][name].upper()}", RULE, *part(body, words)]
    return "\n".join(harmless(line) for line in lines) + "\n"


def harmless(line: str) -> str:
    """One line without characters that act: each is shown by its number."""
    return _UNSAFE.sub(lambda found: f"<U+{ord(found[0]):04X}>", line)


def _head(body: Mapping[str, Any], words: Words) -> Iterator[str]:
    label = words.label
    yield label["title"].upper()
    yield f"{body['report_id']} · {label['times'].format(started=body['started'], filed=body['filed'])}"
    yield label["note"]
    if body["practice"]:
        yield label["practice"]
    if body["partial"]:
        yield label["partial"][body["partial"]["cause"]]
    if body["follows"]:
        yield label["follows"].format(id=body["follows"])


def _first(body: Mapping[str, Any], words: Words) -> Iterator[str]:
    label, screening = words.label, body["screening"]
    apart = label["tier_without"].format(tier=screening["scored_tier"])
    scored = f" ({apart})" if screening["scored_tier"] != body["tier"] else ""
    yield f"{label['tier']}: {label['tiers'][body['tier']]}{scored}"
    if screening["urgent"]:
        yield f"{label['urgent']}: {words.named('urgent_signs', screening['urgent'])}"
    if body["flags"]:
        yield f"{label['flags']}: {words.named('flag_names', body['flags'])}"
    if short := _in_short(body, words):
        yield f"{label['in_short']}: {'; '.join(short)}"
    wish = _given(body, "N1")
    if wish and wish["state"] == "answered":
        yield f"{label['asks_for']}: {words.codes('N1', wish['value'], wish['state'])}"
    yield f"{label['sections']['contact']}: {label['contact_choices'][body['contact']['choice']]}"


def _in_short(body: Mapping[str, Any], words: Words) -> list[str]:
    """Who, of what age, at which point of the way and where, as far as it is known."""
    label, where = words.label, _given(body, "their_situation") or _given(body, "situation")
    by = f"{label['reporter']['label']} {label['reporter'][body['reporter']]}"
    known = [by if body["reporter"] != "not_asked" else "",
             label["age"][body["person"]["age"]] if body["person"]["age"] in {"adult", "minor"} else "",
             words.codes(where["question"], where["value"], where["state"]) if where and where["value"] else "",
             words.country(body["place"]["country"]) if body["place"]["country"] else ""]  # fmt: skip
    return [one for one in known if one]


def _given(body: Mapping[str, Any], question: str) -> Mapping[str, Any] | None:
    """The answer to this question, if it was put."""
    answers: list[Mapping[str, Any]] = body["answers"]
    return next((one for one in answers if one["question"] == question and one["state"] != "not_asked"), None)


def _about(body: Mapping[str, Any], words: Words) -> Iterator[str]:
    label, person, source = words.label, body["person"], body["source"]
    unknown = label["none_given"]
    state = body["situation"] if body["situation"] in label["states"] else "answered"
    yield f"{label['reporter']['label']}: {label['reporter'][body['reporter']]}"
    yield f"{label['age']['label']}: {label['age'].get(person['age'], person['age'])}"
    yield f"{label['citizenship']}: {', '.join(map(words.country, person['citizenship'])) or unknown}"
    situation = words.codes("situation", None if state != "answered" else body["situation"], state)
    theirs = _given(body, "their_situation")
    other = f"; {words.codes('their_situation', theirs['value'], theirs['state'])}" if theirs else ""
    yield f"{label['situation']}: {situation}{other}"
    yield f"{label['country']}: {words.country(body['place']['country'])}"
    if arrival := _given(body, "arrival"):
        yield f"{label['arrival']}: {words.codes('arrival', arrival['value'], arrival['state'])}"
    for point in body["place"]["points"]:
        yield f"{label['place']}: {point['latitude']}, {point['longitude']} ({point['at']})"
    yield f"{label['source']}: {source['channel']}"
    if source["placement"]:
        yield f"{label['placement']}: {' · '.join(_card(source, words))}"
    yield f"{label['language']}: {words.speech(source['language'])}"


def _card(source: Mapping[str, Any], words: Words) -> Iterator[str]:
    """Its code, where it hangs, and where its holders go; a report of an earlier version may hold the code alone."""
    yield from (source[name] for name in ("placement", "place", "route") if source.get(name))
    if source.get("destination"):
        yield f"{words.label['card_destination']} {words.country(source['destination'])}"


def _consent(body: Mapping[str, Any], words: Words) -> Iterator[str]:
    label, consent = words.label, body["consent"]
    yield str(label["consent_levels"].get(consent["level"], consent["level"]))
    if consent["level"] == "share":
        others = [words.code("agencies", unit) for unit in consent["units"] if unit != "coordination"]
        nobody = label["consent_units_only" if consent["units"] else "consent_units_none"]
        yield f"{label['consent_units']}: {', '.join(others) or nobody}"
    if consent.get("destination"):
        yield label["consent_destination"].format(country=words.country(consent["destination"]))
    if consent["at"]:
        yield label["consent_at"].format(language=words.speech(consent["language"]), at=consent["at"])


def _contact(body: Mapping[str, Any], words: Words) -> Iterator[str]:
    label, contact = words.label, body["contact"]
    yield label["contact_choices"][contact["choice"]]
    if contact["choice"] not in {"here", "other"}:
        return
    yield label["contact_rule"]
    if contact["address"]:
        yield f"{label['contact_address']}: {contact['address']}"
    yield from _wish(contact, "how", label) if contact["how"] or contact["choice"] == "other" else ()
    for phone in contact.get("phones", ()):
        yield f"{label['contact_phones']}: {phone}"
    yield from _wish(contact, "when", label)
    zone = contact.get("time_zone")
    clock = label["contact_zone_of"].format(zone=zone) if zone else label["contact_zone_none"]
    yield f"{label['contact_zone']}: {clock}"
    yield from _wish(contact, "words", label)
    yield from _wish(contact, "if_another", label)


def _wish(contact: Mapping[str, Any], name: str, label: Mapping[str, Any]) -> Iterator[str]:
    """A report of an earlier version may not hold this part of the plan."""
    given = [line for text in contact.get(name, ()) for line in _quoted(text)]
    yield f"{label['contact_' + name]}:" + ("" if given else f" {label['none_given']}")
    yield from given


def _answers(body: Mapping[str, Any], words: Words) -> Iterator[str]:
    """What was asked, in the order asked, unless another part of the note says it; what never was, in one line."""
    label = words.label
    told = TOLD | (PLAN if body["contact"]["choice"] in {"here", "other"} else frozenset())
    put = [answer for answer in body["answers"] if answer["state"] != "not_asked"]
    if not put:
        yield label["nothing_asked"]
        return
    for answer in put:
        if answer["question"] not in told or (answer["words"] and answer["question"] not in PLAN):
            yield from _asked(answer, words)
    missing = [_question(answer, words) for answer in body["answers"]
               if answer["state"] == "not_asked" and answer["question"] not in TOLD | PLAN | {"reentry"}]  # fmt: skip
    if missing:
        yield f"{label['states']['not_asked'].capitalize()}: {'; '.join(missing)}"


def _asked(answer: Mapping[str, Any], words: Words) -> Iterator[str]:
    value = words.codes(answer["question"], answer["value"], answer["state"])
    if answer["question"] in COUNTRIES and answer["state"] == "answered":
        value = words.country(answer["value"])
    told = words.label["own_words"].format(language=words.speech(answer["language"])) if answer["words"] else ""
    yield f"{_question(answer, words)}: {value}" + (f"  [{told}, {answer['at']}]" if told else "")
    for text in answer["words"]:
        yield from _quoted(text)


def _question(answer: Mapping[str, Any], words: Words) -> str:
    """Screening questions with their number, by which case workers speak of them."""
    name = answer["question"]
    return f"{name}  {words.question(name)}" if re.fullmatch(r"[QN]\d+", name) else words.question(name)


def _story(body: Mapping[str, Any], words: Words) -> Iterator[str]:
    label = words.label
    if not body["story"]:
        yield label["none_given"]
    for said in body["story"]:
        changed = f" · {label['edited']}" if said["kind"] == "edited" else ""
        about = f" · {words.question(said['about'])}" if said["about"] else ""
        yield f"{said['at']} · {words.speech(said['language'])}{about}{changed}"
        yield from _quoted(said["text"])


def _attachments(body: Mapping[str, Any], words: Words) -> Iterator[str]:
    label = words.label
    if not body["attachments"]:
        yield label["none_given"]
    for file in body["attachments"]:
        state = label["metadata_removed" if file["metadata_removed"] else "as_received"]
        yield f"{file['name']} · {file['media_type']} · {file['size']} B · {file['at']} · {state}"


def _indicators(body: Mapping[str, Any], words: Words) -> Iterator[str]:
    label, screening = words.label, body["screening"]
    if not screening["reasons"]:
        yield label["no_indicators"]
    for reason in screening["reasons"]:
        why = label["because"].format(
            question=f"“{words.question(reason['question'])}”", answer=words.code(reason["question"], reason["code"])
        )
        weight = label["strengths"][reason["strength"]]
        yield f"{reason['indicator']}  {words.indicator(reason['indicator'])} ({weight}), {why}"
    for name, state in sorted(screening["dimensions"].items()):
        known = [label[key] for key in ("positive", "indicated") if state[key]]
        if known:
            yield f"{label['dimensions']}: {label['dimension_names'].get(name, name)}: {', '.join(known)}"


def _quoted(text: str) -> list[str]:
    """Words behind a mark on every line, so that no one can write a heading of this note."""
    return [f"    > {line}" for line in text.splitlines() or [""]]

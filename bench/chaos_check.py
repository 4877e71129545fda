"""Compares what people saw and did with what officers can open.

It only reads, and shares no code with what is tested but the officers' own: opening a report, verifying the chain.

Promises that are checked, each a word that `Verdict.problems` begins with:

lost        each acknowledged message had its effect: its words stand in the report, its choice is the answer there
double      once: no words twice, no person with two reports, no report of nobody
order       words stand in the order said, and replies came in the order of a conversation without faults
missing     each reply came: sends are at least once on each platform, and exactly once on a page (`SENDS`)
repeated    a reply came again only where its send was cut off after the platform had taken it: a worker or the database
            was killed, or the platform broke the line or never answered. What it refused with 429 or 5xx it did not
            take, and the death of a gateway or an engine cuts off no send: none of these may lead to a second one.
            On a page nothing comes again, whatever happened
silence     no acknowledged message went unanswered; without engines the answer is the numbers to call
receipt     who was told "received" has a report that opens, and who was not has none
chain       the audit chain is whole and names each report by its digest
parked      what was set aside is shown by doctor, and is what was answered by the numbers. Where its key was lost after
            that, it may be gone: nobody can read it any more, and the next delivery to its conversation replaces that
copies      what may be deleted at the platform is deleted there, or noted to be; a message that was set aside may stay
stuck       nothing waits, runs or failed in the end
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.chaos_people import NUMBERS, Diary, Known, normal

KEYS_LOST = "epoch keys lost"  # name of a fault
BATCH = 8  # replies of one turn at most, with what waited before them
SPAN_SECONDS = 1.0  # clocks of driver and platform read the same event so far apart
# The promise of each channel. No platform takes a key by which it could tell a second send of a reply from another
# reply, and a question twice is better than silence. A page's mailbox knows the numbers of replies.
SENDS = dict.fromkeys(("telegram", "whatsapp", "sms", "terminal"), "at least once") | {"web": "exactly once"}
COPIED = {"whatsapp", "sms"}  # the platform keeps copies, which are deleted there
_WORDS = re.compile(r"(?:Zarzamora|Quintopelo|Morrocoy|Tolondro|Peliagudo|Zarcillo|Cascabel)\d+x\d+")
_OWNER = re.compile(r"[A-Z][a-z]+(\d+)x")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that went wrong. `cuts`: it can cut a send off. `channels`: whose; none means all."""

    at: float
    what: str
    channels: tuple[str, ...] = ()
    cuts: bool = True


@dataclass(frozen=True, slots=True)
class Shelves:
    """What the tables say in the end. `shown`: rows that doctor shows as parked; `parked`: rows that are.
    `copies`: the platform's ids of messages that it still holds."""

    parked_messages: Sequence[int] = ()
    parked_sends: Sequence[int] = ()
    shown_messages: Sequence[int] = ()
    shown_sends: Sequence[int] = ()
    untaken: int = 0
    unsent: int = 0
    jobs: int = 0
    chain: Sequence[str] = ()
    copies: Sequence[str] = ()


@dataclass(slots=True)
class Verdict:
    """`problems`: a line for each broken promise, without words of anybody; `figures`: what was looked at; `sends`: by
    channel what is promised, how many replies were heard, and how many of these had been heard before."""

    problems: list[str] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)
    sends: dict[str, dict[str, Any]] = field(default_factory=dict)
    repeats: Counter[str] = field(default_factory=Counter)

    def of(self, promise: str) -> list[str]:
        return [line for line in self.problems if line.startswith(promise)]


def check(people: Sequence[Diary], bodies: Sequence[Mapping[str, Any]], known: Known, models: Mapping[str,
          Mapping[str, Any]], faults: Sequence[Fault], shelves: Shelves) -> Verdict:  # fmt: skip
    """`bodies`: every report that officers opened, one each; `known` and `models`: replies and report of a person who
    met no fault, by kind."""
    verdict = Verdict()
    by_owner: dict[int, list[Mapping[str, Any]]] = {}
    for body in bodies:
        by_owner.setdefault(owner(body), []).append(body)
    numbers = {diary.number for diary in people}
    verdict.problems += [f"double: a report of nobody ({number})" for number in by_owner if number not in numbers]
    for diary in people:
        verdict.problems += _person(diary, by_owner.get(diary.number, []), models[diary.kind])
        verdict.problems += _heard(diary, known[diary.kind], faults, verdict.repeats)
    verdict.problems += _shelves(people, faults, shelves)
    heard = Counter(diary.channel for diary in people for _ in diary.heard)
    verdict.sends = {channel: {"promise": promise, "replies": heard[channel], "again": verdict.repeats[channel]}
                     for channel, promise in SENDS.items() if heard[channel]}  # fmt: skip
    verdict.figures = {
        "people": len(people), "messages acknowledged": sum(len(diary.told) for diary in people),
        "answered by the numbers": sum(told.numbers for diary in people for told in diary.told),
        "replies heard": sum(len(diary.heard) for diary in people), "reports opened": len(bodies),
        "replies repeated": verdict.repeats.total(),
    }  # fmt: skip
    return verdict


def owner(body: Mapping[str, Any]) -> int:
    """The number of the person whose words a report holds; 0 if they are nobody's."""
    found = {int(number) for words in _said(body) for number in _OWNER.findall(words)}
    return found.pop() if len(found) == 1 else 0


def _said(body: Mapping[str, Any]) -> list[str]:
    """All words of the person, once each: what `contact` holds stands in the answers too."""
    return [said["text"] for said in body["story"]] + [words for one in body["answers"] for words in one["words"]]


def _person(diary: Diary, mine: Sequence[Mapping[str, Any]], model: Mapping[str, Any]) -> Iterator[str]:
    who = f"person {diary.number} ({diary.channel})"
    if diary.silent:
        yield f"silence: {who}, at step {diary.told[-1].step}"
    if diary.received != bool(mine):
        yield f"receipt: {who} was {'' if diary.received else 'not '}told it was received, and has {len(mine)} reports"
    if not mine and diary.told:
        yield f"lost: {who}, the whole report"
    if len(mine) > 1:
        yield f"double: {who} has {len(mine)} reports"
    if len(mine) == 1:
        yield from _report(who, diary, mine[0], model)


def _report(who: str, diary: Diary, body: Mapping[str, Any], model: Mapping[str, Any]) -> Iterator[str]:
    there = Counter(mark for words in _said(body) for mark in _WORDS.findall(words))
    given = [mark for told in diary.told for mark in _WORDS.findall(told.text)]
    yield from (f"lost: {who}, {_bare(mark)}" for mark in given if not there[mark])
    yield from (f"double: {who}, {_bare(mark)}" for mark, times in there.items() if times > 1)
    yield from (f"double: {who}, words that were never said" for mark in there if mark not in given)
    aside = [told.text for told in diary.told
             if told.text and told.step != diary.word and (told.numbers or told.step < diary.first)]  # fmt: skip
    said = [said["text"] for said in body["story"]]
    if diary.hurried:  # which of the two was taken first, nobody but the gateway knows
        said, aside = sorted(said), sorted(aside)
    if said != aside:
        yield f"order: {who}, what was said beside the questions"
    if answers(body) != answers(model):
        wrong = [one[0] for one, other in zip(answers(body), answers(model), strict=False) if one != other]
        yield f"lost: {who}, the answer to {', '.join(wrong)}"


def answers(body: Mapping[str, Any]) -> list[tuple[str, str, Any, list[str]]]:
    """Question, state, value and words with every mark alike, in the order of the report."""
    return [(one["question"], one["state"], one["value"], [_WORDS.sub("MARK", words) for words in one["words"]])
            for one in body["answers"]]  # fmt: skip


def _bare(mark: str) -> str:
    return re.sub(r"\d.*", "", mark)


def _heard(diary: Diary, known: Sequence[Sequence[str]], faults: Sequence[Fault],
           repeats: Counter[str]) -> Iterator[str]:  # fmt: skip
    """Walks through what was heard, beside what would have been heard without faults."""
    who, line = f"person {diary.number} ({diary.channel})", [text for step in known for text in step]
    place, last, numbers = 0, dict[str, float](), False
    for at, raw in diary.heard:
        text = normal(raw)
        if place < len(line) and text == line[place]:
            place, numbers = place + 1, False
        elif (numbers := _is_numbers(text, numbers, line)) and (
            text not in last or _answers_numbers(diary, last[text], at)
        ):
            pass
        elif text in line[max(0, place - BATCH) : place] or numbers:
            repeats[diary.channel] += 1
            if not _excused(diary, last[text], at, faults):
                yield f"repeated: {who}, {at - last[text]:.1f} s after it had come, and nothing had been cut off"
        else:
            yield f"order: {who}, at reply {place + 1} of {len(line)}"
            return
        last[text] = at
    if place < len(line):
        yield f"missing: {who}, from reply {place + 1} of {len(line)}"


def _is_numbers(text: str, behind: bool, line: Sequence[str]) -> bool:
    """The numbers, or by SMS the rest of them, which goes out as a message of its own. `behind`: such a one."""
    return NUMBERS in text or (behind and text not in line and any(letter.isdigit() for letter in text))


def _answers_numbers(diary: Diary, before: float, at: float) -> bool:
    """Was a message said since the last numbers came, that they may answer?"""
    return any(told.numbers and before <= told.at + SPAN_SECONDS and told.said <= at and told.said > before
               for told in diary.told)  # fmt: skip


def _excused(diary: Diary, before: float, at: float, faults: Sequence[Fault]) -> bool:
    return SENDS[diary.channel] == "at least once" and any(
        fault.cuts
        and before - SPAN_SECONDS <= fault.at <= at + SPAN_SECONDS
        and (not fault.channels or diary.channel in fault.channels)
        for fault in faults
    )


def _shelves(people: Iterable[Diary], faults: Sequence[Fault], shelves: Shelves) -> Iterator[str]:
    lost = max((fault.at for fault in faults if fault.what == KEYS_LOST), default=0.0)
    aside_at = [told.at for diary in people for told in diary.told if told.numbers]
    kept = sum(at > lost for at in aside_at)
    if set(shelves.parked_messages) - set(shelves.shown_messages):
        yield "parked: messages that doctor does not show"
    if set(shelves.parked_sends) - set(shelves.shown_sends):
        yield "parked: replies that doctor does not show"
    if not kept <= len(shelves.parked_messages) <= len(aside_at):
        yield f"parked: {len(shelves.parked_messages)} messages, and {len(aside_at)} were answered by the numbers"
    if shelves.parked_sends:
        yield f"missing: {len(shelves.parked_sends)} replies were set aside"
    for what, count in (("messages", shelves.untaken), ("replies", shelves.unsent), ("jobs", shelves.jobs)):
        if count:
            yield f"stuck: {count} {what}"
    yield from (f"chain: {line}" for line in shelves.chain)
    aside = sum(told.numbers for diary in people if diary.channel in COPIED for told in diary.told)
    if len(shelves.copies) > aside:
        yield f"copies: {len(shelves.copies)} messages at the platform, and {aside} were set aside"

"""The report in HTCDS v2.0, IOM's Human Trafficking Case Data Standard (CC BY 4.0), and what the standard can't hold.

Codes are derived from answers and never the only copy. What has no field goes into extension fields named x_…; a file
with the standard's fields alone says which of them it drops.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.indicators import NOT_SURE, AnswerMap
from bot.screening import codes_of

VOCABULARY = "htcds:2.0"
CONSENTED = frozenset({"anonymous", "confidential", "share"})
EVENT = {"travelling": "Transit", "in_exploitation": "Exploitation"}  # hte_Type by phase
CONTROLS = "vic_MethodsOfControl"
EXPLOITATION = "vic_TypeOfExploitation"
INDUSTRY = "vic_ForcedLabourIndustry"

# Extension field -> where the report holds it. Fields that HTCDS holds itself are not here: citizenship, places, words.
EXTENSION: Mapping[str, tuple[str, ...]] = {
    "x_schema": ("schema",),
    "x_report_id": ("report_id",),
    "x_follows": ("follows",),
    "x_practice": ("practice",),
    "x_partial": ("partial",),
    "x_started": ("started",),
    "x_filed": ("filed",),
    "x_urgency": ("tier",),
    "x_flags": ("flags",),
    "x_reporter": ("reporter",),
    "x_age_band": ("person", "age"),
    "x_is_minor": ("person", "is_minor"),
    "x_situation": ("situation",),
    "x_phase": ("phase",),
    "x_channel": ("source", "channel"),
    "x_card_id": ("source", "placement"),
    "x_card_place": ("source", "place"),
    "x_card_route": ("source", "route"),
    "x_card_destination": ("source", "destination"),
    "x_report_language": ("source", "language"),
    "x_consent_scope": ("consent",),
    "x_safe_contact": ("contact",),
    "x_answers": ("answers",),
    "x_attachments": ("attachments",),
    "x_screening": ("screening",),
}
BESIDE_ROWS = ("x_event_at", "x_story")  # what a row of the standard can't say of a place and of words


@dataclass(frozen=True, slots=True)
class Export:
    """`rows`: HTCDS group -> rows of its fields; `extension`: x_… -> value. Both together are the whole report."""

    rows: Mapping[str, list[dict[str, Any]]]
    extension: Mapping[str, Any]

    @property
    def dropped(self) -> list[str]:
        """What a file with the standard's fields alone would lose."""
        return sorted(name for name, value in self.extension.items() if value not in (None, "", [], {}))


def derive(body: Mapping[str, Any], answer_map: AnswerMap) -> dict[str, Any]:
    """The `htcds` member of a report: derived codes, derived x_… fields, and what an export without extension drops."""
    fields, marks = _of_answers(body, answer_map)
    fields |= {"vic_TraffickingStatus": "PossibleVictimOfTrafficking", "cas_Status": "Active",
               "cas_IncomingReferralDate": body["filed"][:10],
               "con_Consent": body["consent"]["level"] in CONSENTED}  # fmt: skip
    if body["person"]["citizenship"]:
        fields["prs_Citizenship"] = list(body["person"]["citizenship"])
    dropped = sorted({*Export({}, _extension(body)).dropped, *marks})
    return {"vocabulary": VOCABULARY, "fields": fields, "extension": dict.fromkeys(sorted(marks), True),
            "dropped": dropped}  # fmt: skip


def export(body: Mapping[str, Any]) -> Export:
    """A report as rows of the standard and an extension; `restore` makes the same report of it."""
    fields = body["htcds"]["fields"]
    groups = {"person": ("prs_",), "victim": ("vic_",), "case": ("cas_",), "consent": ("con_",)}
    rows = {name: [{key: value for key, value in fields.items() if key.startswith(prefix)}]
            for name, prefix in groups.items()}  # fmt: skip
    rows["event"] = _events(body)
    rows["note"] = [{"cco_CaseComment": said["text"]} for said in body["story"]]
    return Export(rows, _extension(body) | body["htcds"]["extension"])


def restore(exported: Export, answer_map: AnswerMap) -> dict[str, Any]:
    """The report again. Raises `KeyError` when the extension is not complete."""
    body: dict[str, Any] = {}
    for name, path in EXTENSION.items():
        _put(body, path, exported.extension[name])
    _put(body, ("person", "citizenship"), list(exported.rows["person"][0].get("prs_Citizenship", [])))
    body["place"] = _place(exported.rows["event"], exported.extension["x_event_at"])
    texts = [row["cco_CaseComment"] for row in exported.rows["note"]]
    about = exported.extension["x_story"]
    body["story"] = [{**said, "text": text} for said, text in zip(about, texts, strict=True)]
    return body | {"htcds": derive(body, answer_map)}


def _of_answers(body: Mapping[str, Any], answer_map: AnswerMap) -> tuple[dict[str, Any], set[str]]:
    """Codes and marks of what was plainly said; an answer of "not sure" states nothing."""
    sets: dict[str, set[str]] = {CONTROLS: set(), EXPLOITATION: set(), INDUSTRY: set(), "x": set()}
    for answer in body["answers"]:
        for code in codes_of(answer["value"]) - {NOT_SURE}:
            for field, codes in _codes(answer["question"], str(body["phase"]), code, answer_map).items():
                sets[field].update(codes)
    marks = sets.pop("x")
    if sets[EXPLOITATION] and body["phase"] == "travelling":
        marks.add("x_exploitation_expected_not_begun")
    fields: dict[str, Any] = {field: sorted(codes) for field, codes in sets.items() if codes}
    if INDUSTRY in fields:
        fields[INDUSTRY] = fields[INDUSTRY][0]  # the standard's field takes one; only one industry can be told here
    return fields, marks


def _codes(question: str, branch: str, code: str, answer_map: AnswerMap) -> Mapping[str, Sequence[str]]:
    if (question, code) == ("Q9", "other"):
        return {EXPLOITATION: ["Other"], "x": ["x_exploitation_other_in_words"]}
    found: dict[str, list[str]] = {}
    for indicator in answer_map.indicators_of(question, branch, code):
        for field, codes in indicator.htcds.items():
            found.setdefault(field, []).extend(codes)
    return found


def _extension(body: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: _get(body, path) for name, path in EXTENSION.items()}
    about = [{key: value for key, value in said.items() if key != "text"} for said in body["story"]]
    return plain | {"x_event_at": [point["at"] for point in body["place"]["points"]], "x_story": about}


def _events(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row for every point that was sent, or one with the country alone."""
    place = body["place"]
    base = {"hte_Country": place["country"]} if place["country"] else {}
    if body["phase"]:
        base["hte_Type"] = EVENT[body["phase"]]
    points = [{"hte_Latitude": p["latitude"], "hte_Longitude": p["longitude"]} for p in place["points"]]
    return [{**base, **point} for point in points] or ([base] if place["country"] else [])


def _place(rows: Sequence[Mapping[str, Any]], at: Sequence[str]) -> dict[str, Any]:
    located = [row for row in rows if "hte_Latitude" in row]
    points = [{"latitude": row["hte_Latitude"], "longitude": row["hte_Longitude"], "at": when}
              for row, when in zip(located, at, strict=True)]  # fmt: skip
    return {"country": rows[0].get("hte_Country") if rows else None, "points": points}


def _get(body: Mapping[str, Any], path: Sequence[str]) -> Any:
    value: Any = body
    for step in path:
        value = value[step]
    return value


def _put(body: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for step in path[:-1]:
        body = body.setdefault(step, {})
    body[path[-1]] = value

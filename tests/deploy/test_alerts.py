"""The alert rules: each is sound, names what exists, says what to do, and fires when its condition is there."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from promql_parser import parse, parse_duration

from bot.metrics import SPECS, Metrics
from tests.deploy.promql import Samples, fires, grouped, used

FILE = Path(__file__).parents[2] / "deploy" / "alerts.yml"
RULES: list[dict[str, Any]] = [rule for group in yaml.safe_load(FILE.read_text())["groups"] for rule in group["rules"]]
BY_NAME = {rule["alert"]: rule for rule in RULES}
NOW = 1_800_000_000.0
OVER_TIME = {"FaroTurnsGivenUp", "FaroSlow", "FaroForgeries"}  # ask for a span of time, which is parsed and not played


def test_the_file_is_what_prometheus_expects() -> None:
    content = yaml.safe_load(FILE.read_text())
    assert set(content) == {"groups"}
    assert len({group["name"] for group in content["groups"]}) == len(content["groups"])
    assert len(RULES) == len(BY_NAME) == 23
    for rule in RULES:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"page", "ticket"}
        parse(rule["expr"])
        if "for" in rule:
            parse_duration(rule["for"])


def test_each_says_in_a_sentence_what_is_and_what_to_do() -> None:
    for rule in RULES:
        assert set(rule["annotations"]) == {"summary", "do"}, rule["alert"]
        for text in rule["annotations"].values():
            assert re.fullmatch(r"[A-Z].{20,}\.", text), rule["alert"]
        named = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        assert named <= grouped(rule["expr"]), rule["alert"]


def test_each_named_metric_label_and_value_exists() -> None:
    specs = {spec.name: spec for spec in SPECS}
    looked = 0
    for rule in RULES:
        for name, labels in used(rule["expr"]):
            spec = specs[re.sub(r"_(bucket|count|sum)$", "", name)]
            assert (spec.name == name) != (spec.kind == "histogram"), name
            for label, value in labels.items():
                assert value in spec.labels[label], rule["alert"]
            assert grouped(rule["expr"]) <= {*spec.labels, "le"}
            looked += 1
    assert looked >= len(RULES)


# Played: a place where all is well, and what is wrong with it one by one.


def well() -> dict[str, dict[frozenset[tuple[str, str]], float]]:
    calm = Metrics()
    for spec in SPECS:
        if spec.kind == "gauge":
            for label, values in spec.labels.items() or [("", ("",))]:
                for value in values:
                    calm.set(spec.name, 0, **({label: value} if label else {}))
    samples: dict[str, dict[frozenset[tuple[str, str]], float]] = {}
    for family in calm.families():
        for sample in family.samples:
            samples.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
    for name, value in (("faro_workers", 2), ("faro_audit_verified", 1), ("faro_roster_days", 200),
                        ("faro_audit_checked_timestamp_seconds", NOW - 300),
                        ("faro_erased_timestamp_seconds", NOW - 300)):  # fmt: skip
        samples[name][frozenset()] = value
    for labels in samples["faro_ready"]:
        samples["faro_ready"][labels] = 1
    samples["faro_directory_numbers"][frozenset({("state", "shown")})] = 80
    samples["faro_directory_numbers"][frozenset({("state", "unverified")})] = 5
    return samples


def firing(samples: Samples) -> set[str]:
    return {name for name, rule in BY_NAME.items() if name not in OVER_TIME and fires(rule["expr"], samples, NOW)}


def test_where_all_is_well_nothing_fires() -> None:
    assert firing(well()) == set()


@pytest.mark.parametrize(("metric", "labels", "value", "expected"), [
    ("faro_message_oldest_seconds", {}, 61, {"FaroMessageWaits"}),
    ("faro_jobs_oldest_seconds", {"queue": "sends"}, 121, {"FaroQueueOld"}),
    ("faro_workers", {}, 0, {"FaroNoWorker"}),
    ("faro_ready", {"part": "engine"}, 0, {"FaroEngineAway"}),
    ("faro_ready", {"part": "database"}, 0, {"FaroDatabaseAway"}),
    ("faro_parked", {"what": "message"}, 1, {"FaroParked"}),
    ("faro_parked", {"what": "send"}, 1, {"FaroParked"}),
    ("faro_unacknowledged_oldest_seconds", {"tier": "P0"}, 901, {"FaroUrgentWaiting"}),
    ("faro_unacknowledged_oldest_seconds", {"tier": "P1"}, 9001, set()),
    ("faro_notices_oldest_seconds", {"tier": "P0"}, 121, {"FaroUrgentNotTold"}),
    ("faro_notices_oldest_seconds", {"tier": "P3"}, 3601, {"FaroNoticeStuck"}),
    ("faro_audit_verified", {}, 0, {"FaroChainBroken"}),
    ("faro_audit_checked_timestamp_seconds", {}, NOW - 3601, {"FaroChainNotWalked"}),
    ("faro_clock_skew_seconds", {}, -6, {"FaroClockSkew"}),
    ("faro_clock_skew_seconds", {}, 6, {"FaroClockSkew"}),
    ("faro_directory_numbers", {"state": "stale"}, 1, {"FaroDirectoryStale"}),
    ("faro_directory_numbers", {"state": "stale_soon"}, 1, {"FaroDirectorySoonStale"}),
    ("faro_directory_numbers", {"state": "shown"}, 0, {"FaroDirectoryEmpty"}),
    ("faro_roster_days", {}, 29, {"FaroRosterEnds"}),
    ("faro_roster_days", {}, -1, {"FaroRosterEnds", "FaroRosterGone"}),
    ("faro_erased_timestamp_seconds", {}, NOW - 3601, {"FaroNotErased"}),
    ("faro_epoch_keys", {}, 21, {"FaroKeysPileUp"}),
])  # fmt: skip
def test_what_is_wrong_fires_its_alert_and_no_other(
    metric: str, labels: dict[str, str], value: float, expected: set[str]
) -> None:
    samples = copy.deepcopy(well())
    samples[metric][frozenset(labels.items())] = value
    assert firing(samples) == expected


def test_that_nobody_tells_anything_is_told_too() -> None:
    assert firing({}) == {"FaroNothingKnown", "FaroNotErased"}


def test_every_alert_is_played_but_those_over_a_span_of_time() -> None:
    (table,) = [
        mark for mark in test_what_is_wrong_fires_its_alert_and_no_other.pytestmark if mark.name == "parametrize"
    ]
    played = {name for row in table.args[1] for name in row[3]} | {"FaroNothingKnown"}
    assert played | OVER_TIME == set(BY_NAME)

"""What may be measured: every name, its labels and all their values stand in one table, and nothing of a person does.

No label tells of a person, a conversation, a placement, a unit or an address; there are as many series on the first
day as ever.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from bot.screening import TIERS
from storage import queue

CHANNELS = ("telegram", "whatsapp", "sms", "web", "terminal")
QUEUES = (queue.TURNS, queue.SENDS, queue.DELIVERIES, queue.NOTES, queue.UPKEEP)
PARTS = ("database", "queue", "roster", "engine")
CONSOLE_CODES = ("200", "204", "400", "401", "403", "404", "405", "408", "413", "500", "503")
CONSOLE_REFUSALS = ("malformed", "challenge", "origin", "signature", "officer", "used")
NUMBERS = ("shown", "stale_soon", "stale", "unchecked", "unverified")
OTHER = "other"  # a value that the table does not know: counted, and never a new series for each
_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


@dataclass(frozen=True, slots=True)
class Spec:
    """One metric. `labels`: name to every value that it can have."""

    name: str
    kind: Literal["counter", "histogram", "gauge"]
    help: str
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


SPECS = (
    # Counted where it happens.
    Spec("faro_messages_total", "counter", "Messages of people that were committed, or had been before",
         {"channel": CHANNELS, "outcome": ("accepted", "repeated")}),
    Spec("faro_refused_total", "counter", "Deliveries that were not taken",
         {"channel": CHANNELS, "reason": ("forged", "malformed", "too_large")}),
    Spec("faro_turn_seconds", "histogram", "One try of a turn, without its sends",
         {"outcome": ("done", "failed", "given_up")}),
    Spec("faro_engine_call_seconds", "histogram", "One question to the engines",
         {"outcome": ("answered", "down", "refused", "other_model")}),
    Spec("faro_sends_total", "counter", "Replies on their way to a platform",
         {"channel": CHANNELS, "outcome": ("sent", "again", "parked", "unreachable")}),
    Spec("faro_console_answers_total", "counter", "Answers of the officers' door", {"code": CONSOLE_CODES}),
    Spec("faro_console_logins_total", "counter", "Tries to sign in at the officers' door",
         {"outcome": ("accepted", *CONSOLE_REFUSALS)}),
    # Asked of the database, by the gateway.
    Spec("faro_jobs_waiting", "gauge", "Jobs that are due and not begun", {"queue": QUEUES}),
    Spec("faro_jobs_oldest_seconds", "gauge", "How long the first of those has waited", {"queue": QUEUES}),
    Spec("faro_jobs_running", "gauge", "Jobs under way", {"queue": QUEUES}),
    Spec("faro_jobs_failed", "gauge", "Jobs that are not tried again", {"queue": QUEUES}),
    Spec("faro_message_oldest_seconds", "gauge", "How long the first unanswered message has waited"),
    Spec("faro_parked", "gauge", "What is not tried again and waits for an operator", {"what": ("message", "send")}),
    Spec("faro_notices_waiting", "gauge", "Notices to units that never went out", {"tier": TIERS}),
    Spec("faro_notices_oldest_seconds", "gauge", "How long the first of those has waited", {"tier": TIERS}),
    Spec("faro_unacknowledged", "gauge", "Reports that no officer has acknowledged", {"tier": TIERS}),
    Spec("faro_unacknowledged_oldest_seconds", "gauge", "How long the first of those has waited", {"tier": TIERS}),
    Spec("faro_reports", "gauge", "Sealed reports that are kept, practice apart", {"tier": TIERS}),
    Spec("faro_workers", "gauge", "Workers that gave a sign of life lately"),
    Spec("faro_audit_head", "gauge", "Number of the last row of the audit chain"),
    # Looked up by the worker, which has the keys and files.
    Spec("faro_audit_verified", "gauge", "1: the audit chain held when it was last walked; 0: it is broken"),
    Spec("faro_audit_checked_timestamp_seconds", "gauge", "When it was last walked"),
    Spec("faro_directory_numbers", "gauge", "Telephone numbers by what may be done with them", {"state": NUMBERS}),
    Spec("faro_roster_days", "gauge", "Days until the roster expires; below zero it has, or it is refused"),
    Spec("faro_epoch_keys", "gauge", "Keys of six hours that are not shredded yet"),
    Spec("faro_erased_timestamp_seconds", "gauge", "When what is due was last erased by this worker"),
    # By each of them.
    Spec("faro_ready", "gauge", "1: this part is ready", {"part": PARTS}),
    Spec("faro_clock_skew_seconds", "gauge", "How far the database's clock is ahead of this machine's"),
)  # fmt: skip


class Metrics:
    """Of one process. A gauge that nobody set is not shown, so that what is not known never looks like a zero."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which nobody asks for
        self.registry = CollectorRegistry()
        self._specs = {spec.name: spec for spec in SPECS}
        self._counters = {spec.name: _counter(spec, self.registry) for spec in SPECS if spec.kind == "counter"}
        self._histograms = {spec.name: _histogram(spec, self.registry) for spec in SPECS if spec.kind == "histogram"}
        self._gauges: dict[str, dict[tuple[str, ...], float]] = {}
        self.registry.register(_Gauges(self))
        ProcessCollector(registry=self.registry)

    def count(self, name: str, **labels: str) -> None:
        self._counters[name].labels(*self._closed(name, labels)).inc()

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        self._histograms[name].labels(*self._closed(name, labels)).observe(seconds)

    def set(self, name: str, value: float, **labels: str) -> None:
        self._gauges.setdefault(self._specs[name].name, {})[self._closed(name, labels)] = value

    def forget(self, *names: str) -> None:
        """These gauges are no longer known."""
        for name in names:
            self._gauges.pop(name, None)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self.registry)

    def families(self) -> Iterator[GaugeMetricFamily]:
        for name, values in list(self._gauges.items()):
            spec = self._specs[name]
            family = GaugeMetricFamily(name, spec.help, labels=tuple(spec.labels))
            for labels, value in values.items():
                family.add_metric(labels, value)
            yield family

    def _closed(self, name: str, labels: Mapping[str, str]) -> tuple[str, ...]:
        known = self._specs[name].labels
        if labels.keys() != known.keys():
            raise ValueError(name)
        return tuple(labels[label] if labels[label] in values else OTHER for label, values in known.items())


class _Gauges(Collector):
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from self._metrics.families()


def _counter(spec: Spec, registry: CollectorRegistry) -> Counter:
    return _from_the_start(spec, Counter(spec.name, spec.help, tuple(spec.labels), registry=registry))


def _histogram(spec: Spec, registry: CollectorRegistry) -> Histogram:
    made = Histogram(spec.name, spec.help, tuple(spec.labels), registry=registry, buckets=_SECONDS)
    return _from_the_start(spec, made)


def _from_the_start[M: (Counter, Histogram)](spec: Spec, metric: M) -> M:
    """Every series is there at zero: a rate then sees the first event."""
    for labels in itertools.product(*spec.labels.values()):
        metric.labels(*labels)
    return metric

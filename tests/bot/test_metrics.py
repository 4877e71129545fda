"""What may be measured, name by name; and that nothing of a conversation gets into it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.gauges import Gauges, of_worker
from bot.metrics import OTHER, SPECS, Metrics
from tests.channels.platforms.telegram import SECRET
from tests.engine import Engine, free_port
from tests.house import furnished
from tests.promises import reporting

TIERS = "P0 P1 P2 P3 P4"
CHANNELS = "telegram whatsapp sms web terminal"
QUEUES = "turns sends deliveries notes upkeep"

# Every name, its labels and all their values. Another line here is another thing that an operator can see.
WHOLE: Mapping[str, Mapping[str, str]] = {
    "faro_messages_total": {"channel": CHANNELS, "outcome": "accepted repeated"},
    "faro_refused_total": {"channel": CHANNELS, "reason": "forged malformed too_large"},
    "faro_turn_seconds": {"outcome": "done failed given_up"},
    "faro_engine_call_seconds": {"outcome": "answered down refused other_model"},
    "faro_sends_total": {"channel": CHANNELS, "outcome": "sent again parked unreachable"},
    "faro_console_answers_total": {"code": "200 204 400 401 403 404 405 408 413 500 503"},
    "faro_console_logins_total": {"outcome": "accepted malformed challenge origin signature officer used"},
    "faro_jobs_waiting": {"queue": QUEUES},
    "faro_jobs_oldest_seconds": {"queue": QUEUES},
    "faro_jobs_running": {"queue": QUEUES},
    "faro_jobs_failed": {"queue": QUEUES},
    "faro_message_oldest_seconds": {},
    "faro_parked": {"what": "message send"},
    "faro_notices_waiting": {"tier": TIERS},
    "faro_notices_oldest_seconds": {"tier": TIERS},
    "faro_unacknowledged": {"tier": TIERS},
    "faro_unacknowledged_oldest_seconds": {"tier": TIERS},
    "faro_reports": {"tier": TIERS},
    "faro_workers": {},
    "faro_audit_head": {},
    "faro_audit_verified": {},
    "faro_audit_checked_timestamp_seconds": {},
    "faro_directory_numbers": {"state": "shown stale_soon stale unchecked unverified"},
    "faro_roster_days": {},
    "faro_epoch_keys": {},
    "faro_erased_timestamp_seconds": {},
    "faro_ready": {"part": "database queue roster engine"},
    "faro_clock_skew_seconds": {},
}

# A short way to a report: whom it is for, where, what was asked, and words of the person's own.
TOLD = "me encerraron en Zarzamora, mi número es +57 300 555 0199"
ANSWERS = reporting(TOLD)


def series(shown: bytes) -> dict[str, set[tuple[tuple[str, str], ...]]]:
    """Name to label sets; the parts of a histogram under its own name."""
    found: dict[str, set[tuple[tuple[str, str], ...]]] = {}
    for family in text_string_to_metric_families(shown.decode()):
        name = family.name + ("_total" if family.type == "counter" else "")
        for sample in family.samples:
            labels = {key: value for key, value in sample.labels.items() if key != "le"}
            found.setdefault(name, set()).add(tuple(sorted(labels.items())))
    return found


def value(shown: bytes, name: str, **labels: str) -> float:
    for family in text_string_to_metric_families(shown.decode()):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return sample.value
    raise AssertionError(f"no {name} {labels}")


def test_these_are_all_names_and_labels_and_values() -> None:
    told = {spec.name: {label: " ".join(values) for label, values in spec.labels.items()} for spec in SPECS}
    assert told == WHOLE
    assert len(SPECS) == len(WHOLE) == 28


def test_what_is_counted_is_there_at_zero_and_a_gauge_that_nobody_set_is_not() -> None:
    found = series(Metrics().text())
    assert len(found["faro_messages_total"]) == 5 * 2
    assert len(found["faro_turn_seconds"]) == 3
    assert {spec.name for spec in SPECS if spec.kind == "gauge"} & set(found) == set()
    assert {name for name in found if not name.startswith("faro_")} <= {
        "process_virtual_memory_bytes", "process_resident_memory_bytes", "process_start_time_seconds",
        "process_cpu_seconds_total", "process_open_fds", "process_max_fds",
    }  # fmt: skip


def test_a_value_that_is_not_in_the_table_makes_one_series_however_many_there_are() -> None:
    metrics = Metrics()
    for number in range(50):
        metrics.count("faro_messages_total", channel=f"+57300555{number:04}", outcome="accepted")
    assert value(metrics.text(), "faro_messages_total", channel=OTHER, outcome="accepted") == 50
    assert b"57300555" not in metrics.text()


@pytest.mark.parametrize("labels", [{}, {"channel": "sms"}, {"channel": "sms", "outcome": "sent", "unit": "coat"}])
def test_a_label_that_is_not_in_the_table_is_refused(labels: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="faro_sends_total"):
        Metrics().count("faro_sends_total", **labels)


async def test_a_whole_conversation_is_counted_and_none_of_its_words_is_in_any_metric(
    tmp_path: Path, database_url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.gauges.FRESH_SECONDS", 0)
    port = free_port()
    async with (
        furnished(tmp_path, database_url, engine, metrics_port=port) as house,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as inside,
    ):

        async def gateway() -> bytes:
            async with inside.get("/metrics") as answer:
                return await answer.read()

        before = series(await gateway())
        phone = house.telegram.phone()
        for answer in ANSWERS:
            await phone.say(answer)
            await house.quiet()
        await phone.repeat()
        await refused(house.url)
        worker = Gauges(house.service, of_worker())
        await worker.fresh()
        shown, mine = await gateway(), house.service.metrics.text()
        bodies = await house.bodies("coat")
        tier = bodies[0]["tier"]
    assert len(bodies) == 1
    assert "Zarzamora" in str(bodies[0])
    assert value(shown, "faro_messages_total", channel="telegram", outcome="accepted") == len(ANSWERS)
    assert value(shown, "faro_messages_total", channel="telegram", outcome="repeated") == 1
    assert value(shown, "faro_refused_total", channel="telegram", reason="forged") == 1
    assert value(shown, "faro_refused_total", channel="telegram", reason="malformed") == 1
    assert value(shown, "faro_reports", tier=tier) == 1
    assert value(mine, "faro_turn_seconds_count", outcome="done") == len(ANSWERS)
    assert value(mine, "faro_engine_call_seconds_count", outcome="answered") >= len(ANSWERS) - 2
    assert value(mine, "faro_sends_total", channel="telegram", outcome="sent") >= len(ANSWERS)
    assert value(mine, "faro_audit_verified") == 1
    assert {name: labels for name, labels in series(shown).items() if name in before} == before
    both = (shown + mine).decode().lower()
    planted = ["zarzamora", "300", "555", "encerr", "hola", "saltar", "coat", 'co"', phone.address]
    assert [word for word in planted if word in _labels(both)] == []
    assert set(series(shown + mine)) - {name for name in before if name.startswith("process_")} <= set(WHOLE)


async def refused(url: str) -> None:
    """One delivery that is forged and one that is genuine and means nothing."""
    async with aiohttp.ClientSession(url) as session:
        for secret in ("x", SECRET):
            headers = {"x-telegram-bot-api-secret-token": secret, "content-type": "application/json"}
            async with session.post("/webhooks/telegram", data=b"not json", headers=headers):
                pass


def _labels(shown: str) -> str:
    """Everything but the numbers, in which any digits may stand."""
    return "\n".join(line.rpartition(" ")[0] for line in shown.splitlines())

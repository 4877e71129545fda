"""What is told of a report to whoever lists it: that it waits, and not a word of what is in it."""

from __future__ import annotations

from bot.console.answers import ReportAnswer
from storage.reports import ListedReport
from tests.storage.sealing import DAY

TOLD = {"id": "00" * 16, "tier": "P1", "day": "2026-11-25", "size": 9, "kind": "full", "practice": False, "many": True,
        "officer": "ana"}  # fmt: skip


def test_a_report_is_told_by_what_the_list_has_of_it_and_nothing_else() -> None:
    row = ListedReport(bytes(16), "full", "P1", False, DAY, 9, "ana", True)
    assert ReportAnswer.of(row).model_dump(mode="json") == TOLD
    assert set(ReportAnswer.model_fields) == set(ListedReport.__dataclass_fields__)

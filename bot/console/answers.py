"""What the console answers, as its description has it."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

from storage.reports import ListedReport

HEX_ID = r"^[0-9a-f]{32}$"
HEX_TOKEN = r"^[0-9a-f]{64}$"


class RosterAnswer(BaseModel):
    """`document`: base64 of the signed roster, as the directors signed it."""

    document: str
    directors: list[str]
    threshold: int
    practice: bool


class ChallengeAnswer(BaseModel):
    challenge: str = Field(pattern=HEX_TOKEN)
    seconds: int


class ProofGiven(BaseModel):
    """`proof`: base64 of a signed document (bot/console/login.py)."""

    proof: str


class SessionAnswer(BaseModel):
    token: str = Field(pattern=HEX_TOKEN)
    officer: str
    unit: str
    idle_seconds: int
    seconds: int


class ReportAnswer(BaseModel):
    """`size` in bytes; `officer` acknowledged it; `many`: it came among unusually many."""

    id: str = Field(pattern=HEX_ID)
    tier: str
    day: date
    size: int
    kind: str
    practice: bool
    many: bool
    officer: str | None

    @classmethod
    def of(cls, row: ListedReport) -> ReportAnswer:
        return cls(id=row.id.hex(), tier=row.tier, day=row.day, size=row.size, kind=row.kind, practice=row.practice,
                   many=row.many, officer=row.officer)  # fmt: skip


class ListAnswer(BaseModel):
    reports: list[ReportAnswer]


class AcknowledgedAnswer(BaseModel):
    """`new`: nobody of the unit had acknowledged it before."""

    new: bool

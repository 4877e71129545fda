"""Which countries there are, and whose clock counts in each: for the hours at which somebody may be written to."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

# Both halves of a year: zones that differ only in summer time are two.
_LOOKS = (datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC))


def zone_of(country: str | None) -> str | None:
    """The IANA name of the country's time zone; None for a country whose clocks differ, and for none at all."""
    zones = _zones().get(country or "", [])
    clocks = {tuple(look.astimezone(ZoneInfo(zone)).utcoffset() for look in _LOOKS) for zone in zones}
    return zones[0] if len(clocks) == 1 else None


@cache
def _zones() -> dict[str, list[str]]:
    """Country -> its zones, that of most people first: the IANA table of the package tzdata."""
    found: dict[str, list[str]] = {}
    table = (resources.files("tzdata.zoneinfo") / "zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            found.setdefault(country, []).append(zone)
    return found


@cache
def countries() -> frozenset[str]:
    """The codes of ISO 3166, as the same package lists them."""
    table = (resources.files("tzdata.zoneinfo") / "iso3166.tab").read_text(encoding="utf-8")
    return frozenset(line.split("\t")[0] for line in table.splitlines() if not line.startswith("#"))

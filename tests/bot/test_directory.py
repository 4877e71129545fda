"""Only checked numbers are shown, the most urgent first."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import phonenumbers
import pytest

from bot import destinations
from bot.directory import COLUMNS, FILE, ROLES, WARN_DAYS, Directory, DirectoryError

TODAY = date(2026, 11, 25)
ROW = {
    "country_iso2": "CO", "country": "Colombia", "service": "Emergency", "kind": "phone", "number": "123",
    "role": "emergency", "audience": "anyone", "purpose": "danger", "hours": "", "source": "a page",
    "source_date": "2026", "confidence": "found_in_source", "verified_on": "2026-11-01", "note": "",
}  # fmt: skip


def file(folder: Path, *changes: dict[str, str]) -> Path:
    path = folder / "hotlines.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows([{**ROW, **change} for change in changes])
    return path


def numbers(directory: Directory, country: str | None, **how: bool) -> list[str]:
    return [line.number for line in directory.lines(country, **how)]


# Emergency numbers that Google's library does not know, each given by official sources.
NOT_IN_THE_LIBRARY = {
    ("PA", "104"): "police: minseg.gob.pa, gov.uk and smartraveller.gov.au; the library has 911 alone",
    ("HN", "911"): "all services: gov.uk, smartraveller.gov.au, travel.state.gov; the library has the old 199 alone",
}
# Countries of destinations without a sourced emergency number. Whoever finds one shortens it; nobody lengthens it.
WITHOUT_EMERGENCY: list[str] = []


def shipped() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as out:
        return list(csv.DictReader(out))


def test_the_shipped_file_holds_only_numbers_with_a_source() -> None:
    directory = Directory.load(today=TODAY)
    assert len(directory.rows) == 129
    assert all(row.found_in_source for row in directory.rows)
    assert FILE.read_text(encoding="utf-8").splitlines()[0] == ",".join(COLUMNS)


def test_nobody_has_called_the_shipped_numbers_so_outside_practice_none_is_shown() -> None:
    real = Directory.load(today=TODAY)
    assert real.lines("CO") == []
    assert real.without_emergency(["CO", "ES"]) == ["CO", "ES"]
    assert {problem.what for problem in real.problems()} == {"unchecked"}
    assert len(real.problems()) == 129


def test_in_practice_every_offered_country_has_an_emergency_line() -> None:
    practice = Directory.load(today=TODAY, allow_unchecked=True)
    assert practice.without_emergency(["CO", "US", "MX", "ES", "EC"]) == []
    assert practice.without_emergency(["FI", "CO", "AX"]) == ["AX", "FI"]
    assert numbers(practice, "CO")[:2] == ["123", "018000522020"]


def test_every_destination_lies_in_a_country_with_a_sourced_emergency_number() -> None:
    countries = destinations.countries(destinations.load())
    practice = Directory.load(today=TODAY, allow_unchecked=True)
    assert len(countries) == 23
    assert sorted(countries - practice.with_source("emergency")) == WITHOUT_EMERGENCY
    assert practice.without_emergency(countries) == WITHOUT_EMERGENCY


def test_every_country_with_a_number_has_an_emergency_number() -> None:
    directory = Directory.load(today=TODAY)
    assert len(directory.with_source()) == 65
    assert directory.with_source() == directory.with_source("emergency")


def test_emergency_numbers_are_those_that_the_library_of_numbers_knows() -> None:
    rows = [row for row in shipped() if row["role"] == "emergency" and row["kind"] == "phone"]
    assert len(rows) == 66
    unknown = {(row["country_iso2"], row["number"]) for row in rows
               if not phonenumbers.is_emergency_number(row["number"], row["country_iso2"])}  # fmt: skip
    assert unknown == set(NOT_IN_THE_LIBRARY)


def test_international_numbers_are_of_their_country() -> None:
    rows = [row for row in shipped() if row["number"].startswith("+")]
    assert len(rows) == 15
    for row in rows:
        number = phonenumbers.parse(row["number"])
        assert phonenumbers.is_valid_number(number), row["number"]
        assert phonenumbers.region_code_for_number(number) == row["country_iso2"]


def test_a_sourced_row_says_of_when_its_source_is() -> None:
    assert all(row["source_date"] for row in shipped())


def test_a_colombian_line_can_be_called_from_abroad_and_is_not_offered_at_home() -> None:
    practice = Directory.load(today=TODAY, allow_unchecked=True)
    assert numbers(practice, "CO", abroad=True) == ["+57 601 382 6999"]
    assert "+57 601 382 6999" not in numbers(practice, "CO")
    assert "+57 601 382 6999" in numbers(practice, None)


def test_no_emergency_number_tells_by_its_name_what_this_is_about() -> None:
    names = {row["service"] for row in shipped() if row["role"] == "emergency"}
    assert len(names) > 5
    assert not [name for name in names if "traffick" in name.lower() or "trata" in name.lower()]


def aged(folder: Path) -> tuple[Path, set[tuple[str, str]]]:
    """The shipped file as after a year of work: calls of any age, some rows without a source. Which may be shown?"""
    rows = shipped()
    ages = [None, 0, 45, 89, 90, 91, 365]
    good = set()
    for index, row in enumerate(rows):
        age = ages[index % len(ages)]
        row["verified_on"] = "" if age is None else (TODAY - timedelta(days=age)).isoformat()
        row["confidence"] = "unverified" if index % 5 == 4 else "found_in_source"
        if age is not None and age <= 90 and row["confidence"] == "found_in_source":
            good.add((row["country_iso2"], row["number"]))
    return file(folder, *rows), good


def test_in_production_nothing_unverified_or_older_than_the_setting_is_ever_shown(tmp_path: Path) -> None:
    path, good = aged(tmp_path)
    directory = Directory.load(path, today=TODAY, max_age_days=90)
    shown = {(row["country_iso2"], line.number) for row in shipped()
             for minor in (True, False) for abroad in (True, False)
             for line in directory.lines(row["country_iso2"], minor=minor, abroad=abroad)}  # fmt: skip
    assert len(good) == directory.shown_today() > 40
    assert shown == good
    year_on = Directory.load(path, today=TODAY + timedelta(days=91), max_age_days=90)
    assert year_on.shown_today() == 0


def test_the_shipped_file_itself_shows_in_production_only_what_was_called_in_time() -> None:
    """The build fails on a shipped date that is too old, and on one of the future."""
    called = [row for row in shipped() if row["verified_on"]]
    directory = Directory.load(today=TODAY)
    assert directory.shown_today() == len(called)


def test_order_is_emergency_trafficking_and_the_rest(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        {"number": "1", "role": "support"},
        {"number": "2", "role": "trafficking", "audience": "women"},
        {"number": "3", "role": "crime_report"},
        {"number": "4", "role": "trafficking"},
        {"number": "5"},
    )
    assert numbers(Directory.load(path, today=TODAY), "CO") == ["5", "4", "2", "1", "3"]


def test_lines_for_children_and_for_women_go_to_whom_they_are_for(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        {"number": "1", "role": "support"},
        {"number": "2", "role": "support", "audience": "women"},
        {"number": "3", "role": "support", "audience": "children"},
    )
    directory = Directory.load(path, today=TODAY)
    assert numbers(directory, "CO") == ["1", "2"]
    assert numbers(directory, "CO", minor=True) == ["3", "1"]


@pytest.mark.parametrize(("age", "shown"), [(0, True), (90, True), (91, False)])
def test_a_number_is_shown_for_ninety_days_after_its_check(tmp_path: Path, age: int, shown: bool) -> None:
    path = file(tmp_path, {"verified_on": (TODAY - timedelta(days=age)).isoformat()})
    assert bool(Directory.load(path, today=TODAY).lines("CO")) is shown


def test_a_number_goes_stale_while_the_service_runs_and_operators_are_told_before(tmp_path: Path) -> None:
    day = [TODAY]
    path = file(tmp_path, {"verified_on": TODAY.isoformat()})
    directory = Directory.load(path, today=lambda: day[0])
    told = []
    for days in (0, 90 - WARN_DAYS, 90 - WARN_DAYS + 1, 90, 91):
        day[0] = TODAY + timedelta(days=days)
        told.append((len(directory.lines("CO")), [problem.what for problem in directory.problems()]))
    assert told == [(1, []), (1, []), (1, ["stale_soon"]), (1, ["stale_soon"]), (0, ["stale"])]


def test_an_unverified_number_is_never_shown_not_even_in_practice(tmp_path: Path) -> None:
    path = file(tmp_path, {"confidence": "unverified", "source": ""})
    directory = Directory.load(path, today=TODAY, allow_unchecked=True)
    assert directory.lines("CO") == []
    assert [problem.what for problem in directory.problems()] == ["unverified"]


def test_countries_with_a_source_are_told_by_role(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        {"country_iso2": "ES", "role": "support"},
        {"country_iso2": "PE", "confidence": "unverified", "source": ""},
        {"verified_on": ""},
    )
    directory = Directory.load(path, today=TODAY)
    assert directory.with_source() == {"ES", "CO"}
    assert directory.with_source("emergency") == {"CO"}
    assert directory.with_source("emergency", "support") == {"ES", "CO"}
    assert directory.with_source(*ROLES) == directory.with_source()
    assert directory.shown_today() == 1


def test_a_consular_line_is_for_whoever_is_away(tmp_path: Path) -> None:
    directory = Directory.load(file(tmp_path, {"role": "consular", "number": "+57 1"}), today=TODAY)
    assert numbers(directory, "CO") == []
    assert numbers(directory, "CO", abroad=True) == ["+57 1"]
    assert numbers(directory, None) == ["+57 1"]


def test_from_abroad_only_international_numbers_are_shown(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        {"number": "123"},
        {"number": "+57 1"},
        {"number": "+34 2", "country_iso2": "ES", "country": "Spain", "service": "Helpline"},
    )
    directory = Directory.load(path, today=TODAY)
    assert numbers(directory, "CO", abroad=True) == ["+57 1"]
    assert [line.service for line in directory.lines(None)] == ["Colombia: Emergency", "Spain: Helpline"]
    assert numbers(directory, "FR") == []


def test_a_line_tells_what_is_known_of_it(tmp_path: Path) -> None:
    path = file(tmp_path, {"kind": "whatsapp", "number": "+55 1", "hours": "24/7"})
    (line,) = Directory.load(path, today=TODAY).lines("CO")
    assert (line.silent, line.from_abroad, line.hours, line.checked_on) == (True, True, "24/7", date(2026, 11, 1))
    (call,) = Directory.load(file(tmp_path, {}), today=TODAY).lines("CO")
    assert (call.silent, call.from_abroad, call.hours) == (False, False, "")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"country_iso2": "col"}, "country_iso2"),
        ({"number": ""}, "number"),
        ({"kind": "fax"}, "kind"),
        ({"role": "police"}, "role"),
        ({"audience": "men"}, "audience"),
        ({"confidence": "sure"}, "confidence"),
        ({"source": ""}, "source"),
        ({"verified_on": "2026-11-26"}, "verified_on"),
        ({"verified_on": "yesterday"}, "verified_on"),
    ],
)
def test_a_bad_row_stops_the_start_and_is_named(tmp_path: Path, change: dict[str, str], named: str) -> None:
    with pytest.raises(DirectoryError) as refused:
        Directory.load(file(tmp_path, {}, change), today=TODAY)
    assert named in str(refused.value)
    assert "line 3" in str(refused.value)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", ",".join(COLUMNS) + "\nCO\n", ",".join(COLUMNS) + '\n"CO'])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hotlines.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DirectoryError):
        Directory.load(path, today=TODAY)

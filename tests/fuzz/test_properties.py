"""What holds of anything that could be said, seen, listed or sent: hypothesis looks for what breaks it."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import orjson
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as some

from bot import placement_codes, talk_file
from bot.channels import Delivery
from bot.channels.twilio_signature import genuine, uncut
from bot.chat_door import _framed
from bot.errors import Forged
from bot.placements import COLUMNS, LONGEST, Placements
from bot.statistics import as_csv
from storage.counts import Figure
from storage.mailbox import Event
from tests.channels.platforms.twilio import AUTH_TOKEN, TwilioPlatform
from tests.fuzz.test_channels import FIELDS

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
words = some.text(max_size=200)  # without lone surrogates: neither UTF-8 nor JSON can hold one
lines = some.lists(words, max_size=4).map("\n".join)
codes = some.text("ABCDEFGHJKMNPQRSTVWXYZ0123456789", min_size=5, max_size=5)
# Of places and routes in a file that was read.
plain = some.text(some.characters(exclude_categories=("C", "Z")), max_size=LONGEST)
days = some.dates(date(2026, 1, 1))


@QUICK
@given(some.lists(some.one_of(words, lines), min_size=1, max_size=5), some.lists(words, max_size=3))
def test_a_saved_talk_reads_as_it_was_said(said: list[str], buttons: list[str]) -> None:
    steps = [*({"person": one} for one in said), {"faro": said[0], **({"buttons": buttons} if buttons else {})}]
    assert yaml.safe_load(talk_file.written(said[0], "terminal", "es", steps, None))["talk"] == steps


@QUICK
@given(some.dictionaries(words, some.one_of(words, some.lists(words, max_size=3)), max_size=4), some.integers(1, 2**53))
def test_nothing_that_is_said_to_a_page_ends_its_event_or_begins_another(body: dict[str, object], number: int) -> None:
    """As a browser reads a stream: lines, of which an empty one ends the event."""
    read = _framed(Event(number, body)).decode()
    event, _, rest = read.partition("\n\n")
    assert (rest, "\r" in read) == ("", False)
    told = dict(line.split(": ", 1) for line in event.split("\n"))
    assert set(told) <= {"id", "event", "data"}
    assert (int(told["id"]), orjson.loads(told["data"])) == (number, body)


@QUICK
@given(some.data())
def test_however_a_signed_form_is_cut_anew_it_is_refused_or_reads_as_it_did(data: some.DataObject) -> None:
    """Of all forms with the same letters in the same order none moves a border of a field that is read."""
    platform = TwilioPlatform()
    signed = platform.signed("/webhooks/whatsapp", FIELDS)
    flat = [(name, FIELDS[name]) for name in sorted(FIELDS)]
    place = data.draw(some.integers(0, len(flat) - 1))
    whole = "".join(flat[place])
    first, second = sorted(data.draw(some.lists(some.integers(1, len(whole)), min_size=2, max_size=2)))
    pieces = [(whole[:first], whole[first:second]), (whole[second:], "")] if second < len(whole) else []
    flat[place : place + 1] = pieces or [(whole[:first], whole[first:])]
    cut = Delivery(signed.path, signed.target, signed.headers, urlencode(flat).encode())
    try:
        fields = genuine(cut, AUTH_TOKEN, platform.public_url)
    except Forged:
        return  # sorted by their new names the letters stand in another order
    assert not uncut(fields) or _reads_alike(fields)


def _reads_alike(fields: dict[str, str]) -> bool:
    """But for what SECURITY.md leaves open: the end of a text, cut off where it begins like a name."""
    read = [name for name in ("MessageSid", "AccountSid", "From", "To", "NumMedia") if fields.get(name) != FIELDS[name]]
    return not read and FIELDS["Body"].startswith(fields.get("Body", "-"))


@QUICK
@given(some.lists(some.tuples(codes, plain, plain, some.sampled_from(["", "ES"]), some.integers(0, 10**6)), max_size=5))
def test_statistics_are_read_from_their_file_as_they_were_written(rows: list[tuple[str, str, str, str, int]]) -> None:
    file = as_csv([Figure(date(2026, 11, 1), *row, 11) for row in rows])
    read = list(csv.reader(io.StringIO(file, newline="")))
    assert read[1:] == [["2026-11", *row[:4], str(row[4])] for row in rows]


@QUICK
@given(some.lists(some.tuples(plain.filter(bool), plain, some.sampled_from(["", "ES"]), some.integers(25, 10**7), days),
                  max_size=5))  # fmt: skip
def test_placements_are_read_as_they_were_written(tmp_path: Path, rows: list[tuple[str, str, str, int, date]]) -> None:
    path = tmp_path / "placements.csv"
    given_codes = dict.fromkeys(placement_codes.new() for _ in rows)
    assume(len(given_codes) == len(rows))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for code, (place, route, there, cards, until) in zip(given_codes, rows, strict=True):
            writer.writerow([code, place, route, there, "es en", cards, until.isoformat()])
    read = Placements.read(path).by_code.values()
    assert [(one.place, one.route, one.destination, one.cards, one.valid_until) for one in read] == rows

"""Whose list of officers the page trusts: that of the directors whom its officer confirmed, and of nobody else."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.async_api import Page, expect

from bench.fuzz_words import Hostile
from storage import identity, roster, roster_draft, signing
from storage.roster import RosterRefused
from storage.trust import Trust
from tests.browser.conftest import Visit
from tests.browser.desk import Desk
from tests.browser.officers import Office
from tests.browser.officers import office as opened_office
from tests.browser.test_console_refusals import differing

REMEMBERED = "faro-directors"
ROSTERS = 74
NEW = Ed25519PrivateKey.generate()


def key_of(director: Ed25519PrivateKey) -> str:
    return signing.public_text(director.public_key())


def grouped(key: str) -> str:
    return " ".join(key[at : at + 8] for at in range(0, 64, 8))


async def test_the_directors_are_confirmed_once_and_remembered(office: Office, arrive: Visit) -> None:
    desk = Desk(await arrive(office.url), office)
    await desk.page.goto("/")
    await expect(desk.heading).to_have_text(desk.word("trust.first_title"))
    shown = await desk.page.locator("#directors code").all_inner_texts()
    assert shown == [grouped(key) for key in office.officers.directors]
    await expect(desk.page.locator("#trust-threshold")).to_have_text(desk.word("trust.threshold", n=2))
    await desk.button(desk.say("accept")).click()
    await expect(desk.alert).to_have_text(desk.word("trust.not_compared"))
    await desk.page.locator("#compared").check()
    await desk.button(desk.say("accept")).click()
    await expect(desk.heading).to_have_text(desk.say("signin_title"))
    await desk.page.reload()
    await expect(desk.heading).to_have_text(desk.say("signin_title"))


async def test_other_directors_are_told_loudly_and_nobody_signs_in_before_they_are_confirmed(
    office: Office, arrive: Visit
) -> None:
    visitor = await arrive(office.url)
    desk = Desk(visitor, office)
    await desk.arrive()
    old, kept = office.officers.directors
    async with changed(office, [office.officers.signers[1], NEW]) as other:
        await take_over(visitor.page, office, other)
        await desk.page.reload()
        await expect(desk.heading).to_have_text(desk.word("trust.changed_title"))
        rows = [" ".join(text.split()) for text in await desk.page.locator("#directors li").all_inner_texts()]
        assert rows == [grouped(kept), f"{grouped(key_of(NEW))} {desk.word('trust.new')}",
                        f"{grouped(old)} {desk.word('trust.gone')}"]  # fmt: skip
        await expect(desk.page.locator("#key-form")).to_be_hidden()
        await desk.page.locator("#compared").check()
        await desk.button(desk.say("accept")).click()
        await expect(desk.heading).to_have_text(desk.say("signin_title"))


async def test_directors_that_change_while_an_officer_works_open_no_report(office: Office, arrive: Visit) -> None:
    report_id = await office.file()
    visitor = await arrive(office.url)
    desk = Desk(visitor, office)
    await desk.sign_in()
    async with changed(office, [office.officers.signers[1], NEW]) as other:
        await take_over(visitor.page, office, other, "**/api/roster")
        await desk.open(report_id)
        await expect(desk.alert).to_contain_text(desk.word("refused.DirectorsChanged"))


@pytest.mark.parametrize("why", ["signatures", "expired", "older", "form"])
async def test_a_roster_that_does_not_count_lets_nobody_sign_in(office: Office, arrive: Visit, why: str) -> None:
    desk = Desk(await arrive(office.url), office)
    await desk.arrive()
    draft = office.roster_file.read_bytes()
    if why == "older":
        office.sign(roster_draft.remove_officer(draft, "officer-icbf"))
        await desk.page.reload()
        await expect(desk.heading).to_have_text(desk.say("signin_title"))
        office.roster_file.write_bytes(draft)
    else:
        office.roster_file.write_bytes(spoilt(office, draft, why))
    await desk.page.reload()
    await expect(desk.alert).to_contain_text(desk.word(f"roster.{why}"))
    await expect(desk.heading).to_have_text(desk.say("no_roster_title"))
    await expect(desk.page.locator("#key-form")).to_be_hidden()


def spoilt(office: Office, document: bytes, why: str) -> bytes:
    value = json.loads(document)
    if why == "signatures":
        value["signatures"].popitem()
    if why == "form":
        value["body"]["more"] = 1
    if why == "expired":
        value["body"]["expires"] = value["body"]["issued"] = str(datetime.now(UTC).date() - timedelta(days=1))
        for director in office.officers.signers:
            value["signatures"][key_of(director)] = director.sign(signing.canonical(value["body"])).hex()
    return signing.canonical(value)


async def test_a_real_installation_that_calls_itself_practice_is_refused(
    office: Office, arrive: Visit, tmp_path: Path
) -> None:
    visitor = await arrive(office.url)
    desk = Desk(visitor, office)
    await desk.arrive()
    async with opened_office(tmp_path / "other", office.settings.database_url, practice=True) as other:
        await take_over(visitor.page, office, other)
        await desk.page.reload()
        await expect(desk.alert).to_contain_text(desk.word("roster.practice"))


async def test_in_practice_nobody_is_asked_about_directors_and_the_page_says_that_it_is_practice(
    database_url: str, tmp_path: Path, arrive: Visit
) -> None:
    async with opened_office(tmp_path, database_url, practice=True) as one:
        await one.file()
        desk = Desk(await arrive(one.url), one)
        await desk.page.goto("/")
        await expect(desk.heading).to_have_text(desk.say("signin_title"))
        await expect(desk.page.get_by_text(desk.say("practice"))).to_be_visible()
        await desk.sign_in()
        assert await desk.page.evaluate(f"localStorage.getItem('{REMEMBERED}')") is None
        await expect(desk.page.locator("#reports .mark")).to_have_text(desk.word("list.practice"))


# --- another host in the place of the one that was there --------------------------------------------------------------


def changed(one: Office, directors: list[Ed25519PrivateKey]) -> Any:
    """The same installation with a roster that these directors signed."""
    folder = one.folder / "changed"
    folder.mkdir()
    draft = roster_draft.remove_officer(one.roster_file.read_bytes(), "officer-icbf")
    for director in directors:
        draft = roster_draft.sign(draft, director)
    (folder / "roster.json").write_bytes(draft)
    keys = tuple(key_of(director) for director in directors)
    return opened_office(
        folder, one.settings.database_url, officers=type(one.officers)(one.officers.keys, keys, directors)
    )


async def take_over(page: Page, one: Office, other: Office, what: str = "**/api/**") -> None:
    """From now on the browser asks the other process under the address of the first one."""

    async def hand_over(route: Any) -> None:
        answer = await page.request.fetch(route.request.url.replace(one.url, other.url), method=route.request.method)
        await route.fulfill(response=answer)

    await page.route(what, hand_over)


# --- one set of rosters for program and page --------------------------------------------------------------------------


async def test_every_roster_counts_or_is_refused_as_with_the_program(office: Office, arrive: Visit) -> None:
    samples = rosters(office)
    assert len(samples) == ROSTERS
    known = Trust.beside(office.roster_file)
    assert known
    today = datetime.now(UTC).date()
    expected = [verdict(document, known, today) for document in samples.values()]
    assert set(expected) == {"counts", "RosterRefused"}
    visitor = await arrive(office.url)
    await visitor.page.goto("/")
    found = await visitor.page.evaluate("""async ({ documents, trust, today }) => {
        const { readRoster } = await import("/static/roster.js");
        const { fromBase64 } = await import("/static/bytes.js");
        const all = [];
        for (const document of documents) {
            const reading = readRoster(fromBase64(document), trust, 2, today);
            all.push(await reading.then(() => "counts", (error) => error.code ?? `${error}`));
        }
        return all;
    }""", {"documents": [base64.b64encode(document).decode() for document in samples.values()], "today": str(today),
           "trust": {"directors": list(office.officers.directors), "threshold": 2}})  # fmt: skip
    assert differing(list(samples), expected, found) == []


def verdict(document: bytes, known: Trust, today: date) -> str:
    try:
        roster.read(document, known.directors, known.threshold, 2, today=today)
    except RosterRefused as refused:
        return refused.code
    return "counts"


def rosters(office: Office) -> Mapping[str, bytes]:
    """From the one in force, as its second version."""
    first, directors = office.roster_file.read_bytes(), office.officers.signers
    host = identity.new_key()
    today = datetime.now(UTC).date()

    def signed(draft: bytes, *by: Ed25519PrivateKey) -> bytes:
        for director in by or directors:
            draft = roster_draft.sign(draft, director)
        return draft

    second = signed(roster_draft.remove_officer(first, "officer-icbf"))
    body = json.loads(second)["body"]

    def of(value: Any) -> bytes:
        """Signed by every director, whatever it says."""
        raw = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "replace")
        signatures = {key_of(director): director.sign(raw).hex() for director in directors}
        head = json.dumps(signatures, sort_keys=True, separators=(",", ":")).encode()
        return b'{"body":' + raw + b',"signatures":' + head + b"}"

    hostile = Hostile(24)
    own = roster_draft.add_officer(second, "coat", host.card("host"), today, today)
    return {
        "as it is": second,
        "the first version": first,
        "one signature": signed(roster_draft.remove_officer(first, "officer-icbf"), directors[0]),
        "two of one": signed(roster_draft.remove_officer(first, "officer-icbf"), directors[0], directors[0]),
        "by others": signed(own, NEW, host.signing_key),
        "unsigned": roster_draft.remove_officer(first, "officer-icbf"),
        "a key of the host": own,
        "a director more": signed(second, NEW),
        "text after it": second + b"\n",
        "nothing": b"",
        **{f"form {place}": of({**body, **change}) for place, change in enumerate(_forms(body))},
        **{f"spoilt {place}": of(hostile.spoilt(body)) for place in range(25)},
        **{f"changed {place}": hostile.mutated(second) for place in range(15)},
    }


def _forms(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    officers, unit = body["officers"], body["units"]["coat"]

    def one(**change: Any) -> list[dict[str, Any]]:
        return [{**officers[0], **change}, *officers[1:]]

    yesterday = str(datetime.now(UTC).date() - timedelta(days=1))
    wrong: dict[str, list[Any]] = {
        "version": [0, "2", True], "practice": ["yes", 0], "expires": [yesterday, "2099-13-01", None], "more": [1],
        "sealers": [["00"], "0" * 64, [], None], "ctx": ["faro/roster/v2"],
        "officers": [officers[::-1], [*officers, officers[0]], [], None, one(unit="nowhere"), one(signing="x"),
                     one(valid_until="2027-2-1"), one(more=1)],
        "units": [{**body["units"], "coat": {**unit, **change}} for change in ({"wants_file": 1}, {"name": None})],
    }  # fmt: skip
    return [{name: value} for name, values in wrong.items() for value in values]

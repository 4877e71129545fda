"""The page refuses what the program refuses, by the same name: one set of spoilt files for both."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Page

from bench.fuzz_words import Hostile
from bot import officer_view
from storage import identity, signing
from storage.refused import Refused
from tests.browser.conftest import Visit
from tests.browser.officers import Office
from tests.browser.spoilt import DESK, KEY, PASSPHRASE, key_files, large, large_verdict, reports, verdict

REPORTS, LARGE, KEY_FILES = 193, 10, 45
REFUSALS = {"HeaderFailure", "MixedRecipients", "NoMatch", "HmacFailure", "PayloadFailure", "ArchiveRefused",
            "PartsDiffer", "BadSignature", "ManifestRefused", "WrongReport", "NotAddressed"}  # fmt: skip

# In the page itself: its own scripts, and nothing put in their place.
WITH = """
const { openReport, openDetached } = await import("/static/envelope.js");
const { openKey } = await import("/static/key.js");
const { Refused } = await import("/static/refused.js");
const { sha256, utf8 } = await import("/static/bytes.js");
const { pieces, lines } = await import("/static/plain.js");
const data = new Uint8Array(await document.getElementById("key-file").files[0].arrayBuffer());
let at = 0;
const files = sizes.map((size) => data.slice(at, (at += size)));
const keys = new Map();
const key = async (secret) => keys.get(secret) ?? keys.set(secret, await openKey(utf8(secret), "")).get(secret);
const short = async (parts) => (await sha256(new Uint8Array(await new Blob(parts).arrayBuffer()))).slice(0, 8);
async function judged(work) {
    try {
        return await work();
    } catch (error) {
        return error instanceof Refused ? error.code : `fault ${error}`;
    }
}
"""


async def ask(page: Page, folder: Path, script: str, files: Sequence[bytes], given: Any = None) -> Any:
    """`script` finds `files` as arrays of bytes. The browser takes them from the disk, where megabytes cost nothing."""
    path = folder / "files"
    path.write_bytes(b"".join(files) or b" ")
    await page.locator("#key-file").set_input_files(path)
    return await page.evaluate(f"async ({{ sizes, given }}) => {{ {WITH} {script} }}",
                               {"sizes": [len(file) for file in files], "given": given})  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def page(office: Office, arrive: Visit) -> Page:
    visitor = await arrive(office.url)
    await visitor.page.goto("/")
    return visitor.page


async def test_every_report_is_opened_or_refused_as_the_program_does_it(page: Page, tmp_path: Path) -> None:
    samples = reports(21)
    assert len(samples) == REPORTS
    expected = [verdict(sample) for sample in samples]
    assert {one for one in expected if not one.startswith("opened")} == REFUSALS
    asked = [{"secret": one.key.identity.secret(), "id": one.report_id.hex()} for one in samples]
    found = await ask(page, tmp_path, """
        const all = [];
        for (const [place, { secret, id }] of given.asked.entries()) all.push(await judged(async () => {
            const asked = { sealers: [given.sealer], reportId: id };
            const { parts, warnings } = await openReport(files[place], await key(secret), asked);
            return ["opened", ...warnings, await short([...parts.values()])].join(" ");
        }));
        return all;
    """, [one.data for one in samples],
        {"asked": asked, "sealer": signing.public_text(DESK.sealer.public_key())})  # fmt: skip
    assert differing([one.name for one in samples], expected, found) == []
    assert Counter(one.split()[0] for one in found)["opened"] >= 9


async def test_every_large_attachment_is_held_against_its_manifest_as_the_program_does_it(
    page: Page, tmp_path: Path
) -> None:
    samples = list(large())
    assert len(samples) == LARGE
    asked = [{"name": one.name, "manifest": one.manifest.to_bytes().decode()} for one in samples]
    found = await ask(page, tmp_path, """
        const all = [];
        for (const [place, { name, manifest }] of given.asked.entries()) all.push(await judged(async () => {
            const opened = await openDetached(files[place], name, JSON.parse(manifest), await key(given.secret));
            return `opened ${await short([opened])}`;
        }));
        return all;
    """, [one.data for one in samples],
        {"asked": asked, "secret": DESK.officers[0].identity.secret()})  # fmt: skip
    assert differing([one.case for one in samples], [large_verdict(one) for one in samples], found) == []


async def test_every_key_file_is_opened_or_refused_as_the_program_does_it(page: Page, tmp_path: Path) -> None:
    samples = list(key_files(Hostile(22)))
    assert len(samples) == KEY_FILES
    expected = [key_verdict(tmp_path / "key", data) for _, data in samples]
    assert set(expected) == {f"opened {KEY.recipient} {KEY.signing_public}", "WrongPassphrase", "KeyFileRefused"}
    found = await ask(page, tmp_path, """
        const all = [];
        for (const file of files) all.push(await judged(async () => {
            const opened = await openKey(file, given);
            return `opened ${opened.recipient} ${opened.signing.public}`;
        }));
        return all;
    """, [data for _, data in samples], PASSPHRASE)  # fmt: skip
    assert differing([name for name, _ in samples], expected, found) == []


def key_verdict(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    try:
        opened = identity.read_key_file(path, PASSPHRASE)
    except Refused as refused:
        return refused.code
    return f"opened {opened.recipient} {opened.signing_public}"


def differing(names: Sequence[str], expected: Sequence[str], found: Sequence[str]) -> list[tuple[str, str, str]]:
    assert len(names) == len(expected) == len(found)
    return [one for one in zip(names, expected, found, strict=True) if one[1] != one[2]]


# --- what is shown ----------------------------------------------------------------------------------------------------


async def test_every_character_is_shown_or_made_visible_as_the_program_does_it(page: Page, tmp_path: Path) -> None:
    """All of the planes that people write in, and of the others each kind. The browser may know letters of a later
    Unicode, which this Python takes for unassigned."""
    starts = [*range(0, 0x20000, 1024), 0x20000, 0x30000, *range(0xE0000, 0xE1000, 1024), 0xF0000, 0x10FC00]
    found = await ask(page, tmp_path, """
        const hidden = [];
        for (const start of given) {
            const chunk = String.fromCodePoint(...Array.from({ length: 1024 }, (_, place) => start + place));
            const back = pieces(chunk).map(({ text, isSign }) => {
                if (!isSign) return text;
                const point = parseInt(text.slice(3), 16);
                if (hidden.length && hidden.at(-1)[1] === point - 1) hidden.at(-1).splice(1, 2, point, text);
                else hidden.push([point, point, text]);
                return String.fromCodePoint(point);
            });
            if (back.join("") !== chunk) throw new Error(`other text after ${start}`);
        }
        return hidden;
    """, [], starts)  # fmt: skip
    assert [text for _, last, text in found if officer_view.plain(chr(last)) != text] == []
    hidden = {point for first, last, _ in found for point in range(first, last + 1)}
    looked = [point for start in starts for point in range(start, start + 1024)]
    by_program = {point for point in looked if officer_view.plain(chr(point)) != chr(point)}
    assert len(looked) - len(hidden) > 80_000
    assert len(hidden) > 30_000
    assert hidden - by_program == set()
    assert {unicodedata.category(chr(point)) for point in by_program - hidden} <= {"Cn"}


async def test_every_text_has_the_lines_that_the_program_shows(page: Page, tmp_path: Path) -> None:
    hostile = Hostile(23)
    texts = [hostile.text().encode() for _ in range(250)] + [hostile.body()[:6000] for _ in range(50)]
    texts += [
        b"",
        b"\n",
        b"a\r\nb\rc\n\nd",
        b"a\x0bb\x0cc\x1cd\xc2\x85e\xe2\x80\xa8f",
        b"\xef\xbb\xbfa",
        b"\xed\xa0\x80\xf0\x9f",
        b"a\r\n",
    ]
    found = await ask(page, tmp_path, """
        return files.map((file) => lines(file).map((line) => line.map((piece) => piece.text).join("")));
    """, texts)  # fmt: skip
    expected = [[officer_view.plain(line) for line in data.decode("utf-8", "replace").splitlines()] for data in texts]
    assert [
        (data[:40], one, other) for data, one, other in zip(texts, expected, found, strict=True) if one != other
    ] == []

"""A conversation on each real channel gives one sealed report, and three foreign readers open it."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from bot.cli import faro
from storage import archive, reports, signing
from storage.identity import write_key_file
from storage.reports import ReportRow
from tests.house import House
from tests.interop import age_cli
from tests.interop.age_encryption import ask

WORDS = "duermo en la bodega detrás de la panadería"
TALK = [
    "hola",
    "1",
    "1",
    "3",
    "Colombia",
    "1",
    "saltar",
    "sí",
    "sí",
    "no",
    "no sé",
    "no",
    "3",
    "saltar",
    "1",
    "es todo",
    "no",
    "saltar",
    WORDS,
    "2",
]
PASSPHRASE = "correct horse"


async def sealed_report(house: House, channel: str) -> ReportRow:
    """Talks to the end, and takes the one report that lies ready for the coordinating centre."""
    phone = await house.phone(channel)
    for line in TALK:
        assert await phone.say(line) in {200, 202, 204}
        await house.quiet()
    async with house.service.database.begin() as tx:
        (listed,) = await reports.listing(tx, "coat")
        row = await reports.fetch(tx, listed.id, unit="coat")
    assert row
    return row


@pytest.mark.parametrize("channel", ["telegram", "whatsapp", "sms", "web"])
async def test_what_was_told_opens_with_age_npm_and_the_officers_command(
    house: House, channel: str, tmp_path: Path
) -> None:
    row, key = await sealed_report(house, channel), house.officers.keys["coat"]

    by_npm = archive.unpack(ask("open", data=row.sealed, identity=key.identity.secret())["data"])
    assert WORDS in by_npm["report.txt"].decode()
    assert orjson.loads(by_npm["report.json"])["source"]["channel"] == channel

    assert by_npm == opened_by_age(row, key.identity.secret(), tmp_path)

    shown = opened_by_officer(house, row, tmp_path)
    assert WORDS in shown
    assert "Signature, recipients, parts and ids verified." in shown


def opened_by_age(row: ReportRow, secret: str, folder: Path) -> dict[str, bytes]:
    """The members as `age -d | tar` gives them."""
    try:
        age_cli.folder()
    except age_cli.Unavailable as reason:
        pytest.skip(f"THE AGE COMMAND LINE WAS NOT TRIED: {reason}. Set TEST_AGE to an age of 1.3 or later.")
    identity = folder / "identity"
    identity.write_text(secret + "\n")
    opened = age_cli.run("age", "-d", "-i", identity, stdin=row.sealed)
    with tarfile.open(fileobj=io.BytesIO(opened)) as tar:
        return {member.name: file.read() for member in tar if (file := tar.extractfile(member))}


def opened_by_officer(house: House, row: ReportRow, folder: Path) -> str:
    """What `faro officer open` shows, on the file and the officer's key file alone."""
    file, key = folder / f"{row.id.hex()}.age", folder / "coat.key"
    file.write_bytes(row.sealed)
    write_key_file(key, house.officers.keys["coat"], PASSPHRASE)
    (folder / "passphrase").write_text(PASSPHRASE)
    sealer = signing.public_text(house.service.keys.sealer_key().public_key())
    line = ["officer", "open", file, "--key", key, "--passphrase-file", folder / "passphrase", "--sealer", sealer]
    result = CliRunner().invoke(faro, [str(word) for word in line])
    assert result.exit_code == 0, result.output
    return result.output

"""`faro officer`: an officer's own side. Keys are made here, reports are opened here, and neither needs the server."""

import re
from datetime import UTC, datetime
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bot import officer_desk, officer_view
from bot.counted import counted
from bot.officer_options import (
    FILE,
    FOLDER,
    Commands,
    Refusal,
    find_roster,
    first_line,
    key_options,
    load_key,
    roster_options,
)
from bot.officer_verify import verify
from storage import age, envelope, identity, referral, roster_draft, signing
from storage.envelope import Opened
from storage.identity import OfficerKey
from storage.referral import Referral
from storage.roster import Roster

ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z", re.ASCII)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def officer() -> None:
    """Make a key, fetch, open and verify reports."""


@officer.command()
@click.argument("name")
@click.option("--out", type=FOLDER, default=Path(), help="Folder for the two files; default: here.")
@click.option("--passphrase-file", type=FILE, help="Take the passphrase from here instead of making one.")
def keygen(name: str, out: Path, passphrase_file: Path | None) -> None:
    """Make a key: NAME.key stays with you, NAME.card goes to the directors."""
    if not ID.match(name):
        raise Refusal("a name is made of a-z, 0-9, dot, dash and underscore.")
    key = identity.new_key()
    passphrase = first_line(passphrase_file) if passphrase_file else identity.new_passphrase()
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    identity.write_key_file(out / f"{name}.key", key, passphrase)
    card = key.card(name)
    (out / f"{name}.card").write_bytes(card)
    click.echo(f"Key file, for you alone:    {out / f'{name}.key'}")
    click.echo(f"Card, for the directors:    {out / f'{name}.card'}")
    click.echo(f"Fingerprint, to read aloud: {roster_draft.fingerprint(card)}")
    click.echo(f"Signing key:                {key.signing_public}")
    if not passphrase_file:
        click.echo(f"Passphrase, shown only now: {passphrase}")


@officer.command("open")
@click.argument("file", type=FILE)
@key_options
@roster_options
@click.option("--sealer", help="Public key of the sealer, to open without a roster.")
@click.option("--report-id", help="The id that was asked for; default: the one in the file's name.")
@click.option("--referral", "referral_file", type=FILE, help="The referral, if the report was referred to you.")
@click.option("--save", type=FOLDER, help="Also write all parts and attachments into this folder.")
def open_(
    file: Path,
    key_file: Path,
    passphrase_file: Path | None,
    roster_file: Path | None,
    directors: tuple[str, ...],
    threshold: int | None,
    sealer: str | None,
    report_id: str | None,
    referral_file: Path | None,
    save: Path | None,
) -> None:
    """Open a sealed report, check it, and show it."""
    known = None if sealer else find_roster(roster_file, directors, threshold)
    key = load_key(key_file, passphrase_file)
    opened = envelope.open_report(
        file.read_bytes(),
        key.identity,
        sealer_public=[signing.parse_public(sealer)] if sealer else _sealers(known),
        expect_report_id=_expected(report_id, file),
        referral=_referral(referral_file, known),
    )
    click.echo("\n".join(officer_view.lines(opened, known)))
    if save:
        for path in officer_view.save(opened, _large(opened, file, key), save):
            click.echo(f"Saved {path}")


@officer.command()
@click.argument("file", type=FILE)
@key_options
@roster_options
@click.option("--to", "cards", type=FILE, multiple=True, required=True, help="Card of a receiving officer; repeat.")
@click.option("--basis", required=True, help="The legal basis, in words.")
@click.option("--out", type=FOLDER, required=True, help="Folder for the files to hand over.")
def refer(
    file: Path,
    key_file: Path,
    passphrase_file: Path | None,
    roster_file: Path | None,
    directors: tuple[str, ...],
    threshold: int | None,
    cards: tuple[Path, ...],
    basis: str,
    out: Path,
) -> None:
    """Address a report to officers elsewhere. What is sealed stays as it is; a signed referral goes beside it."""
    known = find_roster(roster_file, directors, threshold)
    key = load_key(key_file, passphrase_file)
    data = file.read_bytes()
    wanted = _expected(None, file)
    opened = envelope.open_report(data, key.identity, sealer_public=_sealers(known), expect_report_id=wanted)
    recipients = [roster_draft.read_card(card.read_bytes())[1] for card in cards]
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    stem = opened.manifest.report_id.hex()
    for name, source in {f"{stem}.age": file, **_large_files(opened, file)}.items():
        _write_new(out / name, age.rewrap(source.read_bytes(), [key.identity], recipients))
    today = datetime.now(UTC).date()
    _write_new(out / f"{stem}.referral", referral.write(opened.manifest, opened.sha256, key, recipients, basis, today))
    click.echo(f"Referred to {counted(len(recipients), 'key')}: {out}")


for command in (officer_desk.list_, officer_desk.fetch, officer_desk.acknowledge, verify):
    officer.add_command(command)


def _sealers(known: Roster | None) -> list[Ed25519PublicKey]:
    if known is None:
        raise Refusal("no roster was found: give --roster with --director.")
    return list(known.sealers)


def _expected(report_id: str | None, file: Path) -> bytes | None:
    """The id asked for. A file that is named by an id is held to it, so that swapped files are noticed."""
    stem = file.name.partition(".")[0]
    wanted = report_id or (stem if re.fullmatch("[0-9a-f]{32}", stem) else None)
    return signing.from_hex(wanted, 16) if wanted else None


def _referral(path: Path | None, known: Roster | None) -> Referral | None:
    if path is None:
        return None
    if known is None:
        raise Refusal("a referral is checked against the roster of its sender: give --roster with --director.")
    return referral.read(path.read_bytes(), known.signing_keys())


def _large(opened: Opened, file: Path, key: OfficerKey) -> dict[str, bytes]:
    """The large attachments, out of the files that lie beside the report."""
    found = _large_files(opened, file)
    stem = opened.manifest.report_id.hex()
    return {
        name: envelope.open_detached(found[f"{stem}.{part.file}"].read_bytes(), name, opened.manifest, key.identity)
        for name, part in opened.manifest.detached.items()
    }


def _large_files(opened: Opened, file: Path) -> dict[str, Path]:
    names = [f"{opened.manifest.report_id.hex()}.{part.file}" for part in opened.manifest.detached.values()]
    return {name: file.with_name(name) for name in names}


def _write_new(path: Path, data: bytes) -> None:
    with path.open("xb") as target:
        target.write(data)

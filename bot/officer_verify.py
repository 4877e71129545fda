"""`faro officer verify`: is the audit chain whole, and are the stored reports those that it names?"""

from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bot.counted import counted
from bot.officer_desk import Office, at_office
from bot.officer_options import FILE, Refusal, find_roster, roster_options
from storage import audit, chain_file, envelope, reports, signing
from storage.audit import AuditRow, Head, VerifyResult

NEW_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--chain", type=FILE, help="Verify this exported chain, without the server.")
@click.option("--export", type=NEW_FILE, help="Also write the chain to a file, to be verified elsewhere.")
@click.option("--witness", type=FILE, help="A head noted earlier: without one a cut-off end is not seen.")
@click.option("--note", type=NEW_FILE, help="Also write the signed head, to be kept away from the server.")
@roster_options
def verify(
    chain: Path | None,
    export: Path | None,
    witness: Path | None,
    note: Path | None,
    roster_file: Path | None,
    directors: tuple[str, ...],
    threshold: int | None,
) -> None:
    """Verify the audit chain, on the server or offline in an exported file."""
    if chain:
        known = find_roster(roster_file, directors, threshold)
        if known is None:
            raise Refusal("no roster was found: give --roster with --director.")
        _tell(verified(chain_file.read(chain.read_bytes()), known.sealers, witness), 0)
        return
    rows, sealers, head, swapped, checked = at_office(_gather)
    if export:
        _write(export, chain_file.write(rows))
    if note:
        _write(note, head)
    result = verified(rows, sealers, witness)
    for report_id in swapped:
        click.echo(f"report {report_id.hex()}: the stored file is not the one that was sealed")
    _tell(result, checked)
    if swapped:
        raise Refusal(f"not as sealed: {counted(len(swapped), 'stored report')}.")


def verified(rows: list[AuditRow], sealers: tuple[Ed25519PublicKey, ...], witness: Path | None) -> VerifyResult:
    """The chain, under one sealer after the other."""
    return audit.verify(rows, sealers, witness=_head(witness, sealers))


async def _gather(office: Office) -> tuple[list[AuditRow], tuple[Ed25519PublicKey, ...], bytes, list[bytes], int]:
    rows = await audit.rows(office.tx)
    head = await audit.signed_head(office.tx, office.keys.sealer_key())
    ids = {row.id for unit in office.roster.units for row in await reports.listing(office.tx, unit)}
    digests = audit.sealed_digests(rows)
    swapped = [id for id in sorted(ids) if not await _is_sealed(office, id, digests)]
    return rows, office.roster.sealers, head, swapped, len(ids)


async def _is_sealed(office: Office, report_id: bytes, digests: dict[str, str]) -> bool:
    row = await reports.fetch(office.tx, report_id)
    return row is None or digests.get(report_id.hex()) == envelope.payload_sha256(row.sealed).hex()


def _head(witness: Path | None, sealers: tuple[Ed25519PublicKey, ...]) -> Head | None:
    if witness is None:
        return None
    document = witness.read_bytes()
    for key in sealers:
        try:
            return audit.read_head(document, key)
        except signing.BadSignature:
            continue
    raise Refusal("the witness is not signed by a sealer of the roster.")


def _tell(result: VerifyResult, reports_checked: int) -> None:
    for problem in result.problems:
        click.echo(f"row {problem.seq}: {problem.what}")
    if not result.ok:
        raise Refusal(f"the audit chain is broken at {counted(len(result.problems), 'place')}.")
    click.echo(f"The audit chain is whole: {counted(result.head.seq, 'row')}, head {result.head.hash.hex()}.")
    if reports_checked:
        click.echo(f"Proved against the chain: {counted(reports_checked, 'stored report')}.")


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as target:
        target.write(data)
    click.echo(f"Saved {path}")

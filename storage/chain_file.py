"""The audit chain as a file, to be verified away from the server: one line of canonical JSON a row."""

from collections.abc import Iterable

from storage import signing
from storage.audit import AuditRow
from storage.refused import Refused

CTX = "faro/audit-row/v1"


class ChainFileRefused(Refused):
    """Not an exported chain."""


def write(rows: Iterable[AuditRow]) -> bytes:
    """The rows, oldest first."""
    return b"".join(signing.canonical(_line(row)) + b"\n" for row in rows)


def read(data: bytes) -> list[AuditRow]:
    """The rows, which nothing has verified yet. Raises ChainFileRefused."""
    try:
        return [_row(signing.parse(line, CTX)) for line in data.split(b"\n") if line]
    except (signing.NotCanonical, KeyError, TypeError, ValueError, AttributeError):
        raise ChainFileRefused("not an exported chain") from None


def _line(row: AuditRow) -> dict[str, object]:
    return {
        "ctx": CTX,
        "seq": row.seq,
        "prev": row.prev.hex(),
        "hash": row.hash.hex(),
        "body": row.body.decode("utf-8", "replace"),
        "signature": row.signature.hex() if row.signature is not None else None,
    }


def _row(line: dict[str, object]) -> AuditRow:
    signature = line["signature"]
    seq, body = line["seq"], line["body"]
    if type(seq) is not int or not isinstance(body, str):
        raise ChainFileRefused("a row with a value of another kind")
    return AuditRow(
        seq,
        bytes.fromhex(str(line["prev"])),
        signing.from_hex(line["hash"], 32),
        body.encode(),
        None if signature is None else bytes.fromhex(str(signature)),
    )

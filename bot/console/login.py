"""Who signs in: an officer of the roster in force, by a signature that counts once, at this door, for two minutes.

There is no password and no account. The browser opens the officer's key file, and signs with the key that comes of it:

    {"challenge": hex, "ctx": "faro/console-login/v1", "officer": id, "origin": of the page}

as a signed document (FORMAT.md, section 6). What is wrong with one is told to the metrics alone. Nobody can keep an
officer out by trying: nothing is counted against an officer, and what is not genuine is refused before the database is
asked.
"""

from __future__ import annotations

import base64
import binascii
from typing import ClassVar

from bot.console.service import Console
from storage import console_sessions, signing
from storage.errors import ChallengeUsed
from storage.roster import Officer, Roster

CTX = "faro/console-login/v1"
LONGEST = 4096  # characters of a proof
_FIELDS = {"challenge", "ctx", "officer", "origin"}


class NotAnOfficer(Exception):
    """`reason`: one of `bot.metrics.CONSOLE_REFUSALS`, which nobody outside is told."""

    code: ClassVar[str] = "not_an_officer"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def signed_in(console: Console, proof: str) -> tuple[str, Officer]:
    """The token of a new session, and whose it is. Raises `NotAnOfficer`."""
    document, body = _read(proof)
    now = console.clock()
    if not console.challenges.genuine(body["challenge"], now):
        raise NotAnOfficer("challenge")
    if body["origin"] not in console.origins:
        raise NotAnOfficer("origin")
    async with console.database.begin() as tx:
        roster = await console.roster(tx)
        officer = _signer(roster, document, body["officer"])
        if not officer.counts_on(now.date()):
            raise NotAnOfficer("officer")
        try:
            return await console_sessions.begin(tx, body["challenge"], officer, now), officer
        except ChallengeUsed:
            raise NotAnOfficer("used") from None


def _read(proof: str) -> tuple[bytes, dict[str, str]]:
    """The document, and its body, which nobody has verified yet."""
    try:
        document = base64.b64decode(proof.encode("ascii"), validate=True)
        body, _ = signing.signed_by(document, CTX, [])
    except (UnicodeEncodeError, binascii.Error, signing.NotCanonical):
        raise NotAnOfficer("malformed") from None
    if set(body) != _FIELDS or not all(isinstance(value, str) for value in body.values()):
        raise NotAnOfficer("malformed")
    return document, body


def _signer(roster: Roster, document: bytes, name: str) -> Officer:
    """The officer of this name, if the signature is theirs."""
    officer = next((one for one in roster.officers if one.name_id == name), None)
    if officer is None:
        raise NotAnOfficer("officer")
    if not signing.signed_by(document, CTX, [officer.signing])[1]:
        raise NotAnOfficer("signature")
    return officer

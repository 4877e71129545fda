"""The addresses that the officers' page asks, by `Authorization: Bearer <token>`, and what comes of each."""

from __future__ import annotations

import base64
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot import log, rosters
from bot.console import session
from bot.console.answers import (
    HEX_ID,
    AcknowledgedAnswer,
    ChallengeAnswer,
    ListAnswer,
    ProofGiven,
    ReportAnswer,
    RosterAnswer,
    SessionAnswer,
)
from bot.console.login import LONGEST, NotAnOfficer, signed_in
from bot.console.problems import described
from bot.console.sealed_file import SealedFile
from bot.console.service import Console
from storage import challenges, console_sessions, reports, signing
from storage.roster import RosterRefused
from storage.trust import TrustRefused

PARTS = "X-Parts"
_FILE: dict[str, Any] = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
_NAMED = {PARTS: {"description": "Names of large attachments, comma between", "schema": {"type": "string"}}}

router = APIRouter(prefix="/api")


def console_of(request: Request) -> Console:
    console: Console = request.app.state.console
    return console


_bearer = HTTPBearer(auto_error=False)


def token_of(given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str:
    """What was given as a token; the empty one stands for nobody."""
    return given.credentials if given else ""


Here = Annotated[Console, Depends(console_of)]
Token = Annotated[str, Depends(token_of)]
# Described, and not checked here: without a session the answer is 401, whatever was asked for.
Id = Annotated[str, Path(json_schema_extra={"pattern": HEX_ID})]


@router.get("/roster", responses=described(503))
async def roster(console: Here) -> RosterAnswer:
    """Public keys, as the directors signed them; the page checks them before it trusts one."""
    try:
        known = rosters.trust(console.settings)
        document = console.settings.roster_file.read_bytes()
    except (OSError, TrustRefused) as error:
        raise RosterRefused("no roster file, or nobody to trust") from error
    directors = [signing.public_text(key) for key in known.directors]
    return RosterAnswer(document=base64.b64encode(document).decode("ascii"), directors=directors,
                        threshold=known.threshold, practice=console.settings.practice)  # fmt: skip


@router.post("/challenge", responses=described(408, 413))
async def challenge(console: Here) -> ChallengeAnswer:
    """Nothing is kept of it."""
    return ChallengeAnswer(challenge=console.challenges.new(console.clock()), seconds=challenges.SECONDS)


@router.post("/session", responses=described(400, 403, 408, 413, 503))
async def begin(console: Here, given: ProofGiven, request: Request) -> SessionAnswer:
    """Signs in. Every proof that does not count is refused alike."""
    if len(given.proof) > LONGEST:
        raise NotAnOfficer("malformed")
    if request.headers.get("origin", next(iter(console.origins))) not in console.origins:
        raise NotAnOfficer("origin")
    token, officer = await signed_in(console, given.proof)
    log.event("console_signed_in")
    console.metrics.count("faro_console_logins_total", outcome="accepted")
    return SessionAnswer(token=token, officer=officer.name_id, unit=officer.unit,
                         idle_seconds=int(console_sessions.IDLE.total_seconds()),
                         seconds=int(console_sessions.LONGEST.total_seconds()))  # fmt: skip


@router.delete("/session", status_code=204, responses=described(401, 408, 413, 503))
async def end(console: Here, token: Token) -> None:
    """The officer leaves."""
    async with session.of(console, token) as here:
        await console_sessions.end(here.tx, token, console.clock())


@router.get("/reports", responses=described(401, 503))
async def listing(console: Here, token: Token) -> ListAnswer:
    """The unit's reports, most urgent first, without a word of what is in them."""
    async with session.of(console, token) as here:
        rows = await here.desk.listing()
    return ListAnswer(reports=[ReportAnswer.of(row) for row in rows])


@router.get("/reports/{report_id}", response_class=Response,
            responses={200: {**_FILE, "headers": _NAMED}, **described(401, 404, 503)})  # fmt: skip
async def fetch(console: Here, token: Token, report_id: Id) -> Response:
    """The sealed file. The audit chain tells of it, or it is not handed out."""
    async with session.of(console, token) as here:
        row = await here.desk.fetch(_id(report_id), with_parts=False)
        names = await reports.part_names(here.tx, row.id) if row else []
    if row is None:
        raise HTTPException(404)
    return SealedFile(f"{report_id}.age", row.sealed, **{PARTS: ",".join(names)})


@router.get("/reports/{report_id}/parts/{name}", response_class=Response,
            responses={200: _FILE, **described(401, 404, 503)})  # fmt: skip
async def part(console: Here, token: Token, report_id: Id, name: str) -> Response:
    """One large attachment, sealed."""
    async with session.of(console, token) as here:
        sealed = await here.desk.part(_id(report_id), name)
    if sealed is None:
        raise HTTPException(404)
    return SealedFile(f"{report_id}.{name}", sealed)


@router.post("/reports/{report_id}/acknowledge", responses=described(401, 404, 408, 413, 503))
async def acknowledge(console: Here, token: Token, report_id: Id) -> AcknowledgedAnswer:
    """The officer has it; notices to the unit stop."""
    async with session.of(console, token) as here:
        new = await here.desk.acknowledge(_id(report_id), here.officer)
    if new is None:
        raise HTTPException(404)
    return AcknowledgedAnswer(new=new)


def _id(text: str) -> bytes:
    """What is no id is the id of nothing."""
    try:
        return signing.from_hex(text, 16)
    except signing.NotCanonical:
        raise HTTPException(404) from None

"""A sealed file as an answer: in pieces, so that who reads slowly, or not at all, holds up no memory for ever."""

from __future__ import annotations

import asyncio
from typing import override

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot import log, patience

PIECE = 64 * 1024  # bytes


class SealedFile(Response):
    """`name`: under which a browser would save it."""

    media_type = "application/octet-stream"

    def __init__(self, name: str, sealed: bytes, **headers: str) -> None:
        super().__init__(sealed, headers={"Content-Disposition": f'attachment; filename="{name}"', **headers})

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ends the line when the reader takes less than `patience` asks of those who send."""
        begun, whole = asyncio.get_running_loop().time(), memoryview(self.body)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for at in range(0, len(whole), PIECE):
            piece = bytes(whole[at : at + PIECE])
            try:
                async with asyncio.timeout_at(begun + patience.BODY_SECONDS + at / patience.LEAST):
                    more = at + PIECE < len(whole)
                    await send({"type": "http.response.body", "body": piece, "more_body": more})
            except TimeoutError:
                log.event("console_reader_left")
                return

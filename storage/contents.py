"""Message contents that Twilio keeps for us (quick replies, lists): made once for each question and language."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.tables import contents


async def get(tx: AsyncConnection, digest: bytes) -> str | None:
    """The Content SID for this digest of the content's definition."""
    return (await tx.execute(select(contents.c.sid).where(contents.c.digest == digest))).scalar()


async def put(tx: AsyncConnection, digest: bytes, sid: str) -> None:
    """Remembers a content. The last one made for a digest counts."""
    new = upsert(contents).values(digest=digest, sid=sid)
    await tx.execute(new.on_conflict_do_update(index_elements=["digest"], set_={"sid": new.excluded.sid}))


class StoredContents:
    """The same for a channel, which has no transaction of its own at hand."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, digest: bytes) -> str | None:
        async with self._database.begin() as tx:
            return await get(tx, digest)

    async def put(self, digest: bytes, sid: str) -> None:
        async with self._database.begin() as tx:
            await put(tx, digest, sid)

"""Pictures, voice and documents of a conversation: sealed whole, with their names, until the report takes them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.conversations import Conversation
from storage.errors import NotFound, TooLarge
from storage.statement import Statement

LIMIT = 20 * 1024 * 1024  # bytes
REF_BYTES = 16

_PUT = Statement("""
    INSERT INTO attachments (conversation, ref, meta, data)
    VALUES (%(conversation)s, %(ref)s, %(meta)s, %(data)s) RETURNING id
""")

_LISTING = Statement("SELECT id, ref, meta FROM attachments WHERE conversation = %(conversation)s ORDER BY id")

_GET = Statement("SELECT ref, data FROM attachments WHERE id = %(id)s AND conversation = %(conversation)s")

_DROP = Statement("DELETE FROM attachments WHERE conversation = %(conversation)s AND id = ANY(%(ids)s)")


@dataclass(frozen=True)
class AttachmentRow:
    """What is known of an attachment without opening it. `size` in bytes."""

    id: int
    name: str
    media_type: str
    size: int


async def put(tx: AsyncConnection, conversation: Conversation, name: str, media_type: str, data: bytes) -> int:
    """Seals and keeps it; gives its number. Raises `TooLarge` above 20 MiB."""
    if len(data) > LIMIT:
        raise TooLarge(str(LIMIT))
    ref = secrets.token_bytes(REF_BYTES)
    meta = {"name": name, "media_type": media_type, "size": len(data)}
    row = await _PUT.first(
        tx,
        conversation=conversation.id,
        ref=ref,
        meta=conversation.key.seal_json(meta, conversation.place("attachment meta", ref)),
        data=conversation.key.seal(data, conversation.place("attachment", ref)),
    )
    if row is None:
        raise NotFound("conversations")
    return cast("int", row[0])


async def listing(tx: AsyncConnection, conversation: Conversation) -> list[AttachmentRow]:
    """All attachments of the conversation, oldest first."""
    rows = await _LISTING.rows(tx, conversation=conversation.id)
    return [AttachmentRow(id, **_meta(conversation, ref, meta)) for id, ref, meta in rows]


async def get(tx: AsyncConnection, conversation: Conversation, id: int) -> bytes:
    """The attachment, opened. Raises `NotFound` or `Tampered`."""
    row = await _GET.first(tx, id=id, conversation=conversation.id)
    if row is None:
        raise NotFound("attachments")
    ref, data = row
    return conversation.key.open(data, conversation.place("attachment", ref))


async def drop(tx: AsyncConnection, conversation: Conversation, ids: Sequence[int]) -> int:
    """Removes attachments, for instance those that a filed report holds by now. Gives their number."""
    return await _DROP.run(tx, conversation=conversation.id, ids=list(ids))


def _meta(conversation: Conversation, ref: bytes, sealed: bytes) -> dict[str, Any]:
    return cast("dict[str, Any]", conversation.key.open_json(sealed, conversation.place("attachment meta", ref)))

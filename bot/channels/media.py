"""Attachments: fetched within bounds here, and pictures made anew so that nothing rides along in them."""

from __future__ import annotations

import httpx

from bot.channels import MEDIA_LIMIT
from bot.errors import MediaDown, MediaRefused, TooBig


async def download(client: httpx.AsyncClient, address: str, auth: httpx.BasicAuth | None = None) -> bytes:
    """The bytes at an address, never more than `MEDIA_LIMIT`, no redirect followed. Raises `FetchError`.

    The address may be secret: it is in no error.
    """
    try:
        async with client.stream("GET", address, auth=auth) as response:
            return await bounded(response)
    except httpx.InvalidURL:
        raise MediaRefused("address") from None
    except httpx.HTTPError as error:
        raise MediaDown(type(error).__name__) from None


async def bounded(response: httpx.Response) -> bytes:
    """Reads a streamed response. Raises `TooBig`, `MediaDown` (5xx, 429: try again), `MediaRefused` (other than 200)."""
    if response.status_code == 429 or response.status_code >= 500:
        raise MediaDown(str(response.status_code))
    if response.status_code != 200:
        raise MediaRefused(str(response.status_code))
    length = response.headers.get("content-length", "")
    if length.isdecimal() and int(length) > MEDIA_LIMIT:
        raise TooBig
    data = bytearray()
    async for chunk in response.aiter_bytes():
        data += chunk
        if len(data) > MEDIA_LIMIT:
            raise TooBig
    return bytes(data)

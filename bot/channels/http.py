"""Calls to platforms: one quick client with real timeouts, and names for what can go wrong on the way.

aiohttp costs half of what httpx does for such a call, and names a connection that never was apart from an answer that
never came. Whether a message may have been sent hangs on that.
"""

from __future__ import annotations

import socket

import aiohttp

from bot.channels import MEDIA_LIMIT
from bot.errors import MaybeSent, MediaDown, MediaRefused, PlatformDown, SendError, TooBig

# A platform that has not even confirmed bytes for so long never gets them: else the system would go on sending them for
# minutes after we gave up, and a line that comes back would bring people an old message after newer ones.
CONFIRM_SECONDS = 5

type Trouble = aiohttp.ClientError | TimeoutError

_NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


def limits(seconds: float) -> aiohttp.ClientTimeout:
    """`seconds` for each step; four times as much for the whole, so that dripping bytes can't hold us."""
    return aiohttp.ClientTimeout(total=4 * seconds, connect=seconds, sock_connect=seconds, sock_read=seconds)


def client(seconds: float) -> aiohttp.ClientSession:
    """To be made inside the running loop, and closed."""
    connector = aiohttp.TCPConnector(socket_factory=_confirmed)
    return aiohttp.ClientSession(connector=connector, timeout=limits(seconds), cookie_jar=aiohttp.DummyCookieJar())


def _confirmed(info: aiohttp.AddrInfoType) -> socket.socket:
    """tcp(7), TCP_USER_TIMEOUT; it holds for what a closed socket has still to send, too."""
    made = socket.socket(*info[:3])
    made.setblocking(False)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, CONFIRM_SECONDS * 1000)
    return made


def trouble(error: Trouble) -> SendError:
    """The error to raise `from None`: the client's own message may hold an address with a token in it."""
    code = type(error).__name__
    return PlatformDown(code) if isinstance(error, _NEVER_LEFT) else MaybeSent(code)


async def download(answer: aiohttp.ClientResponse) -> bytes:
    """The body of an attachment, never more than `MEDIA_LIMIT`.

    Raises `TooBig`, `MediaDown` (429 and 5xx: ask again) or `MediaRefused` (anything but 200)."""
    if answer.status == 429 or answer.status >= 500:
        raise MediaDown(str(answer.status))
    if answer.status != 200:
        raise MediaRefused(str(answer.status))
    if (answer.content_length or 0) > MEDIA_LIMIT:
        raise TooBig
    data = bytearray()
    async for chunk in answer.content.iter_any():
        data += chunk
        if len(data) > MEDIA_LIMIT:
            raise TooBig
    return bytes(data)


def no_media(error: Trouble) -> MediaDown | MediaRefused:
    """Like `trouble`, for attachments: there asking again is always harmless."""
    return MediaRefused("address") if isinstance(error, aiohttp.InvalidURL) else MediaDown(type(error).__name__)

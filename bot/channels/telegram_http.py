"""python-telegram-bot over our own client: half the cost of its default, and no address with a token in any log."""

from __future__ import annotations

from typing import Any, override

import aiohttp
import orjson
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData

from bot.channels.http import limits


class Request(BaseRequest):
    """`session` is lent, by who opens and closes it. Files are never uploaded, so only plain fields are sent."""

    session: aiohttp.ClientSession

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout

    @property
    @override
    def read_timeout(self) -> float:
        return self._timeout

    @override
    async def initialize(self) -> None:
        """Nothing: the session is lent."""

    @override
    async def shutdown(self) -> None:
        """Nothing: the session is lent."""

    @override
    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        fields = request_data.json_parameters if request_data else None
        wait = limits(read_timeout if isinstance(read_timeout, int | float) else self._timeout)
        try:
            async with self.session.request(method, url, data=fields, timeout=wait, allow_redirects=False) as answer:
                return answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NetworkError("network") from error  # its cause says whether anything was sent

    @staticmethod
    @override
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Unlike the library's: does not log a payload that it can't read."""
        try:
            answer: dict[str, Any] = orjson.loads(payload)
        except orjson.JSONDecodeError:
            raise TelegramError("json") from None
        return answer

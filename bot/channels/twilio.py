"""What WhatsApp and SMS share: both go through Twilio's webhooks and its Messages API.

The twilio package builds the calls and reads the answers. Its transport is ours: the package's own has no timeout
(twilio-python #925), and with retries on it posts a message up to three times.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from logging import getLogger
from typing import Any, ClassVar, override
from urllib.parse import urlencode, urljoin, urlsplit

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException  # type: ignore[import-untyped]
from twilio.http import AsyncHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from bot.channels import Delivery, Finding, Media, Received, http
from bot.channels.twilio_errors import named
from bot.channels.twilio_fields import MEDIA_PATH, incoming, path_of, receipt
from bot.channels.twilio_signature import genuine, uncut
from bot.errors import Forged, MediaRefused, SendError, Throttled
from bot.settings import Settings

STATUS_PATH = "/webhooks/twilio/status"
# Where the API sends us on to for an attachment, with a signed address.
MEDIA_HOST = re.compile(r"(?:[a-z0-9-]{1,63}\.){1,8}twiliocdn\.com", re.ASCII)
NOT_FINAL = {20009}  # "not completed yet", when deleting


class TwilioChannel:
    """`bot.channels.Channel` but `compose` and `send`. `timeout`: seconds until a call counts as unanswered."""

    name: ClassVar[str]
    paths: ClassVar[tuple[str, ...]]
    erases = False  # Twilio's copies can be deleted, not what is on the telephone

    def __init__(self, settings: Settings, sender: str, *, timeout: float = 10.0) -> None:
        self._settings, self._sender, self._timeout = settings, sender, timeout
        self._senders = {one for one in (settings.whatsapp_sender, settings.sms_sender) if one}
        self._account, self._token = settings.twilio_account_sid, settings.twilio_auth_token
        self._authorization = _basic(self._account, self._token)

    async def start(self) -> None:
        self._session = http.client(self._timeout)
        self._client = Client(self._account, self._token, http_client=_Transport(self._session))
        self._client.api.base_url = self._settings.twilio_api_url

    async def close(self) -> None:
        await self._session.close()

    def read(self, delivery: Delivery) -> Received:
        """Answers 204: Twilio would send a text in the answer to the person."""
        fields = genuine(delivery, self._token, self._settings.public_url)
        if not uncut(fields):
            raise Forged("cut")
        if fields.get("AccountSid") != self._account:
            raise Forged("account")
        if delivery.path == STATUS_PATH:
            if fields.get("From") not in self._senders:
                raise Forged("sender")
            return Received(receipts=(receipt(fields),), status=204)
        if fields.get("To") != self._sender:
            raise Forged("sender")
        return Received(messages=(incoming(fields),), status=204)

    async def acknowledge(self, callback: str) -> None:
        """Nothing: a tapped button does not wait here."""

    async def fetch(self, media: Media) -> bytes:
        """From the account's own media at the API, which sends on to a signed address; that gets no password."""
        path = path_of(media.id) if media.id.isprintable() else ""
        match = MEDIA_PATH.fullmatch(path)
        if media.id != self._settings.twilio_api_url + path or match is None or match[1] != self._account:
            raise MediaRefused("address")
        try:
            async with self._session.get(
                media.id, headers={"authorization": self._authorization}, allow_redirects=False
            ) as answer:
                if answer.status not in {301, 302, 303, 307, 308}:
                    return await http.download(answer)
                onward = self._onward(media.id, answer.headers.get("location", ""))
            async with self._session.get(onward, allow_redirects=False) as answer:
                return await http.download(answer)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise http.no_media(error) from None

    async def erase(self, address: str, ids: tuple[str, ...]) -> None:
        """Twilio's copies, media first. Raises `Throttled` when one is still under way; the others are gone by then."""
        waiting: SendError | None = None
        for one in dict.fromkeys(ids):
            try:
                with naming():
                    await self._delete(one)
            except SendError as error:
                waiting = waiting or error
        if waiting:
            raise waiting

    async def check(self) -> list[Finding]:
        try:
            with naming():
                await self._client.api.v2010.accounts(self._account).fetch_async()
                return [Finding(True, "twilio account"), await self._registration()]
        except SendError as error:
            if error.detail == "20003":
                return [Finding(False, "twilio account", "Twilio refuses account and token: copy them again.")]
            return [Finding(False, "twilio", "No answer: look at the network and FARO_TWILIO_API_URL.")]

    async def _registration(self) -> Finding:
        """Does Twilio deliver to us? Without a way to ask, says where it should."""
        return Finding(True, f"{self.name}: the sender's webhook must be {self._hook}")

    @property
    def _hook(self) -> str:
        return self._settings.public_url + self.paths[0]

    async def _create(self, address: str, **more: Any) -> tuple[str, ...]:
        """Posts one message. Raises `SendError`."""
        with naming():
            message = await self._client.messages.create_async(
                to=address,
                from_=self._sender,
                status_callback=self._settings.public_url + STATUS_PATH,
                risk_check="disable",  # or a filter that knows nothing of us could hold answers back
                **more,
            )
        return (str(message.sid),)

    async def _delete(self, one: str) -> None:
        message, _, media = one.partition("/Media/")
        context = self._client.messages(message)
        try:
            await (context.media(media) if media else context).delete_async()
        except TwilioException as error:
            status, code = _numbers(error)
            if status == 404:
                return
            if status == 409 or code in NOT_FINAL:
                raise Throttled("not_final", after=60) from None
            raise

    def _onward(self, address: str, location: str) -> str:
        try:
            onward = urlsplit(urljoin(address, location))
        except ValueError:
            raise MediaRefused("redirect") from None
        stays = f"{onward.scheme}://{onward.netloc}" == self._settings.twilio_api_url
        # A bare name: no port, no account before it, no letters that another reader of addresses takes otherwise.
        if not stays and not (onward.scheme == "https" and MEDIA_HOST.fullmatch(onward.netloc)):
            raise MediaRefused("redirect")
        return onward.geturl()


class _Transport(AsyncHttpClient):  # type: ignore[misc]
    """The package's calls over our client: its timeouts, and no log of addresses."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        super().__init__(getLogger("twilio"), True)
        self._session = session

    @override
    async def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        target = f"{uri}?{urlencode(params)}" if params else uri
        sent = {**(headers or {}), **({"Authorization": _basic(*auth)} if auth else {})}
        body = urlencode(data, doseq=True).encode() if data else None
        async with self._session.request(method, target, data=body, headers=sent, allow_redirects=False) as answer:
            if answer.status == 429:
                raise Throttled("429", after=_seconds(answer.headers.get("retry-after", "")))
            return Response(answer.status, await answer.text(), answer.headers)


@contextmanager
def naming() -> Iterator[None]:
    """Gives the errors of a call our names. `from None`: their messages may quote numbers and texts."""
    try:
        yield
    except (aiohttp.ClientError, TimeoutError) as error:
        raise http.trouble(error) from None
    except TwilioException as error:
        status, code = _numbers(error)
        raise named(code, status) from None


def _numbers(error: TwilioException) -> tuple[int, int | None]:
    """HTTP status and Twilio's code."""
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return error.status, error.code if isinstance(error.code, int) else None
    return 500, None


def _seconds(value: str) -> float | None:
    return float(value) if value.isdecimal() and len(value) < 6 else None


def _basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()

"""What the kit needs to know of each channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from bot.channels import Channel, Delivery, Incoming
from bot.channels.telegram import Telegram
from bot.channels.twilio import TwilioChannel
from bot.channels.web import TEXT_LIMIT, WAIT_SECONDS, Web
from bot.settings import Settings
from tests.channels.kit import WORDS, Rig
from tests.channels.platforms.phone import Collect
from tests.channels.platforms.telegram import SECRET, TOKEN, TelegramPlatform
from tests.channels.platforms.twilio import ACCOUNT, AUTH_TOKEN, SMS, WHATSAPP, TwilioPhone, TwilioPlatform
from tests.channels.platforms.web import MailboxPhone, WebPlatform

TIMEOUT = 0.3  # seconds; tests wait for some of them


def heard(channel: Channel, gate: Collect) -> Incoming:
    """The one message of the oldest delivery."""
    (message,) = channel.read(gate.take()).messages
    return message


def telegram_settings(platform: TelegramPlatform, **more: Any) -> Settings:
    given = {
        "telegram_token": TOKEN,
        "telegram_secret": SECRET,
        "public_url": "https://faro.example",
        "telegram_pace": 0,
    }
    return Settings(_env_file=None, telegram_api_url=platform.url, **{**given, **more})  # type: ignore[arg-type]


def telegram_rig(channel: Telegram, platform: TelegramPlatform) -> Rig:
    assert isinstance(platform.gate, Collect)
    return Rig(
        channel,
        platform,
        platform.phone(9_007_199_254_740_991),  # the largest that JSON in a browser keeps; ids have up to 52 bits
        platform.gate,
        secrets=(TOKEN, TOKEN.partition(":")[2], SECRET, "9007199254740991"),
        sends="sendMessage",
        files="file",
        limit=4096,
        sign=platform.delivery,
        forge=_forge_telegram,
        nothing=_nothing_of_telegram(platform),
        buttons=100,
        lost_address="404",
    )


def _forge_telegram(genuine: Delivery) -> list[Delivery]:
    def with_secret(secret: str) -> Delivery:
        return replace(genuine, headers={**genuine.headers, "x-telegram-bot-api-secret-token": secret})

    without = {name: value for name, value in genuine.headers.items() if "secret" not in name}
    secrets = ["", SECRET[:-1], SECRET + "x", "ñandú"]
    return [*(with_secret(secret) for secret in secrets), replace(genuine, headers=without)]


def _nothing_of_telegram(platform: TelegramPlatform) -> list[Delivery]:
    group = {"message_id": 1, "date": 1, "chat": {"id": -5, "type": "group", "title": "x"}, "text": WORDS}
    private = {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}}
    person = {"id": 1, "is_bot": False, "first_name": "x"}
    updates: list[dict[str, Any]] = [
        {},
        {"something_of_2031": {"a": [1]}},
        {"chosen_inline_result": {"result_id": "1", "from": person, "query": ""}},
        {"message": group},
        {"edited_message": group},
        {"message": private},
        {"message": private | {"group_chat_created": True}},
        # A live location is edited every few seconds; answers would light up the telephone.
        {"edited_message": private | {"location": {"latitude": 1, "longitude": 2}}},
    ]
    return [platform.delivery(orjson.dumps({"update_id": 1} | update)) for update in updates]


def twilio_settings(platform: TwilioPlatform, **more: Any) -> Settings:
    given = {
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": AUTH_TOKEN,
        "whatsapp_sender": WHATSAPP,
        "sms_sender": SMS,
    }
    origins = {"twilio_api_url": platform.url, "twilio_content_url": platform.url, "public_url": platform.public_url}
    return Settings(_env_file=None, **{**given, **origins, **more})  # type: ignore[arg-type]


def twilio_rig(channel: TwilioChannel, platform: TwilioPlatform, phone: TwilioPhone, **more: Any) -> Rig:
    assert isinstance(platform.gate, Collect)
    path = channel.paths[0]
    status = {"AccountSid": ACCOUNT, "From": phone.sender, "To": phone.address, "MessageSid": "SM" + "1" * 32}
    told = ("queued", "sent", "delivered", "read", "of2031")
    return Rig(
        channel,
        platform,
        phone,
        platform.gate,
        secrets=(AUTH_TOKEN, phone.address, phone.address[-8:]),
        sends="messages",
        files="media",
        sign=lambda body: platform.signed(path, body),
        forge=_twilio_forger(platform, path),
        nothing=[platform.signed("/webhooks/twilio/status", status | {"MessageStatus": one}) for one in told],
        **more,
    )


def _twilio_forger(platform: TwilioPlatform, path: str) -> Callable[[Delivery], list[Delivery]]:
    def forge(genuine: Delivery) -> list[Delivery]:
        def with_header(name: str, value: str) -> Delivery:
            return replace(genuine, headers={**genuine.headers, name: value})

        unsigned = {name: value for name, value in genuine.headers.items() if name != "x-twilio-signature"}
        return [
            replace(genuine, headers=unsigned),
            with_header("x-twilio-signature", _another(genuine.headers["x-twilio-signature"])),
            with_header("x-twilio-signature", "ñ"),
            with_header("x-twilio-webhooks-signature-settings", "algorithm=HMAC_SHA256"),
            with_header("x-twilio-webhooks-signature-settings", "algorithm=NONE"),
            with_header("content-type", "application/json"),
            replace(genuine, body=genuine.body + b"&Body=x"),
            replace(genuine, target=genuine.target + "?a=b"),
            platform.signed(path, genuine.body.replace(ACCOUNT.encode(), b"AC" + b"f" * 32)),
            platform.signed(path, genuine.body.replace(b"To=", b"To=%2B1999")),
        ]

    return forge


def _another(signature: str) -> str:
    """One that differs in its first character."""
    return ("B" if signature.startswith("A") else "A") + signature[1:]


def web_rig(channel: Web, platform: WebPlatform, phone: MailboxPhone) -> Rig:
    assert isinstance(phone.gate, Collect)
    return Rig(
        channel,
        platform,
        phone,
        phone.gate,
        secrets=(phone.address, phone.address[:20]),
        sends="mailbox",
        files="",
        limit=TEXT_LIMIT,
        sign=phone.delivery,
        forge=_forge_web,
        nothing=[phone.delivery(b"{}")],
        waits=WAIT_SECONDS,
        buttons=100,
        lost_address="nobody",
    )


def _forge_web(genuine: Delivery) -> list[Delivery]:
    def with_header(name: str, value: str) -> Delivery:
        return replace(genuine, headers={**genuine.headers, name: value})

    bearer = genuine.headers["authorization"]
    without = {name: value for name, value in genuine.headers.items() if name != "authorization"}
    last = "A" if bearer[-1] != "A" else "B"
    handles = [bearer[:-1], bearer[:-1] + last, bearer + "A", bearer.removeprefix("Bearer "), bearer.lower(), "Bearer ",
               "Bearer ñ", "Bearer " + "A" * 64, bearer.replace("Bearer", "Basic")]  # fmt: skip
    return [
        replace(genuine, headers=without),
        *(with_header("authorization", handle) for handle in handles),
        *(with_header("sec-fetch-site", site) for site in ("cross-site", "same-site", "none")),
        *(with_header("origin", origin) for origin in ("https://evil.example", "null", "")),
        *(with_header("content-type", kind) for kind in ("text/plain", "application/x-www-form-urlencoded", "")),
    ]

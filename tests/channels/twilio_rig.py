"""What the tests of WhatsApp and SMS share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.channels import Delivery
from bot.channels.twilio import TwilioChannel
from bot.settings import Settings
from tests.channels.kit import Rig
from tests.channels.platforms.phone import Collect
from tests.channels.platforms.twilio import ACCOUNT, AUTH_TOKEN, SMS, WHATSAPP, TwilioPhone, TwilioPlatform


def settings_of(platform: TwilioPlatform) -> Settings:
    return Settings(
        _env_file=None, twilio_account_sid=ACCOUNT, twilio_auth_token=AUTH_TOKEN, twilio_api_url=platform.url,
        twilio_content_url=platform.url, whatsapp_sender=WHATSAPP, sms_sender=SMS, public_url=platform.public_url,
    )  # type: ignore[call-arg]  # fmt: skip


def forger(platform: TwilioPlatform, path: str) -> Any:
    def forge(genuine: Delivery) -> list[Delivery]:
        def with_header(name: str, value: str) -> Delivery:
            return replace(genuine, headers={**genuine.headers, name: value})

        unsigned = {name: value for name, value in genuine.headers.items() if name != "x-twilio-signature"}
        signature = genuine.headers["x-twilio-signature"]
        other_account = genuine.body.replace(ACCOUNT.encode(), b"AC" + b"f" * 32)
        other_sender = genuine.body.replace(b"To=", b"To=%2B1999")
        return [
            replace(genuine, headers=unsigned),
            with_header("x-twilio-signature", signature[:-2] + "A="),
            with_header("x-twilio-signature", "ñ"),
            with_header("x-twilio-webhooks-signature-settings", "algorithm=HMAC_SHA256"),
            with_header("x-twilio-webhooks-signature-settings", "algorithm=NONE"),
            with_header("content-type", "application/json"),
            replace(genuine, body=genuine.body + b"&Body=x"),
            replace(genuine, target=genuine.target + "?a=b"),
            platform.signed(path, other_account),
            platform.signed(path, other_sender),
        ]

    return forge


def rig_of(channel: TwilioChannel, platform: TwilioPlatform, phone: TwilioPhone, **more: Any) -> Rig:
    platform.gate = gate = Collect()
    path = channel.paths[0]
    about: dict[str, Any] = {"AccountSid": ACCOUNT, "To": phone.sender, "From": phone.address, "MessageSid": "SM" + "1" * 32}
    status = about | {"From": phone.sender, "To": phone.address}
    return Rig(
        channel, platform, phone, gate, secrets=(AUTH_TOKEN, phone.address, phone.address[-8:]), sends="messages",
        files="media", sign=lambda body: platform.signed(path, body), forge=forger(platform, path),
        nothing=[platform.signed("/webhooks/twilio/status", status | {"MessageStatus": told})
                 for told in ("queued", "sent", "delivered", "read", "of2031")],
        **more,
    )  # fmt: skip

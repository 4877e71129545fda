"""What every answer to a browser carries: no script, frame or referrer of others, nothing kept on the disk."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.settings import Settings


def policy(trusted_types: str) -> str:
    """Own files alone. `trusted_types`: the one policy that may make an address of a script."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "connect-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob:",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            f"trusted-types {trusted_types}",
        )
    )


POLICY = policy("sw")  # which registers the service worker
# What browsers can give to a page, and these pages take nothing of.
POWERS = (
    "accelerometer", "autoplay", "camera", "clipboard-read", "clipboard-write", "display-capture",
    "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts",
    "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-create",
    "publickey-credentials-get", "screen-wake-lock", "serial", "storage-access", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
ALWAYS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{power}=()" for power in POWERS),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    # Offline reading is the service worker's, which the person can decline and which an exit empties.
    "Cache-Control": "no-store",
}
# Of scripts and styles alone, whose names change with what is in them and which tell nothing: on board of an aircraft
# they come once, for this page, for the worker that keeps it and for the next page.
FOR_A_DAY = "private, max-age=86400, immutable"
TWO_YEARS = 2 * 365 * 24 * 60 * 60  # seconds


class EveryAnswer:
    """Puts on each answer, also to platforms and probes, what none should lack. What it has already stays."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._lacking = {"X-Content-Type-Options": "nosniff", **https(settings.public_url)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._lacking.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sending)


def https(address: str) -> Mapping[str, str]:
    """Browsers are to come back by HTTPS alone, where the service has it at its address."""
    lasting = {"Strict-Transport-Security": f"max-age={TWO_YEARS}; includeSubDomains"}
    return lasting if address.startswith("https://") else {}


def secure(response: Response, settings: Settings) -> Response:
    """The same response with every header; what it set itself stays."""
    for name, value in (*ALWAYS.items(), *https(settings.public_url).items()):
        response.headers.setdefault(name, value)
    return response

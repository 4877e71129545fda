"""Somebody with a browser: what they are given, and everything that must never happen on a page of ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, WebError

HEIGHT = 800  # pixels of a telephone's screen
UNREACHABLE = "net::ERR_"  # the browser's own line for what it could not load; of no page's making when the line is cut
CLEARED = "Clear-Site-Data header on"  # the browser's own line when it does what it was asked at an exit


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass
class Visitor:
    """One context of the browser, with nothing in it of any other. `faults`: what a page of ours must never do."""

    context: BrowserContext
    home: str  # address of the gateway, without a path
    page: Page
    offline: bool = False  # the line was cut: that a page can not be loaded is then no fault
    told: tuple[int, ...] = ()  # statuses that the test is about: the browser's own line for one is then no fault
    faults: list[str] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)

    @classmethod
    async def arrive(cls, browser: Browser, home: str, **options: Any) -> Self:
        """With an empty page open. `options`: of `browser.new_context`."""
        context = await browser.new_context(base_url=home, **options)
        visitor = cls(context, origin(home), await context.new_page())
        context.on("console", visitor._console)
        context.on("weberror", visitor._error)
        context.on("request", visitor._request)
        return visitor

    async def leave(self) -> list[str]:
        """Closes everything. Returns the faults, cookies among them."""
        cookies = [f"cookie {cookie['name']}" for cookie in await self.context.cookies()]
        await self.context.close()
        return self.faults + cookies

    def _ours(self, url: str) -> bool:
        return origin(url) == self.home

    def _console(self, message: ConsoleMessage) -> None:
        meant = message.text.startswith(CLEARED) or (self.offline and UNREACHABLE in message.text)
        meant |= any(f"status of {status} " in message.text for status in self.told)
        if self._ours(self.page.url) and not meant:
            self.faults.append(f"console {message.type}: {message.text}")

    def _error(self, error: WebError) -> None:
        self.faults.append(f"error: {error.error}")

    def _request(self, request: Request) -> None:
        """Nothing of ours loads anything from elsewhere; that a page leads elsewhere at the exit is meant."""
        self.asked.append(request)
        leads = request.is_navigation_request() and request.frame.parent_frame is None
        by = request.service_worker.url if request.service_worker else request.frame.url
        web = urlsplit(request.url).scheme in ("http", "https", "ws", "wss")
        if web and not leads and self._ours(by) and not self._ours(request.url):
            self.faults.append(f"third party: {request.url}")


def options(width: int = 390, language: str = "es", *, scripts: bool = True, calm: bool = False,
            touch: bool = False) -> dict[str, Any]:  # fmt: skip
    """Of a context. `width`: pixels; `language`: what the browser asks for first; `calm`: less motion is wanted;
    `touch`: a telephone without a mouse."""
    return {
        "viewport": {"width": width, "height": HEIGHT}, "locale": language, "java_script_enabled": scripts,
        "reduced_motion": "reduce" if calm else "no-preference", "has_touch": touch, "is_mobile": touch,
    }  # fmt: skip

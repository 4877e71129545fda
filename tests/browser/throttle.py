"""What a page weighs, and when something can first be read on a slow line; both as the browser itself counts."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import Browser

from tests.browser.visitor import Visitor, options

_PAINT = """() => new Promise((done) => new PerformanceObserver((list) => {
    const [first] = list.getEntriesByName("first-contentful-paint");
    if (first) done(first.startTime);
}).observe({type: "paint", buffered: true}))"""


@dataclass(frozen=True, slots=True)
class Profile:
    """A line. `down`, `up`: bits a second; `answer`: milliseconds from asking to the first byte, for each request.

    The time to connect and to agree on keys is not in it: on the loopback there is none, and the browser adds none.
    """

    name: str
    down: float
    up: float
    answer: float


FAST = Profile("loopback", -1, -1, 0)
SLOW = Profile("2G", 250_000, 50_000, 800)  # the "2G" of the browser's own tools


@dataclass(frozen=True, slots=True)
class Figures:
    """`weight`: bytes over the line, compressed, with heads; times in milliseconds after the address was asked for."""

    requests: int
    weight: int
    first_paint: float
    loaded: float


async def measure(browser: Browser, home: str, path: str = "/", *, profile: Profile = FAST,
                  language: str = "es") -> Figures:  # fmt: skip
    """Of a first visit, with nothing kept from an earlier one."""
    visitor = await Visitor.arrive(browser, home, **options(390, language))
    session = await visitor.context.new_cdp_session(visitor.page)
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    await session.send("Network.enable")
    await session.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": profile.answer,
        "downloadThroughput": profile.down / 8 if profile.down > 0 else -1,
        "uploadThroughput": profile.up / 8 if profile.up > 0 else -1,
    })  # fmt: skip
    await visitor.page.goto(path)
    paint = float(await visitor.page.evaluate(_PAINT))
    loaded = await visitor.page.evaluate("performance.getEntriesByType('navigation')[0].loadEventStart")
    await visitor.leave()
    return Figures(len(sizes), round(sum(sizes)), paint, float(loaded))

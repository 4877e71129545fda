"""axe-core on a page as it stands: every rule, the one on targets too small to tap with them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from playwright.async_api import Page

from tests.browser.chromium import unpacked

_RUN = """async () => {
    const found = await axe.run(document, {rules: {"target-size": {enabled: true}}});
    const lines = (results) => results.flatMap((one) =>
        one.nodes.map((node) => `${one.id} ${node.target}: ${node.failureSummary ?? one.help}`));
    return [found.passes.length, lines(found.violations), lines(found.incomplete)];
}"""


@dataclass(frozen=True, slots=True)
class Report:
    """`passed`: how many rules found something to look at and nothing against it; `unsure`: what axe could not tell."""

    passed: int
    violations: list[str]
    unsure: list[str]


@cache
def _source() -> str:
    return (unpacked() / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


async def look(page: Page) -> Report:
    """A strict content policy does not hinder this: the browser runs it for the test, not for the page."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_source())
    return Report(*await page.evaluate(_RUN))

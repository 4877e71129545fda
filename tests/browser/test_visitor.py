"""What the tests of pages stand on: visitors cost little and let nothing forbidden pass, and a line can be cut."""

from __future__ import annotations

import time

import pytest
from playwright.async_api import Browser, Error, expect

from tests.browser.conftest import Visit
from tests.browser.line import Line
from tests.browser.site import Site
from tests.browser.visitor import Visitor, options

PLANTED = """async (elsewhere) => {
    console.log("something");
    document.cookie = "kept=1";
    const picture = new Image();
    picture.src = elsewhere + "picture";
    document.body.append(picture);
    await picture.decode().catch(() => 0);
    setTimeout(() => { throw new Error("thrown"); });
    await new Promise((done) => setTimeout(done));
}"""


@pytest.mark.alone
async def test_a_visitor_costs_little(browser: Browser, site: Site) -> None:
    """A browser of its own would cost each test half a second, and more on a busy machine."""
    costs = []
    for _ in range(5):
        started = time.perf_counter()
        await (await Visitor.arrive(browser, site.url, **options(320, "ht"))).leave()
        costs.append(time.perf_counter() - started)
    assert min(costs) < 0.25


async def test_a_visitor_is_given_what_was_chosen(visit: Visit) -> None:
    visitor = await visit("/healthz", width=320, language="ht", calm=True)
    told = "[innerWidth, navigator.language, matchMedia('(prefers-reduced-motion)').matches]"
    assert await visitor.page.evaluate(told) == [320, "ht", True]


async def test_what_no_page_may_do_is_seen(browser: Browser, site: Site) -> None:
    visitor = await Visitor.arrive(browser, site.url, **options())
    await visitor.page.goto("/healthz")
    await visitor.page.evaluate(PLANTED, site.bland.url)
    assert {fault.split(" ")[0] for fault in await visitor.leave()} == {"console", "third", "cookie", "error:"}


async def test_a_line_is_cut_and_mended(visit: Visit, line: Line) -> None:
    visitor = await visit("/healthz", home=line.url)
    await line.cut()
    with pytest.raises(Error, match="ERR_CONNECTION"):
        await visitor.page.goto("/healthz")
    await expect(visitor.page).to_have_url("chrome-error://chromewebdata/")  # comes after the error
    await line.mend()
    await visitor.page.goto("/healthz")
    assert "alive" in await visitor.page.content()

"""The officers' page as it looks; `FARO_UPDATE_PICTURES=1` keeps the pictures in docs/, which the README shows."""

from __future__ import annotations

from playwright.async_api import expect

from storage.envelope import Part
from tests.browser.conftest import Visit
from tests.browser.desk import Desk
from tests.browser.officers import Office
from tests.browser.test_landing_pictures import keep, small
from tests.samples import picture_with_place

WIDTH = 760


async def test_the_list_and_a_report(office: Office, arrive: Visit) -> None:
    await office.file(tier="P0", many=True)
    report_id = await office.file(Part("att/1.jpg", picture_with_place()), tier="P1", language="en")
    await office.file(tier="P3")
    desk = Desk(await arrive(office.url, language="en", width=WIDTH), office, "en")
    await desk.sign_in()
    await desk.page.set_viewport_size({"width": WIDTH, "height": 700})
    await desk.page.locator("#reports > li").nth(2).get_by_role("button", name=desk.word("list.have")).click()
    await expect(desk.page.locator("#news")).not_to_be_empty()
    keep("console-list", small(await desk.page.screenshot(animations="disabled")), WIDTH)
    await desk.open(report_id)
    await desk.page.set_viewport_size({"width": WIDTH, "height": 1000})
    keep("console-report", small(await desk.page.screenshot(animations="disabled")), WIDTH)

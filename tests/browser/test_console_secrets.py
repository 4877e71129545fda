"""The officer's key stays in the worker's memory: in no request, in no storage, and in nothing that the page holds."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator

from playwright.async_api import Request, expect

from bot.console.page.site import shipped
from storage import signing
from storage.identity import OfficerKey
from tests.browser.conftest import Visit
from tests.browser.desk import PATIENCE, Desk
from tests.browser.officers import PASSPHRASE, Office
from tests.browser.visitor import Visitor

WEIGHT = 100_000  # bytes of all that the browser fetches before somebody signs in and with the first report
STORED = """async () => ({
    local: Object.entries(localStorage), session: Object.entries(sessionStorage), cookies: document.cookie,
    databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""


def spellings(key: OfficerKey) -> Iterator[str]:
    """Every way in which the key or its passphrase could be written, in small letters."""
    seed = key.identity.seed
    signing_seed = key.signing_key.private_bytes_raw()
    yield from (PASSPHRASE, key.identity.secret().lower(), seed.hex(), signing_seed.hex())
    for secret in (seed, signing_seed, PASSPHRASE.encode(), key.identity.secret().encode()):
        yield base64.b64encode(secret).decode().rstrip("=").lower()[:40]


async def sent(request: Request) -> str:
    """All that left the browser with it, in small letters."""
    headers = await request.all_headers()
    return " ".join([request.method, request.url, *map(" ".join, headers.items()), request.post_data or ""]).lower()


async def test_the_key_is_in_no_request_and_in_no_storage(office: Office, arrive: Visit) -> None:
    report_id, key = await office.file(), office.officers.keys["coat"]
    visitor = await arrive(office.url)
    desk = Desk(visitor, office)
    await desk.sign_in()
    await desk.open(report_id)
    await desk.button(desk.word("list.have")).click()
    await expect(desk.page.locator("#state strong")).to_be_visible()
    await desk.button(desk.say("leave")).click()
    await expect(desk.heading).to_have_text(desk.say("ended_title"))
    requests = [await sent(request) for request in visitor.asked]
    assert sum("/api/" in one for one in requests) >= 8
    proofs = [json.loads(request.post_data or "")["proof"] for request in visitor.asked
              if request.url.endswith("/api/session") and request.method == "POST"]  # fmt: skip
    assert signing.signed_by(base64.b64decode(proofs[0]), "faro/console-login/v1", [key.signing_public])[1]
    assert [word for word in spellings(key) for one in requests if word.lower() in one] == []
    assert [one for one in requests if "llegué" in one or ("authorization" in one and "/api/" not in one)] == []

    stored = await desk.page.evaluate(STORED)
    trusted = {"directors": sorted(office.officers.directors), "threshold": 2, "version": 1}
    assert [(name, json.loads(value)) for name, value in stored.pop("local")] == [("faro-directors", trusted)]
    assert stored == {"session": [], "cookies": "", "databases": 0, "caches": 0, "workers": 0}
    everything = await desk.page.content()
    assert [word for word in spellings(key) if word in everything.lower()] == []


async def test_reloading_forgets_the_key_and_ends_the_session(office: Office, arrive: Visit) -> None:
    visitor = await arrive(office.url)
    desk = Desk(visitor, office)
    await desk.sign_in()
    asked = [await request.all_headers() for request in visitor.asked if request.url.endswith("/api/reports")]
    token = asked[-1]["authorization"]
    await desk.page.reload()
    await expect(desk.heading).to_have_text(desk.say("signin_title"))
    assert desk.page.workers == []
    async with asyncio.timeout(PATIENCE / 1000):  # the browser sends the farewell of a page when it is gone already
        while await status(visitor, token) != 401:
            await asyncio.sleep(0.02)


async def status(visitor: Visitor, token: str) -> int:
    return (await visitor.context.request.get("/api/reports", headers={"Authorization": token})).status


async def test_while_a_key_is_opened_the_page_stays_alive(office: Office, arrive: Visit) -> None:
    """With the passphrase as keygen seals it. The page itself never loads what opens it."""
    visitor = await arrive(office.url)
    desk = Desk(visitor, office)
    await desk.arrive()
    loaded = {request.url.removeprefix(f"{office.url}/static/") for request in visitor.asked}
    assert "console.js" in loaded
    assert not {"age.js", "key.js", "envelope.js", "worker.js"} & loaded
    await desk.give(office.key_file(office.officers.keys["coat"], work_factor=18))
    await expect(desk.page.locator("#signin-progress")).to_have_text(desk.word("signin.opening"))
    assert len(desk.page.workers) == 1
    await desk.page.get_by_label(desk.say("passphrase"), exact=True).press("End")  # it answers
    await expect(desk.heading).to_have_text(desk.word("list.title", unit="COAT"), timeout=3 * PATIENCE)


async def test_all_files_together_are_small(office: Office, arrive: Visit) -> None:
    report_id = await office.file()
    visitor = await arrive(office.url)
    desk = Desk(visitor, office)
    await desk.sign_in()
    await desk.open(report_id)
    files = [request for request in visitor.asked if "/api/" not in request.url]
    assert {request.url.removeprefix(office.url) for request in files} <= {"/", *(
        file.address for file in shipped().assets.by_name.values())}  # fmt: skip
    weights = [(await request.sizes())["responseBodySize"] for request in files]
    assert 20_000 < sum(weights) < WEIGHT

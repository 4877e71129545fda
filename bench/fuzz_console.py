"""The officers' door, with what no officer's browser sends: tampered proofs, tokens of strangers, paths that lead
elsewhere, bytes that are no request. Nobody is signed in, nothing is handed out, nothing breaks."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_from_bytes, urlsplit

import aiohttp
import orjson
from yarl import URL

from bench.fuzz_files import Outcome
from bench.fuzz_words import HEADS, MARK, PATHS, Hostile
from storage.database import migrate
from storage.embedded import start_embedded
from storage.envelope import Part
from storage.identity import new_key
from tests.bot.console.room import Browser, Room, opened, signed

LIMIT_SECONDS = 3600.0
RENEWED = 200  # requests after which the officer signs in anew: what is asked here may end a session
BASES = ("/", "/static/", "/static/console.js", "/api/", "/api/reports", "/api/roster", "/healthz", "/readyz", "/docs",
         "/openapi.json", "/x")  # fmt: skip
ATTACHED = bytes(4 * 1024 * 1024 + 1)  # large enough to be a file of its own


def console(number: int, seed: int) -> Outcome:
    """So many requests at a console of its own, with a database of its own."""

    async def run() -> Outcome:
        with tempfile.TemporaryDirectory(prefix="faro-console-") as folder:
            database = await asyncio.to_thread(start_embedded, Path(folder))
            try:
                await asyncio.to_thread(migrate, database.url)
                async with opened(Path(folder), database.url, seconds=LIMIT_SECONDS) as room:
                    return await knocked(room, number, seed)
            finally:
                database.stop()

    return asyncio.run(run())


async def knocked(room: Room, number: int, seed: int) -> Outcome:
    """The same at a console that runs already. `forged`: answers that only an officer should have had."""
    found, begun = Outcome(), time.monotonic()
    knocker = _Knocker(room, await room.browser("coat"), await room.file("icbf", Part("att/1.mp4", ATTACHED)),
                       Hostile(seed), found)  # fmt: skip
    await knocker.knocks(number)
    found.forged += await room.rows("console_notes")  # nothing was handed out
    found.forged += await room.rows("console_sessions") - knocker.honest
    found.seconds = time.monotonic() - begun
    return found


class _Knocker:
    """`theirs`: a report of another unit than that of the officer whose browser it is."""

    def __init__(self, room: Room, browser: Browser, theirs: str, hostile: Hostile, found: Outcome) -> None:
        self._room, self._browser, self._theirs = room, browser, theirs
        self._hostile, self._found, self._chance = hostile, found, hostile.chance
        self.honest = 1  # sessions of the officer

    async def knocks(self, number: int) -> None:
        ways: list[Callable[[], Awaitable[None]]] = [
            self._tampered, self._tampered, self._of_a_stranger, self._replayed, self._no_proof, self._no_proof,
            self._stranger, self._elsewhere, self._elsewhere, self._page, self._page, self._raw,
        ]  # fmt: skip
        for place in range(number):
            if place and place % RENEWED == 0:
                await self._signs_in()
            self._found.tried += 1
            begun = time.process_time()
            await self._chance.choice(ways)()
            self._found.slowest = max(self._found.slowest, time.process_time() - begun)

    async def _signs_in(self) -> bytes:
        """As the officer; gives the proof that counted."""
        key = self._room.officers.keys["coat"]
        proof = await signed(self._browser, key, "officer-coat")
        status, body = await self._browser.prove(proof)
        self._fault("an officer was kept out", status != 200)
        self._browser.token = body.get("token", self._browser.token)
        self.honest += status == 200
        return proof

    # Proofs.

    async def _tampered(self) -> None:
        proof = await signed(self._browser, self._room.officers.keys["coat"], "officer-coat")
        await self._proves(self._hostile.mutated(proof))

    async def _of_a_stranger(self) -> None:
        name = self._chance.choice(("officer-coat", "officer-icbf", self._hostile.text(40).encode().decode()))
        await self._proves(await signed(self._browser, new_key(), name))

    async def _replayed(self) -> None:
        await self._proves(await self._signs_in())

    async def _proves(self, proof: bytes) -> None:
        self._judged(*await self._browser.prove(proof), forged=True)

    async def _no_proof(self) -> None:
        body = (
            self._hostile.body() if self._chance.random() < 0.6 else orjson.dumps(self._hostile.spoilt({"proof": "A"}))
        )
        address = self._chance.choice(("/api/session", "/api/session", "/api/challenge", "/"))
        self._judged(*await self._asks("POST", address, data=body), forged=address == "/api/session")

    # Addresses.

    async def _stranger(self) -> None:
        """Somebody without a session, at a report that is there."""
        token = self._chance.choice((self._browser.token[:-1], self._browser.token[::-1], "0" * 64, self._clean()))
        headers = {"Authorization": self._chance.choice((f"Bearer {token}", f"Basic {token}", token, "Bearer"))}
        method, path = self._chance.choice((("GET", ""), ("GET", "/parts/att1.age"), ("POST", "/acknowledge")))
        told = await self._asks(method, f"/api/reports/{self._theirs}{path}", headers=headers)
        self._judged(*told, forged=True)

    async def _elsewhere(self) -> None:
        """The officer, at what is not of the unit, or nowhere."""
        id = self._chance.choice((self._theirs, quote(self._hostile.text(40), safe="%"), "0" * 32, self._path()))
        rest = self._chance.choice(
            ("", "/parts/att1.age", f"/parts/{self._path()}", "/acknowledge", "/", f"/{self._path()}")
        )
        method = "POST" if rest == "/acknowledge" else self._chance.choice(("GET", "GET", "PUT", "POST", "TRACE"))
        headers = {"Authorization": f"Bearer {self._browser.token}"}
        status, body = await self._asks(method, f"/api/reports/{id}{rest}", headers=headers)
        inside = isinstance(body, dict) and "reports" in body  # the path led back to the list
        self._judged(status, body, forged=not inside and urlsplit(self._last).path.startswith("/api/reports/"))

    async def _page(self) -> None:
        address = self._chance.choice(BASES) + self._path()
        query = f"?l={quote(self._hostile.text(30))}" if self._chance.random() < 0.5 else ""
        headers = {"Accept-Language": quote(self._hostile.text(60)), "Cookie": f"a={quote(self._hostile.text(20))}",
                   "X-Forwarded-Host": "evil.example", "Origin": "https://evil.example"}  # fmt: skip
        self._judged(
            *await self._asks(self._chance.choice(("GET", "HEAD", "OPTIONS")), address + query, headers=headers)
        )

    async def _raw(self) -> None:
        """Bytes that are no request, or two in one."""
        parts = urlsplit(self._room.url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(self._chance.choice((
            b"GET / HTTP/1.1\r\nHost: a\r\nX: " + self._chance.choice(HEADS).encode() + b"\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"POST /api/session HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n{",
            b"POST /api/session HTTP/1.1\r\nHost: a\r\nContent-Length: 16\r\n\r\n" + b"[" * 16,
            b"GET /" + b"a" * self._chance.choice((100, 90_000)) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /static/" + quote_from_bytes(self._hostile.body()[:40]).encode() + b" HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /api/reports HTTP/1.1\r\nAuthorization: Bearer " + b"\xff" * 64 + b"\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00", self._hostile.body() or b"x",
            b"GET /api/reports HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        )))  # fmt: skip
        writer.write_eof()
        try:
            async with asyncio.timeout(10):
                answer = await reader.read(4096)
            self._judged(int(answer[9:12]) if answer[9:12].isdigit() else 400, answer)
        except TimeoutError:
            self._found.faults["a line is held"] += 1
        except OSError:
            pass  # it was cut, as it may be
        finally:
            writer.close()

    _last = ""

    async def _asks(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        url = URL(self._room.url + path, encoded=True)
        self._last = url.raw_path
        try:
            async with self._browser.http.request(method, url, **more) as answer:
                body = await answer.read()
                return answer.status, orjson.loads(body) if answer.content_type == "application/json" and body else body
        except (aiohttp.ClientError, ValueError, OSError) as error:
            self._found.faults[f"no answer: {type(error).__name__}"] += 1
            return 400, b""

    def _judged(self, status: int, body: Any, *, forged: bool = False) -> None:
        self._fault("5xx", status >= 500)
        self._found.forged += forged and status < 400
        told = (body if isinstance(body, bytes) else orjson.dumps(body)).lower()
        self._fault("reflected", MARK.lower().encode() in told or b"root:x:" in told or b"x-injected" in told)

    def _fault(self, what: str, happened: bool) -> None:
        if happened:
            self._found.faults[what] += 1

    def _path(self) -> str:
        return quote(self._chance.choice((*PATHS, "..", "%2e%2e/", "//", self._hostile.text(40), "\0", "")), safe="/%.")

    def _clean(self) -> str:
        return "".join(one for one in self._hostile.text(64) if one.isprintable() and one.isascii()).strip()

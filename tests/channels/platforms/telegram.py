"""Telegram on the loopback: the Bot API for one bot, private chats, and telephones that write to it.

Run alone: `python -m tests.channels.platforms.telegram --port 8081`, see `remote.py`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from bot.channels import Delivery
from tests.channels.platforms import rules_telegram
from tests.channels.platforms.phone import Gate, Phone, Seen
from tests.channels.platforms.remote import main
from tests.channels.platforms.server import Call, Loopback, Reply, json_reply

TOKEN = "1234567:AAExampleTokenForTestsOnly00000000000"
SECRET = "a-secret_for-tests"
BOT = {"id": 1234567, "is_bot": True, "first_name": "Faro", "username": "faro_bot"}
DELETABLE = 48 * 3600  # seconds in which a bot may delete messages of a private chat


@dataclass(slots=True)
class Line:
    """One message of a chat, of either side."""

    id: int
    text: str
    at: float
    buttons: list[tuple[str, str]] = field(default_factory=list)  # title, callback_data


class TelegramPlatform(Loopback):
    """`gate`: where updates go; without one they wait for getUpdates. `now`: the platform's clock, for old messages."""

    def __init__(self, *, token: str = TOKEN, now: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.token, self.now = token, now
        self.gate: Gate | None = None
        self.secret = SECRET  # what setWebhook would have told; given to deliveries
        self.webhook: dict[str, Any] = {"url": ""}
        self.lies = False  # a file's size is told smaller than it is
        self.answered: list[str] = []  # ids of callback queries that were answered
        self.files: dict[str, tuple[str, bytes]] = {}  # file id -> path, content
        self.phones: dict[int, TelegramPhone] = {}
        self.pending: list[dict[str, Any]] = []
        self._came = asyncio.Event()
        self._update_id, self._message_id = 700_000_000, 0

    def phone(self, chat: int | None = None, *, language: str = "es") -> TelegramPhone:
        chat = chat or 50_000_000 + len(self.phones)
        self.phones[chat] = TelegramPhone(self, chat, language)
        return self.phones[chat]

    def update(self, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        self._update_id += 1
        return {"update_id": self._update_id, kind: content}

    async def deliver(self, update: dict[str, Any]) -> int:
        """To the gate, or without one into the queue of getUpdates."""
        if self.gate is None:
            self.pending.append(update)
            self._came.set()
            return 200
        return await self.gate(self.delivery(orjson.dumps(update)))

    def delivery(self, body: bytes, secret: str | None = None) -> Delivery:
        headers = {
            "content-type": "application/json",
            "x-telegram-bot-api-secret-token": self.secret if secret is None else secret,
        }
        return Delivery("/webhooks/telegram", "/webhooks/telegram", headers, body)

    def next_message(self) -> int:
        self._message_id += 1
        return self._message_id

    async def answer(self, call: Call) -> Reply:
        if call.path.startswith("/file/bot"):
            return self._file(call.path.removeprefix("/file/bot"))
        token, _, method = call.path.removeprefix("/bot").rpartition("/")
        if token != self.token:
            return _refused(401, "Unauthorized")
        given = call.arguments | call.form
        if why := rules_telegram.refusal(method, given):
            return _refused(404 if why == "method not found" else 400, f"Bad Request: {why}")
        failure = self.failure(method)
        if failure in _FAILURES:
            return _FAILURES[failure]
        reply = await getattr(self, f"_{method}")(given)
        return Reply(never=failure == "lost", cut=failure == "cut") if failure else reply

    def _file(self, rest: str) -> Reply:
        token, _, path = rest.partition("/")
        content = next((data for known, data in self.files.values() if known == path), None)
        failure = self.failure("file")
        if failure in _FAILURES:
            return _FAILURES[failure]
        if token != self.token or content is None:
            return _refused(404, "Not Found")
        return Reply(200, content, {"content-type": "application/octet-stream"})

    async def _getMe(self, given: dict[str, str]) -> Reply:
        return _ok(BOT)

    async def _sendMessage(self, given: dict[str, str]) -> Reply:
        phone = self.phones.get(int(given["chat_id"]))
        if phone is None:
            return _refused(400, "Bad Request: chat not found")
        if phone.blocked:
            return _refused(403, "Forbidden: bot was blocked by the user")
        rows = orjson.loads(given.get("reply_markup", "{}")).get("inline_keyboard", [])
        buttons = [(key["text"], key["callback_data"]) for row in rows for key in row]
        line = Line(self.next_message(), given["text"], self.now(), buttons)
        phone.lines[line.id] = line
        phone.receive(Seen(line.text, tuple(title for title, _ in buttons)))
        return _ok({"message_id": line.id, "date": int(line.at), "chat": phone.chat, "text": line.text})

    async def _answerCallbackQuery(self, given: dict[str, str]) -> Reply:
        query = given["callback_query_id"]
        if not query.isdigit():
            return _refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        self.answered.append(query)
        return _ok(True)

    async def _deleteMessages(self, given: dict[str, str]) -> Reply:
        phone = self.phones.get(int(given["chat_id"]))
        if phone is None:
            return _refused(400, "Bad Request: chat not found")
        lines = [phone.lines[one] for one in orjson.loads(given["message_ids"]) if one in phone.lines]
        if any(self.now() - line.at >= DELETABLE for line in lines):
            return _refused(400, "Bad Request: message can't be deleted for everyone")
        for line in lines:
            del phone.lines[line.id]
        return _ok(True)

    async def _getFile(self, given: dict[str, str]) -> Reply:
        if given["file_id"] not in self.files:
            return _refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        path, content = self.files[given["file_id"]]
        if len(content) > 20 * 1024 * 1024 and not self.lies:
            return _refused(400, "Bad Request: file is too big")
        file = given["file_id"]
        return _ok({"file_id": file, "file_unique_id": file, "file_size": len(content), "file_path": path})

    async def _setWebhook(self, given: dict[str, str]) -> Reply:
        if not given["url"].startswith("https://"):
            return _refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        allowed = orjson.loads(given["allowed_updates"]) if "allowed_updates" in given else None
        self.webhook = {"url": given["url"], **({"allowed_updates": allowed} if allowed else {})}
        self.secret = given.get("secret_token", "")
        return _ok(True)

    async def _deleteWebhook(self, given: dict[str, str]) -> Reply:
        self.webhook = {"url": ""}
        return _ok(True)

    async def _getWebhookInfo(self, given: dict[str, str]) -> Reply:
        return _ok(self.webhook | {"has_custom_certificate": False, "pending_update_count": len(self.pending)})

    async def _getUpdates(self, given: dict[str, str]) -> Reply:
        if self.webhook["url"]:
            return _refused(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = int(given.get("offset", "0"))
        self.pending = [update for update in self.pending if update["update_id"] >= offset]
        if not self.pending:
            self._came.clear()
            try:
                async with asyncio.timeout(int(given.get("timeout", "0"))):
                    await self._came.wait()
            except TimeoutError:
                return _ok([])
        return _ok(self.pending[:100])


class TelegramPhone(Phone):
    """A private chat with the bot. `lines`: what is in the chat now, on both sides, by message id."""

    def __init__(self, platform: TelegramPlatform, chat: int, language: str) -> None:
        super().__init__(str(chat))
        self.platform, self.blocked = platform, False
        self.lines: dict[int, Line] = {}
        self.chat = {"id": chat, "type": "private", "first_name": "A"}
        self.person = {"id": chat, "is_bot": False, "first_name": "A", "language_code": language}
        self._taps = chat * 1000
        self._mine = 0  # id of the person's last message
        self._last: dict[str, Any] = {}  # the last update

    @property
    def screen(self) -> list[str]:
        return [line.text for line in self.lines.values()]

    async def start(self, placement: str = "") -> int:
        return await self.say(f"/start {placement}".strip())

    async def say(self, text: str) -> int:
        return await self._message({"text": text}, text)

    async def edit(self, text: str) -> int:
        """Edits the person's own last message."""
        self.lines[self._mine].text = text
        edited = self._content(self._mine, {"text": text, "edit_date": int(self.platform.now())})
        return await self._deliver("edited_message", edited)

    async def tap(self, what: str | int) -> int:
        line, data = self._button(what)
        self._taps += 1
        message = self._content(line.id, {"text": line.text, "from": BOT})
        query = {"id": str(self._taps), "from": self.person, "chat_instance": "1", "data": data, "message": message}
        return await self._deliver("callback_query", query)

    async def attach(self, data: bytes, media_type: str, caption: str = "") -> int:
        file = f"file{len(self.platform.files)}"
        self.platform.files[file] = (f"stored/{file}", data)
        about = {"file_id": file, "file_unique_id": file, "file_size": len(data)}
        content: dict[str, Any] = {"caption": caption} if caption else {}
        return await self._message(content | _file_of(about, media_type), caption)

    async def place(self, latitude: float, longitude: float) -> int:
        return await self._message({"location": {"latitude": latitude, "longitude": longitude}}, "")

    async def block(self) -> int:
        self.blocked = True
        return await self._deliver("my_chat_member", self._membership("member", "kicked"))

    async def repeat(self) -> int:
        return await self.platform.deliver(self._last)

    async def send_kind(self, content: dict[str, Any]) -> int:
        """A message of any kind that Telegram knows: `{"sticker": {…}}`."""
        return await self._message(content, "")

    async def _deliver(self, kind: str, content: dict[str, Any]) -> int:
        self._last = self.platform.update(kind, content)
        return await self.platform.deliver(self._last)

    async def _message(self, content: dict[str, Any], text: str) -> int:
        line = Line(self.platform.next_message(), text, self.platform.now())
        self.lines[line.id] = line
        self._mine = line.id
        return await self._deliver("message", self._content(line.id, content))

    def _content(self, message: int, content: dict[str, Any]) -> dict[str, Any]:
        head = {"message_id": message, "date": int(self.platform.now()), "chat": self.chat, "from": self.person}
        return head | content

    def _button(self, what: str | int) -> tuple[Line, str]:
        lines = [line for line in reversed(self.lines.values()) if line.buttons]
        if isinstance(what, int):
            return lines[0], lines[0].buttons[what - 1][1]
        return next((line, data) for line in lines for title, data in line.buttons if title == what)

    def _membership(self, before: str, after: str) -> dict[str, Any]:
        def member(status: str) -> dict[str, Any]:
            until = {"until_date": 0} if status == "kicked" else {}
            return {"user": BOT, "status": status} | until

        head = {"chat": self.chat, "from": self.person, "date": int(self.platform.now())}
        return head | {"old_chat_member": member(before), "new_chat_member": member(after)}


def _file_of(about: dict[str, Any], media_type: str) -> dict[str, Any]:
    if media_type == "image/jpeg":
        small = about | {"file_id": "small", "file_unique_id": "small", "width": 90, "height": 60, "file_size": 100}
        return {"photo": [small, about | {"width": 1280, "height": 853}]}
    if media_type == "audio/ogg":
        return {"voice": about | {"duration": 3, "mime_type": media_type}}
    if media_type.startswith("video/"):
        return {"video": about | {"duration": 3, "width": 640, "height": 480, "mime_type": media_type}}
    return {"document": about | {"mime_type": media_type, "file_name": "x"}}


def _ok(result: object) -> Reply:
    return json_reply({"ok": True, "result": result})


def _refused(status: int, why: str, **more: object) -> Reply:
    return json_reply({"ok": False, "error_code": status, "description": why, **more}, status)


_FAILURES: dict[str | None, Reply] = {
    "throttled": _refused(429, "Too Many Requests: retry after 7", parameters={"retry_after": 7}),
    "blocked": _refused(403, "Forbidden: bot was blocked by the user"),
    "down": _refused(502, "Bad Gateway"),
}


def phone_of(platform: TelegramPlatform, name: str) -> TelegramPhone:
    return platform.phones.get(int(name)) or platform.phone(int(name))


if __name__ == "__main__":
    main(TelegramPlatform, phone_of)

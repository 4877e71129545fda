"""Rules of Telegram's Bot API for one call: its fields, their types and lengths.

Read from the published description where that is at hand, else from the table below, which says the same about the
methods that Faro uses (a test compares them).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

SPEC = Path(__file__).parents[4] / "shared" / "specs" / "telegram_bot_api.json"
_LENGTH = re.compile(r"(\d+)-(\d+) (characters|bytes|identifiers)")


@dataclass(frozen=True, slots=True)
class Field:
    types: tuple[str, ...]
    required: bool = False
    shortest: int = 0
    longest: int | None = None
    unit: str = ""


_TEXT, _NUMBER, _FLAG = ("String",), ("Integer",), ("Boolean",)
_CHAT = ("Integer", "String")
BUILT_IN: dict[str, dict[str, Field]] = {
    "getMe": {},
    "sendMessage": {
        "chat_id": Field(_CHAT, True),
        "text": Field(_TEXT, True, 1, 4096, "characters"),
        "parse_mode": Field(_TEXT),
        "link_preview_options": Field(("LinkPreviewOptions",)),
        "disable_notification": Field(_FLAG),
        "protect_content": Field(_FLAG),
        "reply_markup": Field(("InlineKeyboardMarkup", "ReplyKeyboardMarkup", "ReplyKeyboardRemove", "ForceReply")),
    },
    "answerCallbackQuery": {
        "callback_query_id": Field(_TEXT, True),
        "text": Field(_TEXT, False, 0, 200, "characters"),
    },
    "deleteMessages": {
        "chat_id": Field(_CHAT, True),
        "message_ids": Field(("Array of Integer",), True, 1, 100, "identifiers"),
    },
    "getFile": {"file_id": Field(_TEXT, True)},
    "setWebhook": {
        "url": Field(_TEXT, True),
        "max_connections": Field(_NUMBER),
        "allowed_updates": Field(("Array of String",)),
        "drop_pending_updates": Field(_FLAG),
        "secret_token": Field(_TEXT, False, 1, 256, "characters"),
    },
    "getWebhookInfo": {},
    "deleteWebhook": {"drop_pending_updates": Field(_FLAG)},
    "getUpdates": {
        "offset": Field(_NUMBER),
        "limit": Field(_NUMBER),
        "timeout": Field(_NUMBER),
        "allowed_updates": Field(("Array of String",)),
    },
    "InlineKeyboardMarkup": {"inline_keyboard": Field(("Array of Array of InlineKeyboardButton",), True)},
    "InlineKeyboardButton": {
        "text": Field(_TEXT, True),
        "url": Field(_TEXT),
        "callback_data": Field(_TEXT, False, 1, 64, "bytes"),
    },
    "LinkPreviewOptions": {"is_disabled": Field(_FLAG)},
}


def refusal(method: str, given: Mapping[str, str]) -> str | None:
    """Why the Bot API would refuse this call (400), or None."""
    fields = fields_of(method)
    if fields is None:
        return "method not found"
    values = {name: _decoded(value, fields[name]) if name in fields else value for name, value in given.items()}
    return _object(values, fields, method)


def published() -> dict[str, Any] | None:
    return orjson.loads(SPEC.read_bytes()) if SPEC.exists() else None


@functools.cache
def described() -> dict[str, Any] | None:
    spec = published()
    return None if spec is None else {**spec["methods"], **spec["types"]}


@functools.cache
def fields_of(name: str) -> dict[str, Field] | None:
    spec = described()
    if spec is None:
        return BUILT_IN.get(name)
    return None if name not in spec else {field["name"]: read_field(field) for field in spec[name].get("fields", [])}


def read_field(field: Mapping[str, Any]) -> Field:
    length = _LENGTH.search(field["description"])
    shortest, longest, unit = (int(length[1]), int(length[2]), length[3]) if length else (0, None, "")
    return Field(tuple(field["types"]), field["required"], shortest, longest, unit)


def _decoded(value: str, field: Field) -> Any:
    if field.types == _TEXT:
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value


def _object(values: Mapping[str, Any], fields: Mapping[str, Field], where: str) -> str | None:
    if unknown := set(values) - set(fields):
        return f"{where}: unknown field {sorted(unknown)[0]}"
    if missing := [name for name, field in fields.items() if field.required and name not in values]:
        return f"{where}: {missing[0]} is missing"
    return next(
        (why for name, value in values.items() if (why := _value(value, fields[name], f"{where}.{name}"))), None
    )


def _value(value: Any, field: Field, where: str) -> str | None:
    refusals = [_typed(value, kind, where) for kind in field.types]
    if all(refusals):
        return refusals[0]
    if field.longest is None or not isinstance(value, str | list):
        return None
    size = len(value.encode()) if field.unit == "bytes" and isinstance(value, str) else len(value)
    return None if field.shortest <= size <= field.longest else f"{where}: {size} {field.unit}"


def _typed(value: Any, kind: str, where: str) -> str | None:
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            return f"{where}: not a list"
        return next((why for one in value if (why := _typed(one, kind.removeprefix("Array of "), where))), None)
    simple = {"String": str, "Integer": int, "Boolean": bool, "Float": (int, float)}.get(kind)
    if simple:
        return None if isinstance(value, simple) else f"{where}: not {kind}"
    fields = fields_of(kind)
    if fields is None or not isinstance(value, dict):
        return f"{where}: not {kind}"
    return _object(value, fields, where)

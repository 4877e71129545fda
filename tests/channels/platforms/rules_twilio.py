"""Rules of Twilio's Messages and Content API for one call.

Names, types, patterns and enumerations are read from the published description where that is at hand, else from the
table below, which says the same about what Faro uses (a test compares them). What Twilio enforces and the description
leaves out (knowledge: channels 2, 4) is checked here in any case.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from jsonschema import Draft202012Validator

_SPECS = Path(__file__).parents[4] / "shared" / "specs"
MESSAGES_PATH = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
TEXT_LIMIT = 1600


@dataclass(frozen=True, slots=True)
class Field:
    type: str = "string"
    pattern: str = ""
    choices: tuple[str, ...] = ()
    uri: bool = False


BUILT_IN: dict[str, Field] = {
    "To": Field(),
    "From": Field(),
    "Body": Field(),
    "ContentSid": Field(pattern="^HX[0-9a-fA-F]{32}$"),
    "ContentVariables": Field(),
    "StatusCallback": Field(uri=True),
    "ValidityPeriod": Field("integer"),
    "RiskCheck": Field(choices=("enable", "disable")),
    "MessagingServiceSid": Field(pattern="^MG[0-9a-fA-F]{32}$"),
    "MediaUrl": Field("array"),
}


def message_refusal(given: Mapping[str, str]) -> int | None:
    """Twilio's error code for this call of Messages, or None."""
    fields = _fields()
    if "To" not in given:
        return 21604
    if any(name not in fields or not _fits(value, fields[name]) for name, value in given.items()):
        return 20001
    if "From" not in given and "MessagingServiceSid" not in given:
        return 21603
    if not given.get("Body") and not given.get("ContentSid") and not given.get("MediaUrl"):
        return 21619
    if len(given.get("Body", "")) > TEXT_LIMIT:
        return 21617
    return 21211 if not _addressable(given["To"]) else None


def content_refusal(content: Any) -> str | None:
    """Why the Content API would refuse this, or None."""
    schema = _content_schema()
    if schema and (error := next(Draft202012Validator(schema).iter_errors(content), None)):
        return error.message
    types = content.get("types", {}) if isinstance(content, dict) else {}
    if not content.get("language") or not any(types.values()):
        return "language and a type are needed"
    return _quick_reply(types.get("twilio/quick-reply")) or _list_picker(types.get("twilio/list-picker"))


def published(name: str) -> dict[str, Any] | None:
    path = _SPECS / name
    return orjson.loads(path.read_bytes()) if path.exists() else None


@functools.cache
def _fields() -> dict[str, Field]:
    spec = published("twilio_messages.json")
    return BUILT_IN if spec is None else read_fields(spec)


def read_fields(spec: Mapping[str, Any]) -> dict[str, Field]:
    body = spec["paths"][MESSAGES_PATH]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]
    named = spec["components"]["schemas"]
    fields = {}
    for name, field in body["schema"]["properties"].items():
        told = named[field["$ref"].rpartition("/")[2]] if "$ref" in field else field
        choices = tuple(told.get("enum", ()))
        fields[name] = Field(told.get("type", "string"), told.get("pattern", ""), choices, told.get("format") == "uri")
    return fields


@functools.cache
def _content_schema() -> dict[str, Any] | None:
    spec = published("twilio_content.json")
    if spec is None:
        return None
    return {"$ref": "#/components/schemas/ContentCreateRequest", "components": spec["components"]}


def _fits(value: str, field: Field) -> bool:
    if field.type == "integer" and not value.isdecimal():
        return False
    if field.pattern and not re.search(field.pattern, value):
        return False
    if field.choices and value not in field.choices:
        return False
    return not field.uri or bool(re.match(r"https?://[^\s_]+$", value))


def _addressable(address: str) -> bool:
    """A number, or for WhatsApp also a user id without one."""
    return bool(re.fullmatch(r"(whatsapp:)?\+[1-9][0-9]{6,14}|whatsapp:[A-Z]{2}\.[A-Za-z0-9]{1,128}", address))


def _quick_reply(content: Any) -> str | None:
    if content is None:
        return None
    if len(content["body"]) > 1024 or not 1 <= len(content["actions"]) <= 3:
        return "quick reply: 1-3 actions, 1024 characters"
    titles = [action["title"] for action in content["actions"]]
    if any(not 1 <= len(title) <= 20 for title in titles) or len(set(titles)) < len(titles):
        return "quick reply: different titles of 1-20 characters"
    return None if all(len(action["id"]) <= 256 for action in content["actions"]) else "quick reply: id too long"


def _list_picker(content: Any) -> str | None:
    if content is None:
        return None
    if len(content["body"]) > 1024 or not 1 <= len(content["items"]) <= 10 or not 1 <= len(content["button"]) <= 20:
        return "list: 1-10 items, a button of 1-20 characters, 1024 characters"
    return None if all(1 <= len(item["item"]) <= 24 for item in content["items"]) else "list: items of 1-24 characters"

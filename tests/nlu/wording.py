"""What people read in each language, and how it is looked at; `wording.yml` holds what it may not say."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale

from bot.channels import Button, Outgoing
from bot.languages import DATA, folders
from bot.questions import FILE

LANGUAGES = tuple(sorted(folder.name for folder in folders()))
CHANNELS = ("telegram", "whatsapp", "sms", "terminal", "web")
PREVIEW = 40  # characters of a push preview
VARIANTS = {"other", "other_back", "minor", "minor_back", "back"}
NAMED_LIKE = {"ht": "fr"}  # as nlu/words.py names countries
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def read(path: Path) -> dict[str, Any]:
    value = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    assert isinstance(value, dict)
    return value


def say(language: str) -> dict[str, Any]:
    return read(DATA / language / "say.yml")


def safety(language: str) -> dict[str, Any]:
    return read(DATA / language / "safety.yml")


def page(language: str) -> dict[str, Any]:
    return read(DATA / language / "page.yml")


def page_texts(language: str) -> Iterator[tuple[str, str]]:
    """(dotted name, text) of all that page, chat and cards say."""
    return _leaves("", page(language))


def _leaves(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value, 1):
            yield from _leaves(f"{name}.{key}" if name else str(key), item)
    else:
        assert isinstance(value, str), f"{name}: {value!r} is unquoted"
        yield name, value


@cache
def offered() -> dict[str, tuple[str, ...]]:
    """Question -> codes of its buttons, as `nlu/questions.yml` has them; `<id>_more` follows a multi question."""
    found: dict[str, tuple[str, ...]] = {}
    for question in read(FILE)["questions"]:
        name = question["id"]
        found[name] = tuple(question.get("options", ("yes", "no", "not_sure", "skipped")))
        if question["kind"] == "multi":
            found[f"{name}_more"] = (*(code for code in found[name] if code not in question["alone"]), "done")
    return found


def titles(language: str, name: str) -> dict[str, str]:
    """Code -> what its button says."""
    tables = say(language)
    own = tables["questions"][name.removesuffix("_more")].get("options", {})
    countries = Locale(NAMED_LIKE.get(language, language)).territories
    return {code: own.get(code) or tables["options"].get(code) or countries[code] for code in offered()[name]}


def asks(language: str) -> Iterator[tuple[str, str]]:
    """(question.wording, text) of every wording of every question and aside."""
    tables = say(language)
    for name, question in (tables["questions"] | {f"aside_{n}": q for n, q in tables["asides"].items()}).items():
        yield from ((f"{name}.{key}", question[key]) for key in ("ask", "sms", *sorted(VARIANTS)) if key in question)


def texts(language: str) -> Iterator[tuple[str, str]]:
    """(name, text) of all that is said: messages and every wording of every question."""
    yield from say(language)["messages"].items()
    yield from asks(language)


def shown(language: str) -> Iterator[tuple[str, str]]:
    """Of all that is said, what arrives as a message of its own; the rest stands inside another one."""
    yield from ((name, text) for name, text in texts(language)
                if name not in {"left", "left_one", "number_line"} and not name.startswith("line_kind"))  # fmt: skip


def heard_on(language: str, channel: str) -> Iterator[tuple[str, str]]:
    """(key, text) of every message as this channel words it."""
    messages = say(language)["messages"]
    endings = tuple(f"_{one}" for one in CHANNELS)
    own = {key for key in messages if key.endswith(endings) and not key.startswith("line_kind")}
    for key in messages.keys() - own:
        yield key, str(messages.get(f"{key}_{channel}", messages[key]))
    for base in {key.rsplit("_", 1)[0] for key in own} - messages.keys():
        yield base, str(messages[f"{base}_{channel}"])


def plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


@cache
def patterns(language: str, kind: str) -> list[re.Pattern[str]]:
    lists = read(Path(__file__).with_name("wording.yml"))[language]
    return [re.compile(pattern.replace(" ", r"\W+")) for pattern in lists[kind]]


def found(language: str, kind: str, text: str) -> list[str]:
    """The patterns of `wording.yml` that the text holds."""
    return [pattern.pattern for pattern in patterns(language, kind) if pattern.search(plain(text))]


def hits(language: str, kind: str) -> dict[str, list[str]]:
    """Name of each text that holds a pattern of this kind -> the patterns."""
    return {name: held for name, text in texts(language) if (held := found(language, kind, text))}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def as_asked(language: str, name: str, text: str) -> Outgoing:
    """A question as it goes to a channel: its text, how many are left, its buttons."""
    tables = say(language)
    if name.startswith("aside_"):
        own = tables["asides"][name.removeprefix("aside_")].get("options", {})
        chosen = own or {code: tables["options"][code] for code in ("yes", "no")}
        return Outgoing(text, tuple(Button(title, code) for code, title in chosen.items()))
    left = tables["messages"]["left"].format(n=11)
    buttons = tuple(Button(title, code) for code, title in titles(language, name).items())
    return Outgoing(f"{text}\n{left}", buttons)

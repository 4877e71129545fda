"""Which languages are whole: a language is one folder of `nlu/data/`, offered to people only when it lacks nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent.parent / "nlu" / "data"
SOURCE_LANGUAGE = "es"  # a language is whole when it says everything that this one says
FILES = ("say.yml", "safety.yml", "nlu.yml", "page.yml")
EXAMPLES = 40  # of an intent, at least: fewer teach the model nothing

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times as quick
_INTENT = re.compile(r"^\s*- intent: (\w+)", re.MULTILINE)
_EXAMPLE = re.compile(r"^\s+- (?!intent: )", re.MULTILINE)


def folders(data: Path = DATA) -> list[Path]:
    """Every language that somebody began, by its code."""
    return sorted(path.parent for path in data.glob("*/say.yml"))


def missing(folder: Path, data: Path = DATA) -> list[str]:
    """Everything that a language lacks beside the source language, as dotted names; empty when it may be offered."""
    if absent := [name for name in FILES if not (folder / name).is_file()]:
        return absent
    source = data / SOURCE_LANGUAGE
    lists = read(folder / "safety.yml")
    return [
        *lacks(read(folder / "say.yml"), read(source / "say.yml")),
        *(f"safety.{key}" for key in read(source / "safety.yml") if not lists.get(key)),
        *_few(examples(folder / "nlu.yml"), examples(source / "nlu.yml")),
        *unsaid("page", read(folder / "page.yml"), read(source / "page.yml")),
    ]


def lacks(tables: Mapping[str, Any], source: Mapping[str, Any]) -> list[str]:
    """Dotted names of what `source` (a say.yml) says and `tables` does not. Variants of a question may be absent."""
    said = tables.get("messages", {})
    lacking = [f"messages.{key}" for key in source["messages"] if key not in said and not _optional(key, source)]
    lacking += [f"options.{key}" for key in source["options"] if key not in tables.get("options", {})]
    for section in ("questions", "asides"):
        for name, question in source.get(section, {}).items():
            lacking += _of_question(f"{section}.{name}", tables.get(section, {}).get(name, {}), question)
    for section in ("offers", "units", "numbers"):
        lacking += [f"{section}.{key}" for key in _keys(source, section) if key not in _keys(tables, section)]
    return lacking


def _optional(key: str, source: Mapping[str, Any]) -> bool:
    """A shorter wording for SMS is needed only where the whole one is too long, which a test of the texts sees."""
    base = key.removesuffix("_sms")
    return key != base and base in source["messages"] and f"{base}_telegram" not in source["messages"]


def _of_question(name: str, other: Mapping[str, Any], question: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{name}.{key}" for key in ("ask", "sms") if key in question and key not in other)
    options = other.get("options", {})
    yield from (f"{name}.options.{key}" for key in question.get("options", {}) if key not in options)


def _keys(tables: Mapping[str, Any], section: str) -> list[str]:
    """The number words differ from language to language: of them only the numbers count."""
    values = tables.get(section, {})
    return [str(number) for number in values.values()] if section == "numbers" else list(values)


def unsaid(name: str, own: object, source: object) -> Iterator[str]:
    """Dotted names, below `name`, of the texts that `source` (a page.yml or a part of it) has and `own` has not."""
    if isinstance(source, Mapping):
        parts = own if isinstance(own, Mapping) else {}
        for key, value in source.items():
            yield from unsaid(f"{name}.{key}", parts.get(key), value)
    elif isinstance(source, list):
        yield from () if isinstance(own, list) and len(own) >= len(source) else (name,)
    elif not own or not isinstance(own, str):
        yield name


def _few(own: Mapping[str, int], source: Mapping[str, int]) -> list[str]:
    return [f"nlu.{intent}" for intent in source if own.get(intent, 0) < EXAMPLES]


def examples(path: Path) -> dict[str, int]:
    """How many examples a `nlu.yml` gives of each intent; counted without reading the YAML, which takes a second."""
    _, *parts = _INTENT.split(path.read_text(encoding="utf-8"))
    return {intent: len(_EXAMPLE.findall(lines)) for intent, lines in zip(parts[::2], parts[1::2], strict=True)}


def read(path: Path) -> dict[str, Any]:
    """One YAML file that holds a mapping."""
    value = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    assert isinstance(value, dict)
    return value

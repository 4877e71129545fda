"""A conversation as a file that a case worker can read and that replays as a test: see `tests/talks/README.md`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

WIDTH = 116  # characters of a line
FOLDED = 80  # a longer text is wrapped
_DATE = re.compile(r"(\w+\.? \d{1,2}, |\d{1,2} (de )?\w+\.? (de )?)20\d\d\.$")  # as CLDR writes it in five languages
# What a text that stands as it is read would lose, or be misread by: white space at an end of a line, control letters.
_EDGE = r"(?:\A|\n)[^\S\n]|[^\S\n](?:\n|\Z)|\A\n|\n\Z"
_ODD = re.compile(_EDGE + "|[^\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_CODE = re.compile(r"\d{4}(?: \d{4}){3}")  # a receipt code, another one each time


class _Dumper(yaml.SafeDumper):
    """Texts of several lines stand as they are read, everything else on one line where it fits."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _ODD.search(text) else "|" if "\n" in text else ">" if len(text) > FOLDED else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _list(dumper: yaml.SafeDumper, items: Sequence[Any]) -> yaml.SequenceNode:
    flow = all(isinstance(item, str) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=flow)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)


def faro(text: str, buttons: Sequence[str] = ()) -> dict[str, Any]:
    """One line of Faro; what follows a receipt code or a date at the end is left open: the next time it is another."""
    code = _CODE.search(text) or _DATE.search(text)
    said = f"{text[: code.start()].rstrip()} …" if code else text
    return {"faro": said, **({"buttons": list(buttons)} if buttons else {})}


def written(about: str, channel: str, language: str, steps: Sequence[Mapping[str, Any]], reports: object) -> str:
    """The file. `steps`: `{"person": …}`, `{"tap": …}`, `{"faro": …, "buttons": […]}` and so on, in their order."""
    head = _dumped({"about": about, "channel": channel, "language": language})
    lines = "".join(_step(step) for step in steps)
    tail = "" if reports is None else "\n" + _dumped({"reports": reports})
    return f"{head}talk:\n{lines}{tail}"


def _step(step: Mapping[str, Any]) -> str:
    """Set apart by an empty line where the person speaks."""
    lines = _dumped(step).removesuffix("\n").split("\n")
    gap = "" if "faro" in step else "\n"
    return gap + "".join(f"  {'  ' if place else '- '}{line}\n" if line else "\n" for place, line in enumerate(lines))


def _dumped(value: Mapping[str, Any]) -> str:
    return yaml.dump(dict(value), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH,
                     default_flow_style=False)  # fmt: skip

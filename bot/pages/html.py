"""A builder of HTML: what is not yet markup is escaped, so that no text can become some."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

VOID = frozenset({"br", "input", "link", "meta"})


class Html(str):
    """Markup that is whole and safe to put into a page."""

    __slots__ = ()


type Content = str | Iterable[Content] | None
type Value = str | bool | None


def tag(element: str, /, *content: Content, **attributes: Value) -> Html:
    """An element. `class_` is written as `class` and `data_to` as `data-to`; True is an attribute without a value,
    None and False are none at all."""
    opening = f"<{element}{''.join(_attribute(key, value) for key, value in attributes.items())}>"
    return Html(opening if element in VOID else f"{opening}{join(content)}</{element}>")


def join(content: Content) -> Html:
    """Everything in its order, text escaped."""
    if content is None or isinstance(content, Html):
        return content or Html()
    if isinstance(content, str):
        return Html(escape(content, quote=False))
    return Html("".join(map(join, content)))


def _attribute(key: str, value: Value) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(value)}"'

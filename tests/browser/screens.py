"""How a telephone shows a conversation, as a page: what the platforms got, with the buttons that each of them draws."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from tests.channels.platforms.phone import Seen

QUICK_REPLIES = 3  # WhatsApp draws so many buttons; more become a list behind one button

STYLE = """
body { margin: 0; font: 15px/1.35 "Open Sans", sans-serif; background: #ddd }
main { width: 360px; padding: 10px; display: flex; flex-direction: column; gap: 6px }
p { margin: 0; padding: 7px 10px; border-radius: 10px; max-width: 300px }
p { white-space: pre-line; overflow-wrap: anywhere }
p.person { align-self: flex-end } p.faro, ul { align-self: flex-start }
ul { list-style: none; margin: 0; padding: 0; width: 320px; display: flex; flex-direction: column; gap: 4px }
li { padding: 7px; border-radius: 8px; text-align: center }
.telegram main { background: #9fbf8f } .telegram p.faro { background: #fff } .telegram p.person { background: #e3fdc8 }
.telegram li { background: #6e8f66; color: #fff }
.whatsapp main { background: #efe7dd } .whatsapp p.faro, .whatsapp li { background: #fff }
.whatsapp p.person { background: #d9fdd3 } .whatsapp li { color: #027eb5 }
.whatsapp li.opened { color: #111; text-align: left; border: 1px solid #ccc }
.sms main { background: #fff } .sms p.faro { background: #e5e5ea } .sms p.person { background: #2f6fde; color: #fff }
.terminal main { background: #111; color: #ddd; font-family: monospace; gap: 12px }
.terminal p { padding: 0; border-radius: 0 } .terminal p.person { align-self: flex-start; color: #8f8 }
.terminal li { padding: 0 0 0 16px; text-align: left }
"""


def page(channel: str, talk: Sequence[str | Seen]) -> str:
    """HTML of the screen. `talk`: what the person wrote as text, what came back as `Seen`, in its order."""
    lines = "\n".join(_said(channel, one) for one in talk)
    return (
        f'<!doctype html><meta charset="utf-8"><title>{escape(channel)}</title><style>{STYLE}</style>'
        f'<body class="{escape(channel)}"><main>{lines}</main>'
    )


def _said(channel: str, one: str | Seen) -> str:
    if isinstance(one, str):
        return f'<p class="person">{escape(one)}</p>'
    return f'<p class="faro">{escape(one.text)}</p>{_buttons(channel, one.buttons)}'


def _buttons(channel: str, titles: Sequence[str]) -> str:
    if not titles:
        return ""
    listed = channel == "whatsapp" and len(titles) > QUICK_REPLIES
    opener = "<li>···</li>" if listed else ""
    mark = ' class="opened"' if listed else ""
    shown = [f"{place}  {title}" if channel == "terminal" else title for place, title in enumerate(titles, 1)]
    return "<ul>" + opener + "".join(f"<li{mark}>{escape(title)}</li>" for title in shown) + "</ul>"

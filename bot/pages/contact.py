"""Links by which a telephone writes or calls: the platforms' own addresses, with digits, codes and words in them.

Forms tried and sources: wa.me takes digits alone; a space is %20, since apps show a + as it is; `?&body=` is the one
form that both Android (`?body=`) and iOS (`&body=`) read.
"""

from __future__ import annotations

import re
from urllib.parse import quote


def digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def dialled(number: str) -> str:
    """Only what a telephone can dial: digits, a leading +, and * and #."""
    return re.sub(r"[^\d+*#]", "", number)


def whatsapp(number: str, text: str = "") -> str:
    """Opens a chat with this number, the text written and not yet sent."""
    return f"https://wa.me/{digits(number)}" + (f"?text={quote(text, safe='')}" if text else "")


def telegram(name: str, code: str = "") -> str:
    """Opens the bot; `code` is what its start button sends: A-Z, a-z, 0-9, _ and -, at most 64 characters."""
    return f"https://t.me/{name}" + (f"?start={quote(code, safe='')}" if code else "")


def sms(number: str, text: str = "") -> str:
    """Opens a message to this number, the text written and not yet sent."""
    return f"sms:{quote(dialled(number), safe='+*')}" + (f"?&body={quote(text, safe='')}" if text else "")


def call(number: str) -> str:
    """Opens the telephone with this number; a # would otherwise begin a fragment."""
    return f"tel:{quote(dialled(number), safe='+*')}"


def email(address: str) -> str:
    return f"mailto:{quote(address, safe='@')}"


def link(kind: str, number: str) -> str | None:
    """The link to a line of the directory; None for those that are only read (a page of somebody else, an app)."""
    ways = {"phone": call, "sms": sms, "whatsapp": whatsapp, "email": email}
    return ways[kind](number) if kind in ways else None

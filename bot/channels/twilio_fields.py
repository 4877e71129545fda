"""What the fields of Twilio's webhooks mean: pure, for WhatsApp and SMS alike (knowledge: channels 2.1, 2.6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from bot import card_text
from bot.channels import MEDIA_COUNT, Incoming, Kind, Media, Receipt
from bot.channels.twilio_errors import named
from bot.errors import Malformed

ADDRESS_LIMIT = 160  # characters; WhatsApp user ids without a number exist, so an address is never parsed
SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")
MEDIA_PATH = re.compile(r"/2010-04-01/Accounts/(AC[0-9a-fA-F]{32})/Messages/([A-Z]{2}[0-9a-fA-F]{32})/Media/"
                        r"(ME[0-9a-fA-F]{32})")  # fmt: skip
# Twilio answers these itself on SMS and then delivers nothing more of ours (error 21610). On WhatsApp it does not, so
# that we obey them there too.
STOP_WORDS = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
FINAL = {"delivered", "read", "undelivered", "failed", "canceled"}

_CHOICE_LIMIT = 256  # characters of a button's id


def incoming(fields: Mapping[str, str]) -> Incoming:
    """Raises `Malformed`."""
    sid, address, words = fields.get("MessageSid", ""), fields.get("From", ""), fields.get("Body", "")
    if not SID.fullmatch(sid) or not _is_address(address):
        raise Malformed("message")
    media = _media(fields)
    kind, text, choice = _meaning(fields, words, bool(media))
    thread = (*_media_ids(media), sid)
    return card_text.carried(Incoming(sid, address, kind, text=text, choice=choice, media=media, thread=thread))


def receipt(fields: Mapping[str, str]) -> Receipt:
    """Raises `Malformed`."""
    sid, status = fields.get("MessageSid", ""), fields.get("MessageStatus", "")
    if not SID.fullmatch(sid) or not status.isalnum():
        raise Malformed("status")
    code = fields.get("ErrorCode", "")
    number = int(code) if re.fullmatch(r"[0-9]{1,6}", code) else None
    return Receipt(sid, status in FINAL, named(number) if status in {"undelivered", "failed"} else None)


def _meaning(fields: Mapping[str, str], words: str, media: bool) -> tuple[Kind, str, str]:
    """Kind, text and choice. What was tapped comes before the words, which only repeat its title."""
    tapped = fields.get("ButtonPayload") or fields.get("ListId") or ""
    if len(tapped) > _CHOICE_LIMIT:
        raise Malformed("choice")
    if tapped:
        return "choice", "", tapped
    if fields.get("OptOutType") == "STOP" or words.strip().lower() in STOP_WORDS:
        return "opted_out", "", ""
    if media:
        return "media", words, ""
    if "Latitude" in fields and "Longitude" in fields:
        return "location", _place(fields["Latitude"], fields["Longitude"]), ""
    return ("text", words, "") if words else ("unsupported", "", "")


def _is_address(address: str) -> bool:
    return 0 < len(address) <= ADDRESS_LIMIT and address.isprintable() and not any(one.isspace() for one in address)


def _place(latitude: str, longitude: str) -> str:
    try:
        north, east = float(latitude), float(longitude)
    except ValueError:
        raise Malformed("location") from None
    if not (-90 <= north <= 90 and -180 <= east <= 180):
        raise Malformed("location")
    return f"{north:.6f},{east:.6f}"


def _media(fields: Mapping[str, str]) -> tuple[Media, ...]:
    count = fields.get("NumMedia", "") or "0"
    if not re.fullmatch(r"[0-9]{1,2}", count):
        raise Malformed("media")
    places = range(min(int(count), MEDIA_COUNT))
    found = [(fields.get(f"MediaUrl{place}", ""), fields.get(f"MediaContentType{place}", "")) for place in places]
    return tuple(Media(address, kind) for address, kind in found if address)


def path_of(address: str) -> str:
    """Empty for what is no address."""
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _media_ids(media: tuple[Media, ...]) -> list[str]:
    """`MM…/Media/ME…`, by which the media can be deleted; before the message that holds them."""
    matches = [MEDIA_PATH.fullmatch(path_of(one.id)) for one in media]
    return [f"{match[2]}/Media/{match[3]}" for match in matches if match]

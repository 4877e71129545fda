"""Did Twilio send this form? HMAC of the address and the sorted fields (knowledge: channels 2.2).

Not twilio's RequestValidator: it raises on odd requests instead of saying no, takes two HMACs for each true one, and
compares in a loop of its own. Tests hold this against it.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, get_signature_algorithm  # type: ignore[import-untyped]

from bot.channels import Delivery
from bot.errors import Forged

BODY_LIMIT = 64 * 1024  # bytes; Twilio's longest form is a few kilobytes
FIELD_LIMIT = 200
# What an operator puts behind the webhook's address so that Twilio tries again (README). Whether it is signed with the
# address is not documented, so both are accepted.
RETRIES = "#rc=3&rp=all&ct=2000&rt=4000&tt=15000"

_READ = ("AccountSid", "Body", "ButtonPayload", "ErrorCode", "From", "Latitude", "ListId", "Longitude", "MessageSid",
         "MessageStatus", "NumMedia", "OptOutType", "To")  # fmt: skip
_ALIKE = {f"{end}{what}" for end in ("From", "To") for what in ("City", "State", "Zip", "Country")}  # of Twilio's own
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_HASHES = {HMAC_SHA1: "sha1", HMAC_SHA256: "sha256"}
_FORM = "application/x-www-form-urlencoded"


def genuine(delivery: Delivery, token: str, public_url: str) -> dict[str, str]:
    """The fields of a form that was signed with our token for our address. Raises `Forged`."""
    pairs = _pairs(delivery)
    name = _HASHES.get(get_signature_algorithm(delivery.headers.get("x-twilio-webhooks-signature-settings", "")))
    if not token or name is None:
        raise Forged
    given = delivery.headers.get("x-twilio-signature", "").encode()
    fields = _flat(pairs)
    for address in _addresses(public_url, delivery.target):
        expected = b64encode(hmac.digest(token.encode(), (address + fields).encode(), name))
        if hmac.compare_digest(given, expected):
            return dict(pairs)
    raise Forged


def _pairs(delivery: Delivery) -> list[tuple[str, str]]:
    kind = delivery.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM or len(delivery.body) > BODY_LIMIT:
        raise Forged
    try:
        text = delivery.body.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=FIELD_LIMIT)
    except ValueError:
        raise Forged from None


def uncut(names: Iterable[str]) -> bool:
    """The signature parts names and values by nothing: letters that pass from one to the other are signed alike. What
    would be left of a field that we read, or be made of it so, is no field of Twilio's."""
    return all(map(_sound, names))


def _sound(name: str) -> bool:
    cut = any(name != read and (read.startswith(name) or name.startswith(read)) for read in _READ)
    return _NAME.fullmatch(name) is not None and (not cut or name in _ALIKE)


def _flat(pairs: Iterable[tuple[str, str]]) -> str:
    values: Mapping[str, set[str]] = defaultdict(set)
    for name, value in pairs:
        values[name].add(value)
    return "".join(name + value for name in sorted(values) for value in sorted(values[name]))


def _addresses(public_url: str, target: str) -> Iterator[str]:
    """The likeliest first. Twilio signs the port or leaves it out, not always alike."""
    for origin in _origins(public_url):
        yield origin + target
        yield origin + target + RETRIES


def _origins(public_url: str) -> Iterator[str]:
    yield public_url
    parts = urlsplit(public_url)
    if parts.port:
        yield parts._replace(netloc=parts.netloc.rpartition(":")[0]).geturl()
    else:
        yield parts._replace(netloc=f"{parts.netloc}:{443 if parts.scheme == 'https' else 80}").geturl()

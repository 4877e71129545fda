"""Readers under libFuzzer (atheris), which looks for inputs that lead to code not seen before. A process of its own."""

from __future__ import annotations

import io
import sys
from typing import Any

import atheris

with atheris.instrument_imports(include=["storage", "bot.channels", "bot.card_text", "bot.placement_codes"]):
    from bot import card_text
    from bot.channels import Delivery, Incoming
    from bot.channels.media import clean
    from bot.channels.twilio_fields import incoming, path_of
    from bot.channels.twilio_signature import genuine
    from bot.errors import FaroError
    from storage import age, archive, audit, chain_file, plain_tar, roster, signing
    from storage.refused import Refused

BY_NAME = (FaroError, Refused, signing.NotCanonical)
READERS = 10


def one(data: bytes) -> None:
    """The first byte chooses the reader. Raises what has no name of ours, which ends the run."""
    reader, given = (data[0] if data else 0) % READERS, data[1:]
    try:
        _read(reader, given)
    except BY_NAME:
        return


def _read(reader: int, given: bytes) -> object:
    text = given.decode("utf-8", "replace")
    fields = dict(
        zip(("Body", "NumMedia", "MediaUrl0", "Latitude", "Longitude", "From"), text.split("\n"), strict=False)
    )
    readers: list[Any] = [
        lambda: age.read_header(given),
        lambda: archive.unpack(given),
        lambda: roster.read(given, [], 1),
        lambda: card_text.opened(Incoming("1", "2", "text", text), {"7K3M9"}),
        lambda: incoming({"MessageSid": "SM" + "0" * 32, "From": "x", **fields}),
        lambda: genuine(
            Delivery("/", "/", {"content-type": "application/x-www-form-urlencoded"}, given), "t", "https://a"
        ),
        lambda: clean(given, "image/jpeg"),
        lambda: _tar(given),
        lambda: audit.verify(chain_file.read(given), []),
        lambda: path_of(text),
    ]
    return readers[reader]()


def _tar(given: bytes) -> object:
    with plain_tar.opened(io.BytesIO(given)) as archive:
        return [archive.read(name, len(given)) for name in archive.names]


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()

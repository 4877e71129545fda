"""Files that people send in tests."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

HIDDEN = b"Zarzamora-camera"  # in the metadata of the picture


def picture_with_place() -> bytes:
    """A JPEG that tells where it was taken and with what camera."""
    tags = Image.Exif()
    tags[0x010F] = HIDDEN.decode()  # Make
    tags[0x8825] = {1: "N", 2: (IFDRational(4), IFDRational(42), IFDRational(6)), 3: "W",
                    4: (IFDRational(74), IFDRational(8), IFDRational(49))}  # GPSInfo  # fmt: skip
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "JPEG", exif=tags)
    assert HIDDEN in out.getvalue()
    return out.getvalue()


def voice_note() -> bytes:
    return b"OggS" + bytes(range(256)) * 8


def program() -> bytes:
    """What nobody should send."""
    return b"MZ" + bytes(500)


# name in a talk -> media type and content
SAMPLES: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "picture with place": ("image/jpeg", picture_with_place),
    "voice note": ("audio/ogg", voice_note),
    "program": ("application/x-msdownload", program),
}

"""Attachments: spoilt pictures, pictures that carry something, files that are two things at once, and bombs.

Of a picture the picture alone is kept: whatever rode along in it, or behind it, may not be found in what comes out.
"""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from PIL import Image, PngImagePlugin

from bench.fuzz_files import Outcome, resident
from bench.fuzz_words import MARK, Hostile
from bot.channels.media import clean
from tests.samples import HIDDEN, picture_with_place

RIDERS = (MARK.encode(), HIDDEN, b"<script", b"PK\x03\x04", b"%PDF")
LARGE = 60_000  # bytes
KINDS = ("PNG", "GIF", "WEBP", "TIFF", "BMP")
_HTML = b"<script>alert(1)</script>"
SEGMENTS = ((0xE1, b"http://ns.adobe.com/xap/1.0/\0"), (0xE2, b"ICC_PROFILE\0\1\1"), (0xED, b"Photoshop 3.0\0"),
            (0xFE, _HTML), (0xEF, b""), (0xE1, b"Exif\0\0"))  # fmt: skip
OTHERS = (b"II*\0", b"8BPS", b"qoif", b"\0\0\x01\0", b"#!", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"BM", b"\x59\xa6\x6a\x95")


def pictures(number: int, seed: int) -> Outcome:
    """Spoilt pictures of each kind, with riders and without."""
    hostile, found, begun = Hostile(seed), Outcome(), time.monotonic()
    samples = [one for one in (*_samples(), *riders()) if len(one) < LARGE]
    for place in range(number):
        _cleaned(found, hostile.mutated(samples[place % len(samples)]))
    found.seconds, found.megabytes = time.monotonic() - begun, resident()
    return found


def bombs() -> Outcome:
    """Small files that would grow without bound, and those that are two things at once, as they are."""
    found, begun = Outcome(), time.monotonic()
    for data in (*_some(), *riders()):
        _cleaned(found, data)
    found.seconds, found.megabytes = time.monotonic() - begun, resident()
    return found


def _cleaned(found: Outcome, data: bytes) -> None:
    with found.one():
        kept = clean(data, "image/jpeg")
        found.forged += kept.checked and any(rider in kept.data for rider in RIDERS)


@cache
def some_bombs() -> Sequence[bytes]:
    """Those that are small enough to be sent by the hundred."""
    return [data for data in (*_some(), *riders()) if len(data) < LARGE]


@cache
def riders() -> Sequence[bytes]:
    """Pictures that carry something: each is sound, and the mark lies where its format has room."""
    return list(_riders())


@cache
def _some() -> Sequence[bytes]:
    return list(_bombs())


def _samples() -> Iterator[bytes]:
    yield picture_with_place()
    yield from (_saved(kind) for kind in KINDS)


def _saved(kind: str, **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, kind, **more)
    return out.getvalue()


# What rides along.


def _riders() -> Iterator[bytes]:
    jpeg = picture_with_place()
    mark = MARK.encode()
    yield from (_with_segment(jpeg, number, before + mark) for number, before in SEGMENTS)
    yield from (_with_segment(jpeg, 0xE1, b"Exif\0\0" + tiff) for tiff in _exif())
    yield jpeg + _HTML + mark
    yield _saved("JPEG", comment=_HTML + mark, exif=_deep_exif())
    yield from _png(mark)
    yield _saved("WEBP", exif=_deep_exif(), xmp=_HTML + mark, icc_profile=mark * 50)
    yield _saved("GIF", comment=_HTML + mark)
    yield from (_saved(kind) + b"PK\x03\x04" + mark for kind in ("PNG", "GIF", "WEBP"))
    yield b"%PDF-1.7\n" + jpeg + mark
    yield _saved("GIF").replace(b"GIF89a", b"GIF89a/*", 1) + b"*/" + _HTML
    yield _two_in_one(jpeg)


def _with_segment(jpeg: bytes, number: int, content: bytes) -> bytes:
    """Behind the first two bytes, where telephones and editors put what they have to say."""
    return jpeg[:2] + bytes([0xFF, number]) + struct.pack(">H", len(content) + 2) + content + jpeg[2:]


def _exif() -> Iterator[bytes]:
    """Directories that point at themselves, at nothing, or hold more than there is."""
    tag = struct.Struct("<HHII")
    for entries in (
        [(0x8769, 4, 1, 8)], [(0x8825, 4, 1, 8), (0xA005, 4, 1, 8)], [(0x0112, 3, 1, 99)], [(0x0112, 2, 2**31, 0)],
        [(0x010F, 7, 2**32 - 1, 8)], [(0x0112, 5, 1, 0)], [(0x0112, 12, 1, 2**31)], [(0x0112, 3, 0, 0)],
        [(n, 4, 1, 8) for n in range(3000)],
    ):  # fmt: skip
        directory = struct.pack("<H", len(entries)) + b"".join(tag.pack(*entry) for entry in entries)
        yield b"II*\0" + struct.pack("<I", 8) + directory + struct.pack("<I", 8)  # and the next one is the same


def _deep_exif() -> bytes:
    tags = Image.Exif()
    tags[0x010E], tags[0x9286], tags[0x0112] = f"{MARK} <script>", MARK.encode(), 6
    tags[0x8825] = {29: MARK}
    return tags.tobytes()


def _png(mark: bytes) -> Iterator[bytes]:
    text = PngImagePlugin.PngInfo()
    text.add_text(MARK, _HTML.decode())
    text.add_itxt("XML:com.adobe.xmp", f"<svg onload='{MARK}'/>")
    text.add_text("z", MARK * 90, zip=True)
    yield _saved("PNG", pnginfo=text, exif=_deep_exif(), icc_profile=mark * 50)
    whole = _saved("PNG")
    huge = zlib.compress(bytes(80_000_000))
    for kind, content in (
        (b"zTXt", b"a\0\0" + huge), (b"iCCP", b"a\0\0" + huge), (b"iTXt", b"a\0\1\0\0\0" + huge), (b"qUOK", mark),
        (b"eXIf", b"II*\0" + bytes(4)), (b"acTL", b"\xff" * 8), (b"fcTL", b"\xff" * 26),
    ):  # fmt: skip
        chunk = struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        yield whole[:33] + chunk + whole[33:]
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    yield _saved("PNG", save_all=True, append_images=frames)


def _two_in_one(jpeg: bytes) -> bytes:
    """What some telephones write: a second picture behind the first."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(jpeg)) as first:
        first.save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (64, 48))], exif=_deep_exif())
    return out.getvalue()


# What would grow, or is no picture.


def _bombs() -> Iterator[bytes]:
    for side in (7000, 12_000, 20_000):
        yield _drawn(lambda out, side=side: Image.new("1", (side, side)).save(out, "PNG"))  # type: ignore[misc]
    frames = [Image.new("P", (900, 900)) for _ in range(120)]
    yield _drawn(lambda out: frames[0].save(out, "GIF", save_all=True, append_images=frames[1:]))
    zipped = _drawn(_zipped)
    yield zipped
    jpeg = picture_with_place()
    yield jpeg + zipped
    yield b"GIF89a/*" + _HTML * 9
    yield f'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><text>{MARK}</text></svg>'.encode()
    yield b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>'
    yield b"%PDF-1.7\n" + b"<< /OpenAction << /S /JavaScript >> >>" + MARK.encode()
    yield b"P6 999999 999999 255\n"
    yield b"\x1f\x8b\x08" + bytes(5000)
    yield _saved("GIF")[:6] + b"\xff\xff\xff\xff" + _saved("GIF")[10:]  # a screen of 65,535 by 65,535
    for signature in OTHERS:
        yield signature + b"\xff" * 4000  # kinds that the library knows and we don't


def _drawn(write: Callable[[io.BytesIO], object]) -> bytes:
    out = io.BytesIO()
    write(out)
    return out.getvalue()


def _zipped(out: io.BytesIO) -> None:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(50_000_000))

"""Attachments, cleaned."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.channels import media
from bot.channels.media import Cleaned, clean
from bot.errors import MediaRefused, TooBig

MARK = b"4.711,-74.0721 Zarzamora"


def picture(kind: str, size: tuple[int, int] = (40, 20), mode: str = "RGB", **more: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "red").save(out, kind, **more)  # type: ignore[arg-type]
    return out.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112], tags[0x010E], tags[0x9286] = orientation, MARK.decode(), MARK.decode()
    return tags


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_made_anew_without_what_rode_along(kind: str) -> None:
    text = PngInfo()
    text.add_text("Comment", MARK.decode())
    more = {"pnginfo": text} if kind == "PNG" else {"comment": MARK} if kind == "JPEG" else {"xmp": MARK}
    data = picture(kind, exif=exif(), icc_profile=MARK * 9, **more) + MARK
    assert MARK in data
    cleaned = clean(data, "image/whatever")
    assert MARK not in cleaned.data
    assert cleaned.checked
    with Image.open(io.BytesIO(cleaned.data)) as image:
        image.load()
        assert (image.format, image.size, dict(image.getexif())) == (kind, (40, 20), {})
        assert not {"exif", "icc_profile", "comment", "xmp", "Comment"} & set(image.info)


def test_a_picture_is_turned_as_the_camera_was_held() -> None:
    cleaned = clean(picture("JPEG", exif=exif(orientation=6)), "image/jpeg")
    with Image.open(io.BytesIO(cleaned.data)) as image:
        assert image.size == (20, 40)


def test_of_a_moving_picture_the_first_frame_is_kept() -> None:
    out = io.BytesIO()
    frames = [Image.new("P", (5, 5), colour) for colour in (1, 2)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], comment=MARK)
    cleaned = clean(out.getvalue(), "image/gif")
    assert (cleaned.media_type, cleaned.extension) == ("image/png", "png")
    assert MARK not in cleaned.data


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "I;16"])
def test_every_way_to_hold_a_picture_is_taken(mode: str) -> None:
    assert clean(picture("PNG", mode=mode), "image/png").checked


def bomb(width: int, height: int) -> bytes:
    """A small PNG that unfolds to a huge picture."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(50_001, 1), (9_000, 9_000), (60_000, 60_000)])
def test_a_picture_of_too_many_pixels_is_refused_before_it_unfolds(size: tuple[int, int]) -> None:
    with pytest.raises(TooBig):
        clean(bomb(*size), "image/png")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_broken_picture_is_refused(kind: str) -> None:
    data = picture(kind, (300, 300), exif=exif()) if kind != "GIF" else picture(kind, (300, 300))
    for broken in (data[: len(data) // 2], data[:40], data[:20] + b"\xff" * 30):
        with pytest.raises((MediaRefused, TooBig)):
            clean(broken, "image/jpeg")


@pytest.mark.parametrize(
    ("head", "told", "media_type", "extension"),
    [
        (b"OggS\x00", "audio/ogg", "audio/ogg", "ogg"),
        (b"#!AMR\n", "audio/amr", "audio/amr", "amr"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "", "audio/wav", "wav"),
        (b"ID3\x04", "audio/mpeg", "audio/mpeg", "mp3"),
        (b"\xff\xfb\x90\x00", "audio/mpeg", "audio/mpeg", "mp3"),
        (b"\xff\xf1\x50\x80", "audio/aac", "audio/aac", "aac"),
        (b"\x00\x00\x00\x18ftypM4A ", "audio/mp4", "audio/mp4", "m4a"),
        (b"\x00\x00\x00\x18ftypisom", "audio/mp4", "audio/mp4", "m4a"),
        (b"\x00\x00\x00\x18ftypisom", "video/mp4", "video/mp4", "mp4"),
        (b"\x00\x00\x00\x18ftyp3gp4", "video/3gpp", "video/3gpp", "3gp"),
        (b"%PDF-1.7", "application/x-executable", "application/pdf", "pdf"),
    ],
)
def test_sound_film_and_pdf_are_known_by_their_first_bytes_and_kept_with_a_warning(
    head: bytes, told: str, media_type: str, extension: str
) -> None:
    data = head + bytes(64)
    cleaned = clean(data, told)
    assert cleaned == Cleaned(data, media_type, extension, checked=False)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00", b"MZ\x90\x00" + bytes(64), b"PK\x03\x04" + bytes(64), b"\x7fELF" + bytes(64), b"<svg onload=x>",
     b"<html><script>", b"#!/bin/sh\n", b"\x00\x00\x00\x18ftypheic" + bytes(64), b"BM" + bytes(64),
     b"II*\x00" + bytes(64), b"%!PS-Adobe", b"RIFF\x00\x00\x00\x00AVI ", b"\xff"],
)  # fmt: skip
def test_everything_else_is_refused_whatever_it_is_called(data: bytes) -> None:
    for told in ("image/jpeg", "application/pdf", "audio/ogg", "video/mp4", ""):
        with pytest.raises(MediaRefused):
            clean(data, told)


def test_the_bound_on_pixels_is_below_the_librarys_own() -> None:
    assert Image.MAX_IMAGE_PIXELS is not None
    assert media.PIXELS < Image.MAX_IMAGE_PIXELS


def test_what_large_pictures_took_is_given_back_once_they_are_made() -> None:
    """In a process of its own, by two threads at once as in a worker."""
    done = subprocess.run([sys.executable, "-c", TWO_AT_ONCE], capture_output=True, text=True, check=True)
    assert 0 <= int(done.stdout) < 150


# Prints by how many megabytes the process has grown.
TWO_AT_ONCE = """
from bot.channels.media import clean
import io, pathlib, re
from concurrent.futures import ThreadPoolExecutor
from PIL import Image

def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]) // 1024

out = io.BytesIO()
Image.new("1", (7000, 7000)).save(out, "PNG")
before = resident()
with ThreadPoolExecutor(2) as pool:
    list(pool.map(lambda data: clean(data, "image/png").checked, [out.getvalue()] * 2))
print(max(0, resident() - before))
"""

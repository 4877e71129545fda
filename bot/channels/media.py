"""Attachments, cleaned: pictures are made anew so that nothing rides along in them, the rest is recognised and kept.

What a file is, its first bytes say; the name and the type that came with it are not believed.
"""

from __future__ import annotations

import io
import os
import warnings
from dataclasses import dataclass

# Pixels lie in pieces of at most so much. The library's own 16 MB are small enough for malloc to keep when they are
# freed (mallopt(3), M_MMAP_THRESHOLD): a worker that had made two large pictures at once held 750 MB for ever.
os.environ.setdefault("PILLOW_BLOCK_SIZE", "64m")

from PIL import Image, ImageOps, UnidentifiedImageError

from bot.errors import MediaRefused, TooBig

PIXELS = 50_000_000  # of a decoded picture: 150 MB of memory at most
SIDE = 12_000
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_PICTURES = {
    "JPEG": ("image/jpeg", "jpg"),
    "MPO": ("image/jpeg", "jpg"),  # what the library calls a JPEG with a second picture in it
    "PNG": ("image/png", "png"),
    "WEBP": ("image/webp", "webp"),
    "GIF": ("image/png", "png"),
}


@dataclass(frozen=True, slots=True)
class Cleaned:
    """`checked`: True when the file was made anew and holds the picture alone; False when it is kept as it came, and
    may tell place, time or device, or carry something harmful."""

    data: bytes
    media_type: str
    extension: str
    checked: bool


def clean(data: bytes, media_type: str) -> Cleaned:
    """Raises `MediaRefused` for what is no picture, sound, film or PDF, `TooBig` for a picture of too many pixels.

    `media_type`, as the sender's telephone told it, decides only between sound and film in the same container."""
    if picture := _picture(data):
        return picture
    kept = _kind(data, media_type)
    if kept is None:
        raise MediaRefused("kind")
    return Cleaned(data, *kept, checked=False)


def _picture(data: bytes) -> Cleaned | None:
    try:
        with warnings.catch_warnings():
            # The library warns about a picture up to twice its own limit, though ours is below that, and of what is odd
            # in its metadata, which goes in any case.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                return _remade(image)
    except UnidentifiedImageError:
        return None
    except Image.DecompressionBombError:
        raise TooBig from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError):
        raise MediaRefused("broken") from None  # a picture by its first bytes, and then not


def _remade(image: Image.Image) -> Cleaned:
    """The first frame, turned as the camera was held, in a new file without any metadata."""
    if image.width * image.height > PIXELS or max(image.size) > SIDE:
        raise TooBig
    media_type, extension = _PICTURES[image.format or ""]
    bare = "RGB" if extension == "jpg" else "RGBA" if _see_through(image) else "RGB"
    ImageOps.exif_transpose(image, in_place=True)  # each copy of a large picture would be 150 MB
    # A new image, so that nothing the library keeps beside the pixels (EXIF, ICC, comments, text chunks) is written.
    fresh = Image.new(bare, image.size)
    fresh.paste(image if image.mode == bare else image.convert(bare))
    image.close()
    out = io.BytesIO()
    fresh.save(out, {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}[extension], quality=90)
    return Cleaned(out.getvalue(), media_type, extension, checked=True)


def _see_through(image: Image.Image) -> bool:
    return image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info


def _kind(data: bytes, media_type: str) -> tuple[str, str] | None:
    """Media type and extension by the first bytes (the formats' own descriptions)."""
    if data.startswith(b"%PDF-"):
        return "application/pdf", "pdf"
    if data.startswith(b"OggS"):
        return "audio/ogg", "ogg"
    if data.startswith(b"#!AMR"):
        return "audio/amr", "amr"
    if data.startswith(b"RIFF") and data[8:12] == b"WAVE":
        return "audio/wav", "wav"
    if data.startswith(b"ID3") or (len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0):
        return _mpeg(data)
    return _boxed(data[8:12], media_type) if data[4:8] == b"ftyp" else None


def _mpeg(data: bytes) -> tuple[str, str]:
    """AAC in its own frames and MPEG audio begin alike; the two layer bits are zero in AAC (ISO 13818-7)."""
    adts = data[0] == 0xFF and data[1] & 0xF6 == 0xF0
    return ("audio/aac", "aac") if adts else ("audio/mpeg", "mp3")


def _boxed(brand: bytes, media_type: str) -> tuple[str, str] | None:
    """ISO base media files, by brand. HEIC pictures are refused: they can't be cleaned here."""
    if brand in {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"}:
        return None
    if brand.startswith(b"M4A") or media_type.startswith("audio/"):
        return "audio/mp4", "m4a"
    if brand.startswith(b"3g"):
        return "video/3gpp", "3gp"
    return "video/mp4", "mp4"

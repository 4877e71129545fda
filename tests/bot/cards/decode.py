"""Which worn, blurred, turned and far cards an independent decoder still reads; `python -m tests.bot.cards.decode`
prints the table."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import pypdfium2
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from bot.cards import typeset
from bot.cards.formats import FORMATS
from tests.bot.cards import printed

type Damage = Callable[[Image.Image, float, int], Image.Image]  # of a card, how bad, which of several cards

DPI = 200
TABLE = (200, 196, 188)  # what the card lies on
# Pixels for a millimetre of a card 30 cm from the camera, when the view is 38 cm wide there: of a preview of 1920 and
# 1280 pixels, which is what a scanner looks at, and of an old telephone's 640.
FULL, HALF, OLD = 5.0, 3.35, 1.7


def blurred(image: Image.Image, mm: float, _which: int = 0) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(mm * DPI / 25.4))


def turned(image: Image.Image, degrees: float, _which: int = 0) -> Image.Image:
    return image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=TABLE)


def tilted(image: Image.Image, share: float, _which: int = 0) -> Image.Image:
    """As seen aslant: the far edge is shorter by `share`."""
    wide, high = image.size
    inset = wide * share / 2
    seen = (-inset, 0, 0, high, wide, high, wide + inset, 0)
    padded = ImageOps.expand(image, int(inset), TABLE)
    shifted = [value + int(inset) for value in seen]
    return padded.transform(image.size, Image.Transform.QUAD, shifted, Image.Resampling.BICUBIC)


def scratched(image: Image.Image, count: float, which: int = 0, *, mm: float = 0.2) -> Image.Image:
    """Lines through ink and paper, as keys and zips leave them, seen by a telephone."""
    return far(_lined(image, count, which, mm), FULL)


def gouged(image: Image.Image, count: float, which: int = 0) -> Image.Image:
    """Lines half a millimetre wide. Through one of the three squares by which a code is found, no correction helps."""
    return scratched(image, count, which, mm=0.5)


def _lined(image: Image.Image, count: float, which: int, mm: float) -> Image.Image:
    chance = random.Random(which)
    worn = image.copy()
    pen = ImageDraw.Draw(worn)
    for number in range(int(count)):
        ends = [(chance.random() * image.width, chance.random() * image.height) for _ in range(2)]
        pen.line(ends, (250, 250, 250) if number % 2 else (40, 40, 40), round(mm * DPI / 25.4))
    return worn


def corner_gone(image: Image.Image, mm: float, _which: int = 0) -> Image.Image:
    """The lower right corner of the code is rubbed off, where it has no finder pattern: `mm` along each edge."""
    (left, top), side = _code_of(image)
    end = (left + side, top + side)
    length = mm * DPI / 25.4
    worn = image.copy()
    ImageDraw.Draw(worn).polygon([end, (end[0] - length, end[1]), (end[0], end[1] - length)], (245, 245, 245))
    return worn


def stained(image: Image.Image, share: float, _which: int = 0) -> Image.Image:
    """A dark spot on the middle of the code, over `share` of its area."""
    (left, top), side = _code_of(image)
    radius = side * (share / 3.14159) ** 0.5
    middle = (left + side * 0.55, top + side * 0.5)
    worn = image.copy()
    ImageDraw.Draw(worn).circle(middle, radius, (60, 50, 45))
    return worn


def faint(image: Image.Image, contrast: float, _which: int = 0) -> Image.Image:
    """Bleached by the sun: what is left of the difference between ink and paper."""
    return image.point(lambda value: int(235 - (235 - value) * contrast) if value < 235 else 235)


def shaded(image: Image.Image, darkest: float, _which: int = 0) -> Image.Image:
    """A shadow that grows from left to right until `darkest` of the light is left."""
    ramp = Image.linear_gradient("L").rotate(90).resize(image.size)
    light = ramp.point(lambda value: int(255 * (darkest + (1 - darkest) * value / 255)))
    return Image.composite(image, Image.new("RGB", image.size), light)


def far(image: Image.Image, pixels_a_mm: float, _which: int = 0) -> Image.Image:
    """On a telephone 30 cm away, as its camera hands it over: small, a little blurred, compressed, turned by a hand."""
    scale = pixels_a_mm * 25.4 / DPI
    small = image.filter(ImageFilter.GaussianBlur(0.5 / scale)).resize(
        (round(image.width * scale), round(image.height * scale)), Image.Resampling.BOX
    )
    view = ImageOps.expand(small.rotate(8, Image.Resampling.BICUBIC, expand=True, fillcolor=TABLE), 40, TABLE)
    data = io.BytesIO()
    view.save(data, "JPEG", quality=60)
    return Image.open(data).convert("RGB")


def everything(image: Image.Image, strength: float, which: int = 0) -> Image.Image:
    """An old card in a dim cabin, in a hand: scratched, bleached, shaded, aslant, and far."""
    worn = faint(_lined(image, 12 * strength, which, 0.2), 1 - 0.5 * strength)
    return far(tilted(shaded(worn, 1 - 0.5 * strength), 0.15 * strength), FULL)


def _code_of(image: Image.Image) -> tuple[tuple[float, float], float]:
    """Upper left corner and side of the code, in pixels, as the decoder finds it."""
    found = zxingcpp.read_barcodes(image)[0].position
    return (found.top_left.x, found.top_left.y), float(found.bottom_right.x - found.top_left.x)


@dataclass(frozen=True, slots=True)
class Wear:
    """One damage. `strengths`: from mild to harsh; the first `must` of them every size has to survive, on each of
    `cards` cards that chance damaged in different ways."""

    title: str
    damage: Damage
    strengths: tuple[float, ...]
    must: int
    cards: int = 1


WEAR = (
    Wear("blurred, mm of the blur", blurred, (0.1, 0.2, 0.3, 0.4, 0.6), 4),
    Wear("turned, degrees", turned, (7, 20, 45, 90, 133, 180, 271), 7),
    Wear("aslant, the far edge shorter by", tilted, (0.1, 0.2, 0.3), 2),
    Wear("scratched, lines of 0.2 mm over the card", scratched, (5, 10, 20, 40), 2, cards=4),
    Wear("gouged, lines of 0.5 mm over the card", gouged, (2, 5, 10), 0, cards=4),
    Wear("a corner of the code gone, mm", corner_gone, (5, 10, 15), 2),
    Wear("a stain on the code, share of it", stained, (0.03, 0.06, 0.1), 2),
    Wear("bleached, contrast left", faint, (0.5, 0.3, 0.15), 3),
    Wear("in a shadow, light left", shaded, (0.5, 0.3, 0.15), 3),
    Wear("30 cm away, pixels for a mm", far, (FULL, HALF, OLD), 2),
    Wear("all of it at once, strength", everything, (0.3, 0.6, 1.0), 1, cards=4),
)


@cache
def whole(name: str) -> Image.Image:
    """The front of a card of this size as it comes from the press, with all the languages that it holds."""
    drawn = typeset.sides(printed.card(("es", "en", "pt")), FORMATS[name])[0]
    return printed.picture(pypdfium2.PdfDocument(drawn)[0], DPI)


def read(name: str, wear: Wear, strength: float) -> int:
    """On how many of the cards the code was read, once and rightly."""
    wanted = {f"{printed.ADDRESS}/c/{printed.CODE}": 1}
    damaged = (wear.damage(whole(name), strength, which) for which in range(wear.cards))
    return sum(printed.codes(image) == wanted for image in damaged)


def table(names: Sequence[str] = ("business", "seat")) -> Iterator[str]:
    """Markdown: for each damage and size the strengths that were read, and behind the others on how many cards."""
    yield f"| damage | {' | '.join(names)} |"
    yield "|---" * (len(names) + 1) + "|"
    for wear in WEAR:
        yield f"| {wear.title} | {' | '.join(_cell(name, wear) for name in names)} |"


def _cell(name: str, wear: Wear) -> str:
    found = {strength: read(name, wear, strength) for strength in wear.strengths}
    return ", ".join(
        f"{at:g}" if count == wear.cards else f"{at:g} ({count} of {wear.cards})" for at, count in found.items()
    )


if __name__ == "__main__":
    print("\n".join(table()))

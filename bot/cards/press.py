"""What typst leaves out of a PDF for a press: how far the colour reaches beyond the cut, and black that stays black."""

from __future__ import annotations

import re

_PAGE = re.compile(rb"(?m)^(\d+) 0 obj\n(<</Type/Page/[^\n]*?/TrimBox\[([\d. -]+)\][^\n]*)>>\nendobj")
_TRAILER = re.compile(rb"trailer\n<<(.*?)>>\nstartxref\n(\d+)\n%%EOF\s*$", re.DOTALL)
# A page that is laid into another becomes a transparency group of the screen's colours. Nothing in it is transparent,
# and a press would turn its black into four inks, which never lie quite over each other.
_GROUP = re.compile(rb"/Group<</Type/Group/S/Transparency(?:/I true)?(?:/K (?:true|false))?(?:/CS \d+ 0 R)?>>")
POINTS = 72 / 25.4  # of a millimetre


def ready(pdf: bytes, bleed: float) -> bytes:
    """The same pages with BleedBox `bleed` millimetres around TrimBox, and without transparency groups.

    For the files that typst writes: it sets MediaBox and TrimBox, and a page without BleedBox would bleed to the edge
    of the paper. Groups are blanked where they stand, boxes come by an incremental update (ISO 32000-1, 7.5.6).
    ValueError for a file that is not written that way.
    """
    return _with_bleed_boxes(_GROUP.sub(lambda found: b" " * len(found[0]), pdf), bleed)


def _with_bleed_boxes(pdf: bytes, bleed: float) -> bytes:
    pages = list(_PAGE.finditer(pdf))
    trailer = _TRAILER.search(pdf)
    if not pages or trailer is None:
        raise ValueError("no page with a TrimBox, or no trailer")
    out = bytearray(pdf.rstrip() + b"\n")
    entries = []
    for page in pages:
        entries.append((int(page[1]), len(out)))
        out += b"%s 0 obj\n%s/BleedBox[%s]>>\nendobj\n" % (page[1], page[2], _around(page[3], bleed * POINTS))
    start = len(out)
    out += b"xref\n" + b"".join(b"%d 1\n%010d 00000 n\r\n" % entry for entry in entries)
    out += b"trailer\n<<%s/Prev %s>>\nstartxref\n%d\n%%%%EOF\n" % (trailer[1], trailer[2], start)
    return bytes(out)


def _around(box: bytes, points: float) -> bytes:
    left, bottom, right, top = map(float, box.split())
    grown = (left - points, bottom - points, right + points, top + points)
    return b" ".join(b"%.4f" % edge for edge in grown)

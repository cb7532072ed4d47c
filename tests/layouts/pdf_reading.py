"""What stands in a PDF file, read from its bytes without the help of what wrote it."""

import base64
import re
import zlib
from dataclasses import dataclass

from PIL import Image, ImageDraw

_DOTS_PER_POINT = 300 / 72
_PAGE_POINTS = (595.28, 841.89)
_STREAM = re.compile(
    rb"<<([^>]*?/Filter \[ /ASCII85Decode /FlateDecode \][^>]*?)>>\s*stream\r?\n(.*?)endstream", re.DOTALL
)
_RECTANGLE = re.compile(rb"(-?[\d.]+) (-?[\d.]+) (-?[\d.]+) (-?[\d.]+) re")
_TEXT = re.compile(rb"\(((?:[^()\\]|\\.)*)\) Tj")


@dataclass(frozen=True)
class Page:
    """A page's filled rectangles as a picture at 300 dpi, and its ASCII texts in the order in which they were set.

    `content` is all that is drawn on it, in PDF's own operators.
    """

    content: bytes
    bars: Image.Image
    texts: tuple[str, ...]
    pictures: int


def pages_of(pdf: bytes) -> list[Page]:
    """Every page of the file."""
    assert pdf.startswith(b"%PDF-1.")
    assert pdf.rstrip().endswith(b"%%EOF")
    contents = [
        zlib.decompress(base64.a85decode(data.strip().removesuffix(b"~>")))
        for head, data in _STREAM.findall(pdf)
        if b"/Subtype /Image" not in head and b"/Length1" not in head and b"CMap" not in head
    ]
    return [_page(content) for content in contents if b" cm" in content]


def _page(content: bytes) -> Page:
    size = tuple(round(points * _DOTS_PER_POINT) for points in _PAGE_POINTS)
    picture = Image.new("L", (size[0], size[1]), 255)
    draw = ImageDraw.Draw(picture)
    for path in re.findall(rb"n ((?:[-\d. ]+ re\s*)+)f", content):
        for found in _RECTANGLE.findall(path):
            x, y, width, height = (float(number) * _DOTS_PER_POINT for number in found)
            right, bottom = round(x + width) - 1, size[1] - round(y) - 1
            draw.rectangle((round(x), size[1] - round(y + height), right, bottom), fill=0)
    texts = (re.sub(rb"\\(.)", rb"\1", text).decode("latin-1") for text in _TEXT.findall(content))
    return Page(content, picture, tuple(texts), content.count(b" Do"))

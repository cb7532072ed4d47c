"""Arrows as pictures: the printer's own font has none."""

from enum import StrEnum

from PIL import Image, ImageDraw

from layouts.pictures import Bitmap

_CORNERS = ((0.5, 0.0), (1.0, 0.5), (0.7, 0.5), (0.7, 1.0), (0.3, 1.0), (0.3, 0.5), (0.0, 0.5))
"""The arrow that points up, in parts of its size."""


class Arrow(StrEnum):
    """Where the thing that a label names is, as seen from the label."""

    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"


def arrow_picture(arrow: Arrow, size_dots: int) -> Bitmap:
    """The arrow, black, `size_dots` wide and high."""
    corners = [_turned(arrow, x, y) for x, y in _CORNERS]
    image = Image.new("1", (size_dots, size_dots), 0)
    last_dot = size_dots - 1
    ImageDraw.Draw(image).polygon([(round(x * last_dot), round(y * last_dot)) for x, y in corners], fill=1)
    return Bitmap(size_dots, size_dots, image.tobytes())


def _turned(arrow: Arrow, x: float, y: float) -> tuple[float, float]:
    match arrow:
        case Arrow.UP:
            return x, y
        case Arrow.DOWN:
            return x, 1 - y
        case Arrow.LEFT:
            return y, x
        case Arrow.RIGHT:
            return 1 - y, x

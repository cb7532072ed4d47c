"""How wide a printer writes a text in its font 0, estimated.

A printer tells nobody how wide a text will be. Font 0 (CG Triumvirate Bold Condensed) has the proportions of Helvetica
Condensed Bold, whose advance widths stand below in thousandths of the font height. An accented letter is as wide as its
letter, any other character counts as the widest, and a hyphen as wide as the widest one seen. Printers differ by a few
per cent with model and firmware, so every width gets `_MARGIN` on top: a name is shortened a little early rather than
run into its neighbour.
"""

import unicodedata
from functools import lru_cache

_MARGIN = 1.05
_WIDEST = 833
_ASCII = (
    (250, 333, 333, 500, 500, 833, 667, 250, 333, 333, 500, 500, 333, 800, 333, 278)  # space to /
    + (500,) * 10  # digits
    + (278, 278, 500, 500, 500, 500, 833)  # : to @
    + (556, 556, 556, 611, 500, 500, 611, 611, 278, 444, 556, 500, 778)  # A to M
    + (611, 611, 556, 611, 611, 556, 500, 611, 556, 833, 556, 556, 500)  # N to Z
    + (333, 278, 333, 500, 500, 333)  # [ to `
    + (500, 500, 444, 500, 500, 278, 500, 500, 278, 278, 444, 278, 778)  # a to m
    + (500, 500, 500, 500, 333, 444, 278, 500, 444, 667, 444, 444, 389)  # n to z
    + (274, 250, 274, 500)  # { to ~
)
_ASCII_WIDTHS = {chr(code): width for code, width in enumerate(_ASCII, start=32)}


def width_dots(line: str, height_dots: int) -> float:
    """Estimated width of `line` in font 0 at `height_dots`, the margin included."""
    return sum(map(_width, line)) * height_dots * _MARGIN / 1000


@lru_cache(maxsize=1024)
def _width(character: str) -> int:
    letter = unicodedata.normalize("NFD", character)[0]
    return _ASCII_WIDTHS.get(letter, _WIDEST)

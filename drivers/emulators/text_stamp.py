"""Text as a printer's font 0 would set it, in one bit for each dot. The shapes are another font's, the sizes alike."""

from functools import lru_cache
from importlib.resources import as_file, files

from PIL import Image, ImageDraw, ImageFont

_CONDENSED = 0.8
"""Font 0 is a condensed face; Pillow's own is not."""

_BASELINE = 0.76
"""Where the baseline stands in a line of height 1."""


@lru_cache(maxsize=64)
def _font(height_dots: int, is_ascii: bool) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    if is_ascii:
        return ImageFont.load_default(height_dots)
    # Pillow's own font holds ASCII only; python-barcode brings one with Latin, Greek and Cyrillic.
    with as_file(files("barcode") / "fonts" / "DejaVuSansMono.ttf") as path:
        return ImageFont.truetype(str(path), height_dots)


def missing_signs(text: str) -> str:
    """The characters of `text` that the picture's fonts cannot draw, each once."""
    if text.isascii():
        return ""
    font = _font(20, False)
    blank = bytes(font.getmask("\uffff"))
    return "".join(sorted({sign for sign in text if not sign.isspace() and bytes(font.getmask(sign)) == blank}))


def text_width_dots(text: str, height_dots: int, width_dots: int) -> int:
    """How wide a line is set; `width_dots` 0 or equal to the height is the font's own proportion."""
    return round(_font(height_dots, text.isascii()).getlength(text) * _stretch(height_dots, width_dots))


def baseline_dots(height_dots: int) -> int:
    """How far below the top of a line its baseline stands."""
    return round(height_dots * _BASELINE)


def text_stamp(text: str, height_dots: int, width_dots: int) -> Image.Image:
    """Draw one line, ink as 1; the picture is one line high plus what hangs below the baseline."""
    font = _font(height_dots, text.isascii())
    drawn_width = max(1, round(font.getlength(text)) + 2)
    drawn = Image.new("L", (drawn_width, round(height_dots * 1.1) + 1))
    ImageDraw.Draw(drawn).text((0, baseline_dots(height_dots)), text, fill=255, font=font, anchor="ls")
    set_width = max(1, round(drawn_width * _stretch(height_dots, width_dots)))
    set_text = drawn.resize((set_width, drawn.height), Image.Resampling.BILINEAR)
    return set_text.point(lambda grey: 255 if grey >= 110 else 0).convert("1")


def wrapped(text: str, block_width_dots: int, height_dots: int, width_dots: int) -> list[str]:
    """Break text into the lines of a `^FB` block: at blanks, within words that are too long, and at `\\&`."""
    lines = []
    for paragraph in text.replace("\\&", "\n").split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if text_width_dots(longer, height_dots, width_dots) <= block_width_dots:
                line = longer
                continue
            if line:
                lines.append(line)
            *full, line = _broken(word, block_width_dots, height_dots, width_dots)
            lines += full
        lines.append(line)
    return lines


def _broken(word: str, block_width_dots: int, height_dots: int, width_dots: int) -> list[str]:
    """A word in pieces that fit the block, each at least one character."""
    pieces = [""]
    for sign in word:
        if pieces[-1] and text_width_dots(pieces[-1] + sign, height_dots, width_dots) > block_width_dots:
            pieces.append("")
        pieces[-1] += sign
    return pieces


def _stretch(height_dots: int, width_dots: int) -> float:
    return _CONDENSED * (width_dots / height_dots if width_dots else 1.0)

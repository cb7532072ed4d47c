"""Lines of text as pictures, for what the printer's own font lacks: Chinese, Arabic, Cyrillic, emoji and the rest.

Fonts come from the system by fontconfig (`fc-list`); the one font that is always there is the DejaVu Sans Mono inside
python-barcode (Latin, Greek, Cyrillic, Arabic). Nothing is guessed or romanised: a character that no font can draw is
printed as its code point, `[U+4E1C 4EAC]`, which a person can look up and nobody takes for an address. To print
Chinese, Japanese and Korean, install a font such as Debian's `fonts-noto-cjk`.
"""

import subprocess
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import groupby
from math import ceil

from PIL import Image, ImageDraw, ImageFont, features

from layouts.printable import by_code_points, drawable, within_font_0
from layouts.right_to_left import visual_order

_LETTERS_OF_HEIGHT = 0.8
_LINE_OF_HEIGHT = 1.05
_PLAINNESS = ("DejaVuSans-Bold.", "DejaVuSans.", "NotoSansCJK-Bold", "NotoSansCJK", "NotoSans")
_BLOCKS = (range(0x20, 0x700), range(0x1E00, 0x2070), range(0x20A0, 0x20C0), range(0x2190, 0x2200))
"""Latin to Arabic, Latin and Greek Extended, punctuation, currency, arrows: looked for in the font always there."""
_JOINERS = "\u200c\u200d"
_FANCY = ("ColorEmoji", "Italic", "Oblique")


@dataclass(frozen=True)
class Bitmap:
    """A picture of 1 bit a dot, 1 = black; each row starts at a new byte, its first dot in the highest bit.

    Raises ValueError when `rows` is not `height_dots` times the bytes of a row.
    """

    width_dots: int
    height_dots: int
    rows: bytes

    def __post_init__(self) -> None:
        wanted = self.bytes_per_row * self.height_dots
        if len(self.rows) != wanted or not wanted:
            size = f"{self.width_dots} x {self.height_dots}"
            raise ValueError(f"a bitmap of {size} dots takes {wanted} bytes (at least 1), not {len(self.rows)}")

    @property
    def bytes_per_row(self) -> int:
        return (self.width_dots + 7) // 8


@dataclass(frozen=True)
class FontFile:
    """A font on disk and the code points it holds, as sorted ranges: `starts[i]` to `ends[i]`."""

    path: str
    face_index: int
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def holds(self, character: str) -> bool:
        place = bisect_right(self.starts, ord(character)) - 1
        return place >= 0 and ord(character) <= self.ends[place]


def with_stand_ins(line: str) -> str:
    """`line` with every run of characters that cannot be drawn replaced by its code points."""
    if within_font_0(line):
        return line
    font = best_font(frozenset(line), fonts_at_hand())
    visible = (character for character in line if character not in _JOINERS or font.holds(character))
    runs = groupby(visible, lambda character: drawable(character) and font.holds(character))
    return "".join("".join(run) if can_be_drawn else by_code_points("".join(run)) for can_be_drawn, run in runs)


def width_dots(line: str, height_dots: int) -> float:
    """Width of the picture of `line` in dots, measured."""
    return _font(line, height_dots).getlength(_in_drawing_order(line))


def picture_of(line: str, height_dots: int) -> Bitmap:
    """`line`, as `with_stand_ins` returned it, drawn about as high as font 0 is at `height_dots`."""
    font = _font(line, height_dots)
    text = _in_drawing_order(line)
    left, _, right, _ = font.getbbox(text)
    overhang = max(0.0, -left)
    width = max(1, ceil(overhang + max(right, font.getlength(text))))
    image = Image.new("1", (width, sum(font.getmetrics())), 0)
    ImageDraw.Draw(image).text((overhang, 0), text, fill=1, font=font)
    return Bitmap(image.width, image.height, image.tobytes())


def best_font(characters: frozenset[str], fonts: Sequence[FontFile]) -> FontFile:
    """The first font that holds all of `characters`, or else the first of those that hold the most of them."""
    with_all = next((font for font in fonts if all(map(font.holds, characters))), None)
    return with_all or max(fonts, key=lambda font: sum(map(font.holds, characters)))


@lru_cache(maxsize=1)
def fonts_at_hand() -> tuple[FontFile, ...]:
    """Every usable font, the plainest first, the one that is always there last."""
    found = [font for font in map(_font_file, _fontconfig_lines()) if font]
    return (*sorted(found, key=_plainness), _font_always_there())


def _font(line: str, height_dots: int) -> ImageFont.FreeTypeFont:
    font_file = best_font(frozenset(line), fonts_at_hand())
    return _sized_font(font_file.path, font_file.face_index, height_dots)


@lru_cache(maxsize=1)
def _layout() -> ImageFont.Layout:
    """Raqm needs FriBiDi, which Pillow looks for on the system when it draws: a bare Debian has none."""
    has_both = features.check_feature("raqm") and features.check_feature("fribidi")
    return ImageFont.Layout.RAQM if has_both else ImageFont.Layout.BASIC


def _in_drawing_order(line: str) -> str:
    return line if _layout() is ImageFont.Layout.RAQM else visual_order(line)


@lru_cache(maxsize=64)
def _sized_font(path: str, face_index: int, height_dots: int) -> ImageFont.FreeTypeFont:
    ascent, descent = ImageFont.truetype(path, 100, index=face_index, layout_engine=_layout()).getmetrics()
    size = min(_LETTERS_OF_HEIGHT * height_dots, _LINE_OF_HEIGHT * height_dots * 100 / (ascent + descent))
    return ImageFont.truetype(path, max(6.0, size), index=face_index, layout_engine=_layout())


def _fontconfig_lines() -> list[str]:
    wanted = ["fc-list", "--format", "%{file}|%{index}|%{charset}\n", ":scalable=true"]
    try:
        answer = subprocess.run(wanted, capture_output=True, check=True, timeout=10, text=True, errors="replace")
    except (OSError, subprocess.SubprocessError):
        return []
    return answer.stdout.splitlines()


def _font_file(fontconfig_line: str) -> FontFile | None:
    path, _, rest = fontconfig_line.partition("|")
    face_index, _, charset = rest.partition("|")
    readable_by_pillow = path.endswith((".ttf", ".otf", ".ttc")) and int(face_index or 0) < 0x10000
    if not charset or not readable_by_pillow or any(word in path for word in _FANCY):
        return None
    ranges = [part.partition("-") for part in charset.split()]
    starts = tuple(int(first, 16) for first, _, _ in ranges)
    return FontFile(path, int(face_index or 0), starts, tuple(int(last or first, 16) for first, _, last in ranges))


def _plainness(font: FontFile) -> tuple[int, str]:
    name = font.path.rpartition("/")[2]
    return next((rank for rank, start in enumerate(_PLAINNESS) if name.startswith(start)), len(_PLAINNESS)), font.path


def _font_always_there() -> FontFile:
    path = str(files("barcode").joinpath("fonts", "DejaVuSansMono.ttf"))
    font = ImageFont.truetype(path, 24, layout_engine=ImageFont.Layout.BASIC)
    missing = bytes(font.getmask("\U0010ffff"))
    held = tuple(code for block in _BLOCKS for code in block if bytes(font.getmask(chr(code))) != missing)
    return FontFile(path, 0, held, held)

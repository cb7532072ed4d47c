"""A label in a terminal: what stands on it as rows of text, and as a picture where the terminal can show one."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from PIL import Image

from drivers.emulators.code128 import readable_text
from drivers.emulators.zpl_commands import commands_of, unescaped

_ROW_MM = 1.5
_KITTY_TERMS = ("xterm-kitty", "xterm-ghostty")
_SIXEL_TERMS = ("foot", "mlterm", "contour", "yaft")
_KITTY_CHUNK = 4096
_SYMBOLS = {"BC": "bars", "BQ": "QR", "BX": "DataMatrix"}


@dataclass(frozen=True, slots=True)
class _Seen:
    y: int
    x: int
    text: str


def text_rows(zpl: bytes, dots_per_mm: float) -> list[str]:
    """What stands on one label, from the top down and from left to right; bars and pictures in brackets."""
    rows: list[list[_Seen]] = []
    for seen in sorted(_fields(zpl), key=lambda field: field.y):
        if rows and seen.y - rows[-1][0].y <= _ROW_MM * dots_per_mm:
            rows[-1].append(seen)
        else:
            rows.append([seen])
    return ["  ".join(field.text for field in sorted(row, key=lambda field: field.x)) for row in rows]


def picture_for(image: Image.Image, environ: Mapping[str, str]) -> str:
    """The picture at half its size in the terminal's own way of showing one; empty when it is known for none."""
    term = environ.get("TERM", "")
    small = image.convert("L").resize((max(1, image.width // 2), max(1, image.height // 2)))
    if term in _KITTY_TERMS or environ.get("TERM_PROGRAM") == "WezTerm":
        return kitty(small)
    if term.startswith(_SIXEL_TERMS) or "sixel" in term:
        return sixel(small)
    return ""


def kitty(image: Image.Image) -> str:
    """Source: "Terminal graphics protocol", kitty documentation: PNG in base64, in pieces of 4096 characters."""
    written = io.BytesIO()
    image.save(written, "PNG")
    data = base64.b64encode(written.getvalue()).decode("ascii")
    pieces = [data[start : start + _KITTY_CHUNK] for start in range(0, len(data), _KITTY_CHUNK)]
    first, last = "a=T,f=100,", len(pieces) - 1
    return "".join(
        f"\x1b_G{first if place == 0 else ''}m={int(place < last)};{piece}\x1b\\" for place, piece in enumerate(pieces)
    )


def sixel(image: Image.Image) -> str:
    """Source: DEC VT330/340 Programmer Reference, chapter 14: bands of six rows, first white, then black."""
    ink = image.point(lambda grey: 255 if grey < 128 else 0).convert("1")
    bands = []
    for top in range(0, ink.height, 6):
        columns = [_column(ink, x, top) for x in range(ink.width)]
        white = [63 & ~bits for bits in columns]
        bands.append(f"#1{_run_lengths(white)}$#0{_run_lengths(columns)}-")
    return f'\x1bP0;1q"1;1;{ink.width};{ink.height}#0;2;0;0;0#1;2;100;100;100{"".join(bands)}\x1b\\'


def _column(ink: Image.Image, x: int, top: int) -> int:
    rows = range(min(6, ink.height - top))
    return sum(1 << row for row in rows if ink.getpixel((x, top + row)))


def _run_lengths(columns: list[int]) -> str:
    runs = ((len(list(run)), chr(63 + bits)) for bits, run in groupby(columns))
    return "".join(f"!{count}{sign}" if count > 3 else sign * count for count, sign in runs)


def _fields(zpl: bytes) -> Iterator[_Seen]:
    x = y = 0
    escape: bytes | None = None
    symbol, content = "", b""
    for command in commands_of(zpl):
        match command.name:
            case "FO" | "FT":
                x, y = command.number(0, 0), command.number(1, 0)
            case "FH":
                escape = command.content[:1] or b"_"
            case "GF":
                yield _Seen(y, x, "[picture]")
            case "FD" | "FV":
                content = command.content
            case "FS":
                text = unescaped(content, escape).decode("utf-8", "replace")
                if text:
                    yield _Seen(y, x, _in_words(symbol, text))
                escape, symbol, content = None, "", b""
            case name if name.startswith("B") and name != "BY":
                symbol = name


def _in_words(symbol: str, text: str) -> str:
    visible = "".join(sign if sign.isprintable() else " " for sign in text)
    if not symbol:
        return visible
    if symbol == "BC":
        visible = readable_text(visible)
    if symbol == "BQ":
        visible = visible[3:]
    return f"[{_SYMBOLS.get(symbol, f'symbol {symbol}')} {visible}]"

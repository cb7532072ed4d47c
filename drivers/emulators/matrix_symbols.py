"""QR codes (`^BQ`) and DataMatrix (`^BX`) as pictures with exact modules, written by zxing-cpp."""

import re

import zxingcpp
from PIL import Image

_AI_LENGTHS = (
    ("4", re.compile(r"3[1-69]|4[3]|7[02]|8[0-2]")),
    ("3", re.compile(r"23|24|25|4[0-2]|71")),
    ("2", re.compile(r"0[0-4]|1[0-35-7]|2[0-2]|30|37|9[0-9]")),
)
_FIXED_CHARS = {
    **dict.fromkeys(("00",), 20),
    **dict.fromkeys(("01", "02", "03"), 16),
    "04": 18,
    **dict.fromkeys(("11", "12", "13", "14", "15", "16", "17", "18", "19"), 8),
    "20": 4,
    **dict.fromkeys(("31", "32", "33", "34", "35", "36"), 10),
    "41": 16,
}
"""Element strings of predefined length by their first two digits (GS1 General Specifications, figure 7.8.5-2)."""


class BadSymbol(ValueError):
    """The data cannot stand in the symbol. The text says why, in plain words."""


def qr_code(content: bytes, module_dots: int) -> Image.Image:
    """Draw the data of a `^BQ` field: error correction H, Q, M or L, input mode A, a comma, then what is encoded."""
    level, mode, comma = content[0:1].upper(), content[1:2].upper(), content[2:3]
    if level not in (b"H", b"Q", b"M", b"L") or comma != b",":
        raise BadSymbol("the data of a QR code begin with the error correction and the input mode, such as 'QA,'")
    if mode != b"A":
        raise BadSymbol(f"the input mode {mode!r} of a QR code is not known, only A")
    return _drawn(content[3:], zxingcpp.BarcodeFormat.QRCode, module_dots, ec_level=level.decode())


def data_matrix(content: bytes, module_dots: int, escape: bytes) -> Image.Image:
    """Draw the data of a `^BX` field of quality 200; `escape` followed by 1 is FNC1, by d and three digits a byte."""
    sign = re.escape(escape)
    fnc1 = b"\x00fnc1\x00"
    plain = re.sub(
        sign + rb"d(\d{3})", lambda found: bytes((int(found[1]) % 256,)), content.replace(escape + b"1", fnc1)
    )
    plain = plain.replace(escape * 2, escape)
    if not plain.startswith(fnc1):
        if fnc1 in plain:
            raise BadSymbol("a DataMatrix with FNC1 inside and not at its start is not known")
        return _drawn(plain, zxingcpp.BarcodeFormat.DataMatrix, module_dots)
    elements = _bracketed(plain.removeprefix(fnc1).replace(fnc1, b"\x1d").decode("ascii", "replace"))
    return _drawn(elements.encode(), zxingcpp.BarcodeFormat.DataMatrix, module_dots, gs1=True)


def _bracketed(elements: str) -> str:
    """GS1 element strings with their application identifiers in brackets, as zxing-cpp wants them."""
    bracketed = ""
    while elements:
        digits = next((int(size) for size, known in _AI_LENGTHS if known.match(elements)), None)
        if digits is None:
            raise BadSymbol(f"the GS1 data {elements!r} begin with no application identifier")
        fixed = _FIXED_CHARS.get(elements[:2])
        end = fixed if fixed is not None else (elements + "\x1d").index("\x1d")
        bracketed += f"({elements[:digits]}){elements[digits:end]}"
        elements = elements[end:].removeprefix("\x1d")
    return bracketed


def _drawn(content: bytes, kind: zxingcpp.BarcodeFormat, module_dots: int, **options: object) -> Image.Image:
    # Text lets the encoder choose digits and letters modes; bytes keep UTF-8 as the printer was given it.
    data = content.decode("ascii") if content.isascii() else content
    try:
        barcode = zxingcpp.create_barcode(data, kind, **options)
    except (ValueError, RuntimeError) as fault:
        raise BadSymbol(f"the symbol cannot hold its data: {fault}") from fault
    drawn = Image.fromarray(barcode.to_image(scale=1, add_quiet_zones=False))
    ink = drawn.point(lambda grey: 255 - grey).convert("1")
    return ink.resize((ink.width * module_dots, ink.height * module_dots), Image.Resampling.NEAREST)

"""Barcodes for office printers as rows of modules from python-barcode, 1 black and 0 white, without quiet zones."""

from barcode.codex import Code128
from barcode.ean import EuropeanArticleNumber13

from layouts.gs1 import require_check_digit

_FNC1, _FNC4 = "\xf1", "\xf4"
"""How python-barcode writes these symbol characters."""


def code_128_modules(text: str) -> str:
    """Raises ValueError for a text that is empty or holds anything but printable ASCII."""
    if not text or not text.isascii() or not text.isprintable():
        raise ValueError(f"{text!r} cannot be a Code 128 here: printable ASCII is needed")
    return _modules(Code128(text))


def gs1_128_modules(elements: str) -> str:
    """A GS1-128 of an element string with GS between its elements; FNC1 stands in front and in place of each GS.

    Raises ValueError as `code_128_modules` does.
    """
    code_128_modules(elements.replace("\x1d", ""))
    return _modules(Code128(_FNC1 + elements.replace("\x1d", _FNC1)))


def latin_1_modules(text: str) -> str:
    """A Code 128 with letters of Latin-1, each as FNC4 and the ASCII character 128 places before it (ISO/IEC 15417).

    Raises ValueError for what is neither.
    """
    folded = "".join(_FNC4 + chr(ord(c) - 128) if 0xA0 <= ord(c) <= 0xFF else c for c in text)
    code_128_modules(folded.replace(_FNC4, ""))
    return _modules(Code128(folded))


def ean_13_modules(number: str) -> str:
    """Raises ValueError for a number that is not 13 digits with a right check digit."""
    # python-barcode replaces a wrong check digit: the paper would carry another item's number.
    require_check_digit(number, 13, "EAN")
    return _modules(EuropeanArticleNumber13(number))


def _modules(symbol: Code128 | EuropeanArticleNumber13) -> str:
    modules: str = symbol.build()[0]
    return modules.replace("G", "1").strip("0")

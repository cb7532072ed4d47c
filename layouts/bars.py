"""Barcodes for office printers as rows of modules from python-barcode, 1 black and 0 white, without quiet zones."""

from barcode.codex import Code128
from barcode.ean import EuropeanArticleNumber13

from layouts.gs1 import require_check_digit


def code_128_modules(text: str) -> str:
    """Raises ValueError for a text that is empty or holds anything but printable ASCII."""
    if not text or not text.isascii() or not text.isprintable():
        raise ValueError(f"{text!r} cannot be a Code 128 here: printable ASCII is needed")
    return _modules(Code128(text))


def ean_13_modules(number: str) -> str:
    """Raises ValueError for a number that is not 13 digits with a right check digit."""
    # python-barcode replaces a wrong check digit: the paper would carry another item's number.
    require_check_digit(number, 13, "EAN")
    return _modules(EuropeanArticleNumber13(number))


def _modules(symbol: Code128 | EuropeanArticleNumber13) -> str:
    modules: str = symbol.build()[0]
    return modules.replace("G", "1").strip("0")

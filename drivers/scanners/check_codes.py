"""The test barcodes with which a scanner's settings are found out. Pure values."""

from dataclasses import dataclass
from typing import Literal

GS = "\x1d"


@dataclass(frozen=True, slots=True)
class CheckCode:
    """`text` is what a rightly set scanner sends between its marks; `bars` is how it is printed.

    An EAN-13 is printed from `printed`: a UPC-A is an EAN-13 that begins with 0.
    """

    name: str
    text: str
    bars: Literal["code128", "ean13", "gs1_128", "latin_1"]
    symbology: str
    tells: str
    printed: str = ""

    @property
    def barcode(self) -> str:
        return self.printed or self.text


LETTERS = CheckCode("letters", "yzYZ-Floor/7", "code128", "]C0", "prefix, end mark, identifier, case, keyboard")
LENGTH = CheckCode("length", "01234567890123456789ABCDEFGHIJ", "code128", "]C0", "speed")
EAN = CheckCode("EAN-13", "4006381333931", "ean13", "]E0", "check digit")
UPC = CheckCode("UPC-A", "036000291452", "ean13", "]E0", "12 or 13 digits", "0036000291452")
GS1 = CheckCode("GS1-128", f"010400638133393110LOT7{GS}21S9", "gs1_128", "]C1", "GS between elements")
LATIN = CheckCode("umlauts", "Gr\u00f6\u00dfe-2", "latin_1", "]C0", "code page")

CHECK_CODES = (LETTERS, LENGTH, EAN, UPC, GS1, LATIN)
"""In the order in which they are asked for: the first shows how all of them are to be read."""

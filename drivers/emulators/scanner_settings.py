"""What a scanner sends for a barcode when it is set in one way or another, rightly or wrongly. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from drivers.scanners.check_codes import EAN, GS, UPC, CheckCode

_KEYBOARDS = {
    "us on de": str.maketrans("yzYZ-]/_", "zyZYß+-?") | {ord("ö"): "", ord("ß"): ""},
    "de on us": str.maketrans("yzYZ-]/_", "zyZY/9&?") | {ord("ö"): ";", ord("ß"): "-"},
}
_CASES: dict[str, Callable[[str], str]] = {
    "kept": str,
    "upper": str.upper,
    "lower": str.lower,
    "swapped": str.swapcase,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatedSettings:
    """As an administrator would want it, unless something is said. `gs` is what is sent for a separator."""

    prefix: str = ""
    suffix: str = "\r"
    identifiers: bool = True
    gs: str = GS
    code_page: str = "utf-8"
    case: Literal["kept", "upper", "lower", "swapped"] = "kept"
    keyboard: Literal["right", "us on de", "de on us"] = "right"
    ean_check_digit: bool = True
    upc: Literal["12", "13", "no check digit", "11 without system"] = "12"

    def sends(self, code: CheckCode) -> bytes:
        """All bytes of one scan."""
        text = code.text.replace(GS, self.gs)
        if code is EAN and not self.ean_check_digit:
            text = text[:-1]
        if code is UPC:
            text = {"12": text, "13": UPC.printed, "no check digit": text[:-1], "11 without system": text[1:]}[self.upc]
        if self.identifiers:
            text = code.symbology + text
        text = _CASES[self.case](text.translate(_KEYBOARDS.get(self.keyboard, {})))
        return self.prefix.encode() + text.encode(self.code_page, "replace") + self.suffix.encode()

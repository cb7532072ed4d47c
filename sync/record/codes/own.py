"""Our own barcodes: a letter for the kind, the code, and a check character: ``T-000193-K``.

A scan of the wrong kind is recognised by its letter, and a misread by its check character. On screens and in the
record codes stand without the check character (``T-000193``; a location even without its letter: ``A03-12-2``).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sync.record.codes.check_digits import ALPHABET, mod_37_2


class OwnKind(StrEnum):
    LOCATION = "L"
    TOTE = "T"
    BADGE = "B"
    COMMAND = "C"
    CUBBY = "W"
    """Of a put wall: ``W-1-A03``."""
    POSITION = "P"
    """Of a cart: ``P-07-3`` is position 3 of cart 07."""


@dataclass(frozen=True, slots=True)
class OwnCode:
    kind: OwnKind
    body: str
    """Without letter and check character: ``000193``, ``A03-12-2``, ``1001``."""

    @property
    def code(self) -> str:
        """As it stands on screens and in the record."""
        return self.body if self.kind is OwnKind.LOCATION else f"{self.kind}-{self.body}"

    @property
    def barcode(self) -> str:
        """What its barcode holds."""
        text = f"{self.kind}-{self.body}"
        return f"{text}-{mod_37_2(text)}"


@dataclass(frozen=True, slots=True)
class Misread:
    """It looks like one of our codes, but the check character says that it was not read right."""

    text: str


def parse_own(text: str) -> OwnCode | Misread | None:
    """The code behind a barcode's text; None when it does not have the form of our codes."""
    letter, _, rest = text.partition("-")
    body, _, check = rest.rpartition("-")
    if letter not in set(OwnKind) or not body or len(check) != 1:
        return None
    if not all(character in ALPHABET for character in body):
        return None
    if mod_37_2(f"{letter}-{body}") != check:
        return Misread(text)
    return OwnCode(OwnKind(letter), body)


def location_barcode(code: str) -> str:
    return OwnCode(OwnKind.LOCATION, code).barcode


def barcode_of(code: str) -> str:
    """The barcode's text of a tote, badge or command code as it stands on screens (``T-000193``).

    Raises ValueError for anything else.
    """
    letter, _, body = code.partition("-")
    if letter not in set(OwnKind) or not body:
        raise ValueError(f"{code!r} is none of our codes")
    return OwnCode(OwnKind(letter), body).barcode

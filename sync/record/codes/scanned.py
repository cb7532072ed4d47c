"""What a scan is, whatever the prompt: every barcode is resolved to its kind before anybody asks whether it fits."""

from __future__ import annotations

from dataclasses import dataclass

from sync.record.codes.gs1 import GS1_SYMBOLOGIES, BadGs1, misses_separator, parse_elements
from sync.record.codes.gtin import as_gtin
from sync.record.codes.own import Misread, OwnCode, OwnKind, parse_own
from sync.record.codes.sscc import is_sscc
from sync.record.codes.weights import net_weight_g
from sync.record.ids import BadgeCode, Gtin, LocationCode, LotCode, Serial, Sscc, ToteCode


@dataclass(frozen=True, slots=True)
class LocationScan:
    location: LocationCode


@dataclass(frozen=True, slots=True)
class ToteScan:
    tote: ToteCode


@dataclass(frozen=True, slots=True)
class CubbyScan:
    cubby: ToteCode
    """A cubby is a tote that never moves."""


@dataclass(frozen=True, slots=True)
class PositionScan:
    """A position of a cart."""

    cart: str
    position: int


@dataclass(frozen=True, slots=True)
class BadgeScan:
    badge: BadgeCode


@dataclass(frozen=True, slots=True)
class CommandScan:
    command: str


@dataclass(frozen=True, slots=True)
class ItemScan:
    """An item number and whatever else the same symbol said."""

    gtin: Gtin
    lot: LotCode | None = None
    expiry: str | None = None
    """YYMMDD, as GS1 writes it."""
    serial: Serial | None = None
    pieces: int | None = None
    weight_g: int | None = None
    """Net weight of what the symbol stands for (AI 310n, 320n)."""


@dataclass(frozen=True, slots=True)
class SsccScan:
    sscc: Sscc


@dataclass(frozen=True, slots=True)
class PlainScan:
    """Nothing that tells its own kind: perhaps a lot, a serial, an order number."""

    text: str


@dataclass(frozen=True, slots=True)
class MisreadScan:
    """A code whose own check says that it was not read right."""

    text: str
    separator_lost: bool = False
    """It would be right with GS between its elements: a scanner's setting, not the barcode."""


Scanned = (
    LocationScan
    | ToteScan
    | CubbyScan
    | PositionScan
    | BadgeScan
    | CommandScan
    | ItemScan
    | SsccScan
    | PlainScan
    | MisreadScan
)


def read_code(text: str, symbology: str | None) -> Scanned:
    """Resolve the text of a barcode. GS1 content is read as such only where the scanner said that it is GS1."""
    if symbology in GS1_SYMBOLOGIES:
        try:
            return _from_elements(parse_elements(text), text)
        except BadGs1:
            return MisreadScan(text, separator_lost=misses_separator(text))
    own = parse_own(text)
    match own:
        case Misread():
            return MisreadScan(text)
        case OwnCode():
            return _from_own(own)
        case None:
            pass
    gtin = as_gtin(text)
    if gtin is not None:
        return ItemScan(gtin)
    # Scanners that send no symbology identifier still give a GS1-128 SSCC as 20 digits that begin with 00.
    if len(text) == 20 and text.startswith("00") and is_sscc(text[2:]):
        return SsccScan(Sscc(text[2:]))
    return PlainScan(text)


def _from_own(own: OwnCode) -> Scanned:
    match own.kind:
        case OwnKind.LOCATION:
            return LocationScan(LocationCode(own.code))
        case OwnKind.TOTE:
            return ToteScan(ToteCode(own.code))
        case OwnKind.CUBBY:
            return CubbyScan(ToteCode(own.code))
        case OwnKind.POSITION:
            cart, _, position = own.body.rpartition("-")
            return PositionScan(cart, int(position)) if position.isdecimal() else MisreadScan(own.barcode)
        case OwnKind.BADGE:
            return BadgeScan(BadgeCode(own.code))
        case OwnKind.COMMAND:
            return CommandScan(own.body)


def _from_elements(elements: dict[str, str], text: str) -> Scanned:
    if "00" in elements:
        return SsccScan(Sscc(elements["00"]))
    gtin = elements.get("01") or elements.get("02")
    if gtin is None:
        return PlainScan(elements.get("10") or elements.get("21") or text)
    count = elements.get("30") or elements.get("37")
    if count is not None and not int(count):
        return MisreadScan(text)
    return ItemScan(
        weight_g=net_weight_g(elements),
        gtin=Gtin(gtin),
        lot=None if "10" not in elements else LotCode(elements["10"]),
        expiry=elements.get("17"),
        serial=None if "21" not in elements else Serial(elements["21"]),
        pieces=None if count is None else int(count),
    )

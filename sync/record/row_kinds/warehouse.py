"""Items, places, and what may be wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sync.record.ids import CountTaskId, Gtin, ItemId, LocationCode, TerminalId, WorkerId, ZoneId


@dataclass(frozen=True, slots=True, kw_only=True)
class Barcode:
    gtin: Gtin
    pieces: int
    """How many eaches one scan of it stands for: 1, an inner's, a case's."""
    packaging: str
    """``each``, ``inner`` or ``case``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    item_id: ItemId
    name: str
    barcodes: tuple[Barcode, ...]
    weight_g: int | None
    lot_tracked: bool = False
    serial_tracked: bool = False
    expiry_tracked: bool = False
    catch_weight: bool = False
    """Sold by weight: each pick says what its pieces weigh."""


class LocationKind(StrEnum):
    PICK = "pick"
    RESERVE = "reserve"
    STAGING = "staging"
    """Where totes wait: also the consolidation places."""
    PACK = "pack"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationRow:
    code: LocationCode
    zone_id: ZoneId
    aisle: str
    kind: LocationKind
    position: int
    """Where it stands on the pick path of the site: walks go by it."""
    check_digits: str
    """Two digits on the shelf that may be typed where the barcode cannot be read."""
    blocked: bool = False
    """Reported empty or frozen: taken out of the walks until somebody has counted it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonRow:
    """A reason for fewer pieces than asked, or for something wrong with a location: data of the site."""

    code: str
    digit: str
    """By which it is chosen at the terminal."""
    words: tuple[tuple[str, str], ...]
    """Language and words, e.g. ``("en", "Damaged")``."""
    about: str
    """``line``: pieces are missing; ``location``: the place itself."""
    keeps_open: bool = False
    """The line is not shorted: the picker comes back to it."""


class CountStatus(StrEnum):
    OPEN = "open"
    HELD = "held"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountTaskRow:
    """A location that somebody shall count without being told what the record says."""

    task_id: CountTaskId
    location: LocationCode
    item_id: ItemId | None
    """Only this item; None: all that is there."""
    why: str
    """A code: ``empty``, ``short``, ``zero``, ``lead`` ..."""
    status: CountStatus
    terminal_id: TerminalId | None = None
    worker_id: WorkerId | None = None
    not_by: WorkerId | None = None
    """Who has counted it first: the recount is somebody else's."""

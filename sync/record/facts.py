"""What terminals write into their ledgers: facts, which have happened and are never refused, and intents, which may be.

Each has a kind and a version on the wire (``picked@1``). A kind that was ever shipped is never changed: a new version
is added, with an up-caster in `sync.wire`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sync.record.ids import (
    EventId,
    ItemId,
    LocationCode,
    LotCode,
    OrderLineId,
    PickLineId,
    PickListId,
    Serial,
    SiteId,
    Sscc,
    TerminalId,
    ToteCode,
    WorkerId,
)


class How(StrEnum):
    """How an answer came in; typed ones are marked as typed for ever."""

    SCANNED = "scanned"
    TYPED = "typed"


class ShortReason(StrEnum):
    """Why fewer were picked than asked."""

    SHORT = "short"
    """Not enough there: the record looks elsewhere."""
    CUT = "cut"
    """The demand is given up."""
    DAMAGED = "damaged"
    """There, but not fit for sale: the record looks elsewhere."""
    WRONG_ITEM = "wrong_item"
    """Another item stands in the location: the record looks elsewhere."""


class PackProblem(StrEnum):
    MISSING = "missing"
    SURPLUS = "surplus"
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"


class PrintVerdict(StrEnum):
    """What the printer's own count said after a label was sent."""

    PRINTED = "printed"
    LOST = "lost"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    kind: ClassVar[str] = "signed_in@1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOut:
    kind: ClassVar[str] = "signed_out@1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedList:
    """Intent: give me this pick list or, with None, the most urgent open one."""

    kind: ClassVar[str] = "claimed_list@1"
    list_id: PickListId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedList:
    """Intent: the lines of this list that nobody has started go back to the common pool."""

    kind: ClassVar[str] = "released_list@1"
    list_id: PickListId
    token: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToteBound:
    kind: ClassVar[str] = "tote_bound@1"
    list_id: PickListId
    token: int
    tote: ToteCode
    how: How


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationConfirmed:
    kind: ClassVar[str] = "location_confirmed@1"
    line_id: PickLineId
    token: int
    location: LocationCode
    how: How


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """Pieces taken from the location. One scan is one fact; a typed number is one fact with its quantity."""

    kind: ClassVar[str] = "picked@1"
    line_id: PickLineId
    token: int
    item_id: ItemId
    location: LocationCode
    quantity: int
    how: How
    code: str
    """The barcode as read; empty when a number was typed."""
    lot: LotCode | None = None
    serial: Serial | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PutInTote:
    """All that has been picked of the line up to now was confirmed into this tote."""

    kind: ClassVar[str] = "put_in_tote@1"
    line_id: PickLineId
    token: int
    tote: ToteCode
    quantity: int
    how: How


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSkipped:
    kind: ClassVar[str] = "line_skipped@1"
    line_id: PickLineId
    token: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShorted:
    kind: ClassVar[str] = "line_shorted@1"
    line_id: PickLineId
    token: int
    quantity: int
    reason: ShortReason


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedEmpty:
    """Nobody asked, but the picker says that the location is empty."""

    kind: ClassVar[str] = "reported_empty@1"
    location: LocationCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """Takes back an earlier fact of the same ledger; the record keeps both."""

    kind: ClassVar[str] = "undone@1"
    undoes: EventId


@dataclass(frozen=True, slots=True, kw_only=True)
class ListHandedOver:
    """Every line is done; the totes stand at ``place`` for packing."""

    kind: ClassVar[str] = "list_handed_over@1"
    list_id: PickListId
    token: int
    place: LocationCode
    how: How


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceVerified:
    """The packer has scanned (or counted) pieces of this order line out of the tote."""

    kind: ClassVar[str] = "piece_verified@1"
    tote: ToteCode
    order_line_id: OrderLineId
    item_id: ItemId
    quantity: int
    how: How
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackReported:
    """What packing found wrong with a tote: pieces missing, too many, damaged, or of another item."""

    kind: ClassVar[str] = "pack_reported@1"
    tote: ToteCode
    order_line_id: OrderLineId | None
    item_id: ItemId
    quantity: int
    problem: PackProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class SsccAssigned:
    """The terminal has used up one number of its leased range for the next carton of this tote's order."""

    kind: ClassVar[str] = "sscc_assigned@1"
    tote: ToteCode
    sscc: Sscc


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSent:
    """The ship label of an SSCC went to a printer; ``outcome`` is what the printer's count said."""

    kind: ClassVar[str] = "label_sent@1"
    sscc: Sscc
    printer: str
    outcome: PrintVerdict
    reprint_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelProven:
    """The printed label was scanned back: only now it counts as printed."""

    kind: ClassVar[str] = "label_proven@1"
    sscc: Sscc


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedQuantity:
    order_line_id: OrderLineId
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CartonClosed:
    """Intent: close the carton with what was verified from the tote and is not in a carton yet."""

    kind: ClassVar[str] = "carton_closed@1"
    sscc: Sscc
    tote: ToteCode
    contents: tuple[PackedQuantity, ...]
    weight_g: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack:
    """Pieces of an order that was stopped after picking were taken out of their tote and stand in a location again."""

    kind: ClassVar[str] = "put_back@1"
    tote: ToteCode
    order_line_id: OrderLineId
    item_id: ItemId
    quantity: int
    location: LocationCode
    how: How


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRefused:
    """The ship label of an SSCC was not printed: no font at the pack station has the letters of some of its fields."""

    kind: ClassVar[str] = "label_refused@1"
    tote: ToteCode
    sscc: Sscc
    fields: tuple[str, ...]
    """``ship-to name`` ...: which fields, never what stands in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedSsccs:
    """Intent: lease a range of at least this many serial references to this terminal."""

    kind: ClassVar[str] = "claimed_ssccs@1"
    count: int


Fact = (
    SignedIn
    | SignedOut
    | ClaimedList
    | ReleasedList
    | ToteBound
    | LocationConfirmed
    | Picked
    | PutInTote
    | LineSkipped
    | LineShorted
    | ReportedEmpty
    | Undone
    | ListHandedOver
    | PieceVerified
    | PackReported
    | SsccAssigned
    | LabelSent
    | LabelProven
    | CartonClosed
    | ClaimedSsccs
    | PutBack
    | LabelRefused
)

FACT_KINDS: dict[str, type[Fact]] = {
    kind.kind: kind
    for kind in (
        SignedIn,
        SignedOut,
        ClaimedList,
        ReleasedList,
        ToteBound,
        LocationConfirmed,
        Picked,
        PutInTote,
        LineSkipped,
        LineShorted,
        ReportedEmpty,
        Undone,
        ListHandedOver,
        PieceVerified,
        PackReported,
        SsccAssigned,
        LabelSent,
        LabelProven,
        CartonClosed,
        ClaimedSsccs,
        PutBack,
        LabelRefused,
    )
}

INTENTS: frozenset[str] = frozenset(intent.kind for intent in (ClaimedList, ReleasedList, CartonClosed, ClaimedSsccs))
"""Kinds that the store may refuse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Who wrote a fact, where and when. No decision uses the times."""

    event_id: EventId
    site_id: SiteId
    terminal_id: TerminalId
    worker_id: WorkerId | None
    at: datetime
    """The terminal's wall clock, UTC; it may be wrong."""
    boot_id: str
    since_boot_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a ledger: a fact and its stamp."""

    stamp: Stamp
    fact: Fact


class VerdictKind(StrEnum):
    ACCEPTED = "accepted"
    DISCREPANCY = "discrepancy"
    """Accepted, and something does not fit: a lead settles it."""
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"
    """Kept raw: the store could not understand it and a person must look."""
    REFUSED = "refused"
    """Intents only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    kind: VerdictKind
    reason: str | None = None
    """A short code: ``overpick``, ``cancelled``, ``stale-lease``, ``held-by:HH-07`` ..."""

    def __str__(self) -> str:
        return self.kind if self.reason is None else f"{self.kind}:{self.reason}"

"""What packers do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sync.record.fact_kinds.answers import How, PackProblem, PrintVerdict
from sync.record.ids import ItemId, LocationCode, OrderLineId, Sscc, ToteCode, WorkerId


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
    carrier_label: int | None = None
    """Which of the carrier's labels of the order the carton gets (`CarrierLabelRow.carton_no`); None: none was here."""


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
    """What the scale said; None: it was not weighed."""
    weight_accepted_by: WorkerId | None = None
    """The lead whose badge let it pass: its weight was not the expected one, or the scale gave none."""


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

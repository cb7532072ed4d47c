"""What sorters do at a put wall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sync.record.fact_kinds.answers import How, SortProblem
from sync.record.ids import BatchId, ItemId, LocationCode, LotCode, OrderLineId, Serial, ToteCode, WallId


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedSort:
    """Intent: this bulk tote is mine to sort at this wall; the first tote of a batch takes cubbies for its orders."""

    kind: ClassVar[str] = "claimed_sort@1"
    tote: ToteCode
    wall: WallId


@dataclass(frozen=True, slots=True, kw_only=True)
class PutInCubby:
    """Pieces went out of a bulk tote into the cubby of their order."""

    kind: ClassVar[str] = "put_in_cubby@1"
    batch_id: BatchId
    tote: ToteCode
    order_line_id: OrderLineId
    item_id: ItemId
    quantity: int
    cubby: ToteCode
    how: How
    code: str
    """The barcode of the item as read; empty when a number was typed."""
    lot: LotCode | None = None
    serial: Serial | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SortReported:
    """What sorting found wrong with a bulk tote: pieces missing, damaged, too many, of another item, or returned."""

    kind: ClassVar[str] = "sort_reported@1"
    batch_id: BatchId
    tote: ToteCode
    order_line_id: OrderLineId | None
    """None: of no order of the batch."""
    item_id: ItemId
    quantity: int
    problem: SortProblem
    lot: LotCode | None = None
    place: LocationCode | None = None
    """Where returned pieces stand now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedSort:
    """Intent: somebody else may go on sorting this bulk tote."""

    kind: ClassVar[str] = "released_sort@1"
    tote: ToteCode

"""What pickers do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sync.record.fact_kinds.answers import How
from sync.record.ids import (
    EventId,
    ItemId,
    LocationCode,
    LotCode,
    OrderId,
    PickLineId,
    PickListId,
    Serial,
    ToteCode,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToteBound:
    kind: ClassVar[str] = "tote_bound@1"
    list_id: PickListId
    token: int
    tote: ToteCode
    how: How


@dataclass(frozen=True, slots=True, kw_only=True)
class CartToteBound:
    """This tote stands at this position of the cart and takes the pieces of this order from now on."""

    kind: ClassVar[str] = "cart_tote_bound@1"
    list_id: PickListId
    token: int
    order_id: OrderId
    position: int
    """From 1 on."""
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
    weight_g: int | None = None
    """Of all these pieces together, where the item is sold by weight (catch weight)."""


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
    reason: str
    """A row of the site's table of reasons (`sync.record.rows.ReasonRow`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedEmpty:
    """Nobody asked, but the picker says that the location is empty."""

    kind: ClassVar[str] = "reported_empty@1"
    location: LocationCode


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationReported:
    """Something else is wrong with the location; the lines that are picked there stay as they are."""

    kind: ClassVar[str] = "location_reported@1"
    location: LocationCode
    reason: str
    """A row of the site's table of reasons that is about locations; ``empty`` has a fact of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHandedOver:
    """The totes of one order of a batch have left the cart for ``place``; the walk goes on with the others."""

    kind: ClassVar[str] = "order_handed_over@1"
    list_id: PickListId
    token: int
    order_id: OrderId
    place: LocationCode
    how: How


@dataclass(frozen=True, slots=True, kw_only=True)
class ListHandedOver:
    """Every line is done; the totes stand at ``place`` for packing."""

    kind: ClassVar[str] = "list_handed_over@1"
    list_id: PickListId
    token: int
    place: LocationCode
    how: How


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """Takes back an earlier fact of the same ledger; the record keeps both."""

    kind: ClassVar[str] = "undone@1"
    undoes: EventId

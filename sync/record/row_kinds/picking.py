"""Pick lists, their lines and totes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sync.record.ids import (
    BatchId,
    ItemId,
    LocationCode,
    LotCode,
    OrderId,
    OrderLineId,
    PickLineId,
    PickListId,
    TerminalId,
    ToteCode,
    WorkerId,
    ZoneId,
)


class ListKind(StrEnum):
    PIECE = "piece"
    """One order."""
    BATCH = "batch"
    """Several orders on one cart, each into its own tote."""
    BULK = "bulk"
    """Several orders into common totes, to be sorted at a put wall."""
    ZONE_PASS = "zone_pass"  # noqa: S105 - a zone passes its tote on: no password
    """One zone's part of an order: the tote comes from the zone before and goes on to the next (pick and pass)."""
    ZONE_PARALLEL = "zone_parallel"
    """One zone's part of an order, in its own tote, brought together with the others at the consolidation place."""


class ListStatus(StrEnum):
    WAITING = "waiting"
    """A later leg of pick and pass: its tote has not come yet."""
    OPEN = "open"
    """Released, in the common pool."""
    HELD = "held"
    """Claimed by a terminal; picking goes on."""
    HANDED_OVER = "handed_over"
    """Picked and passed on: nothing of it is left to pick."""
    CANCELLED = "cancelled"


class ToteStatus(StrEnum):
    EMPTY = "empty"
    PICKING = "picking"
    """Bound to a list or, of a cubby, to an order."""
    PASSED = "passed"
    """On its way to the next zone."""
    CONSOLIDATING = "consolidating"
    """At its consolidation place, and sister zones still pick."""
    TO_SORT = "to_sort"
    """A bulk tote for the put wall."""
    TO_PACK = "to_pack"


@dataclass(frozen=True, slots=True, kw_only=True)
class PickListRow:
    """The head of a pick list, for every terminal of the site."""

    list_id: PickListId
    kind: ListKind
    order_id: OrderId | None
    """None: lines of several orders."""
    order_ref: str
    """What the floor calls the list: the order's number or, of several orders, the list's own (``B-12``)."""
    service: str
    """Empty where the orders go by several."""
    cut_off: datetime | None
    status: ListStatus
    line_count: int
    piece_count: int
    terminal_id: TerminalId | None
    worker_id: WorkerId | None
    token: int
    """Grows with every grant, move and cancel; a fact says under which one it was made."""
    totes: tuple[ToteCode, ...]
    """Bound by scan, the one in use last."""
    tote_gone: bool = False
    """The tote in use stayed with who had the list before: whoever picks on binds another one."""
    moving: bool = False
    """A lead has given the list away: its holder leaves it at the next stop."""
    move_to: TerminalId | None = None
    """The terminal that gets it then; None: the common pool."""
    zone_id: ZoneId | None = None
    """The zone that all its lines lie in, where it is picked by zone."""
    leg: int = 0
    """Its place among the zones that the tote of a pick and pass goes through."""
    to_come: tuple[ZoneId, ...] = ()
    """Zones that the tote still goes to after this one, or that still pick for the same order in parallel."""
    consolidation: LocationCode | None = None
    """Where the totes of the order come together, once the first one has arrived there."""
    hurried: bool = False
    """A sister zone is done: this list goes before others of its cut-off."""
    batch_id: BatchId | None = None
    """What it is picked for is sorted together with the other lists of the batch."""
    cart: str = ""
    """The cart profile that a batch was planned for (`floor.store` carts)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LotHere:
    """A lot that may be picked at a location."""

    lot: LotCode
    expiry: date | None
    available: int
    """On hand and reserved for no line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PickLineRow:
    """One item at one location in one quantity; sent to the terminal that holds the list."""

    line_id: PickLineId
    list_id: PickListId
    order_id: OrderId
    order_line_id: OrderLineId
    item_id: ItemId
    location: LocationCode
    lot: LotCode | None
    expiry: date | None
    lots_here: int
    """How many lots of the item stand at the location: from two on, the lot must be scanned."""
    position: int
    """The location's position on the pick path."""
    passes: int
    """0 on the first way through; each skip adds one, so that the line comes back at the end of the walk."""
    asked: int
    picked: int = 0
    put: int = 0
    """Of the picked pieces, how many were confirmed into the tote."""
    shorted: int = 0
    located: bool = False
    """The picker has confirmed standing before the location."""
    on_hand: int = 0
    """Pieces of the item and lot that the record has at the location, when the row was written."""
    lots: tuple[LotHere, ...] = ()
    """The lots of the item at the location, the soonest expiry first; none where the item has no lots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOrderRow:
    """An order of a batch and its place on the cart; sent to the terminal that holds the list."""

    list_id: PickListId
    order_id: OrderId
    order_ref: str
    position: int
    """On the cart, from 1 on; as planned until a tote is bound there."""
    totes: tuple[ToteCode, ...] = ()
    """Bound by scan, the one in use last."""
    tote_gone: bool = False
    """The tote in use stayed with who had the cart before: whoever picks on binds another one."""
    handed_over: bool = False
    """Its totes have left the cart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToteRow:
    tote: ToteCode
    status: ToteStatus
    order_ref: str | None
    list_id: PickListId | None
    is_cubby: bool = False
    place: LocationCode | None = None
    """Where it was put down last: passed on, consolidating, to sort, to pack."""
    terminal_id: TerminalId | None = None
    """Who sorts it."""

"""Where the pieces of an order line stand, and what that makes of its order."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

from sync.record.ids import ItemId, OrderId, OrderLineId


class OrderState(StrEnum):
    HELD = "held"
    """Something has to be settled by a person first."""
    CANCELLED = "cancelled"
    """Nothing of it is wanted any more."""
    BACK_ORDERED = "back_ordered"
    """For some of it there is no stock now, or it was looked for and not found."""
    OPEN = "open"
    """For some of it no stock is reserved yet, and there is some."""
    ALLOCATED = "allocated"
    RELEASED = "released"
    PICKING = "picking"
    TO_PACK = "to_pack"
    PACKED = "packed"
    SHIPPED = "shipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """The ordered pieces of a line (or of many lines), each counted in exactly one place."""

    cancelled: int = 0
    cut: int = 0
    short: int = 0
    on_hold: int = 0
    """Of a held order, and not on a pick list."""
    back_ordered: int = 0
    open: int = 0
    allocated: int = 0
    """Reserved and not on a pick list."""
    released: int = 0
    """On a pick list and not picked."""
    in_tote: int = 0
    packed: int = 0
    """In a closed carton that has not left."""
    shipped: int = 0

    def __add__(self, other: Pieces) -> Pieces:
        return Pieces(**{name: count + getattr(other, name) for name, count in self.as_counts().items()})

    @property
    def ordered(self) -> int:
        return sum(self.as_counts().values())

    def as_counts(self) -> dict[str, int]:
        return {one.name: getattr(self, one.name) for one in fields(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCount:
    """An order line: what its own row says, and what the rows say that hold its pieces."""

    order_line_id: OrderLineId
    order_id: OrderId
    order_ref: str
    line_no: int
    item_id: ItemId
    order_status: str
    """open, held or cancelled."""
    ordered: int
    cancelled: int
    cut: int
    short: int
    said_allocated: int
    said_picked: int
    said_packed: int
    said_shipped: int
    reserved: int
    """In allocation rows."""
    on_lists: int
    """Asked by pick lines, and neither picked nor reported short."""
    in_totes: int
    in_cartons: int
    """Closed and still here."""
    left_in_cartons: int

    @property
    def unplanned(self) -> int:
        """Pieces that no other row accounts for: they wait for stock. Below zero: too many are."""
        gone = self.cancelled + self.cut + self.short
        return self.ordered - gone - self.reserved - self.on_lists - self.held_here - self.left_in_cartons

    @property
    def held_here(self) -> int:
        return self.in_totes + self.in_cartons

    def pieces(self, available: int) -> Pieces:
        """Where each of them stands, when ``available`` pieces of the item could still be reserved."""
        held = self.order_status == "held"
        covered = max(0, min(self.unplanned, available))
        return Pieces(
            cancelled=self.cancelled,
            cut=self.cut,
            short=self.short,
            on_hold=self.unplanned + self.reserved if held else 0,
            back_ordered=0 if held else self.unplanned - covered,
            open=0 if held else covered,
            allocated=0 if held else self.reserved,
            released=self.on_lists,
            in_tote=self.in_totes,
            packed=self.in_cartons,
            shipped=self.left_in_cartons,
        )


def order_state(pieces: Pieces, *, status: str, in_walk: bool) -> OrderState:
    """An order (or a line) stands where the last of its pieces stands.

    ``status`` is the order's own: open, held or cancelled. ``in_walk``: a terminal holds one of its pick lists.
    """
    if status == "cancelled" or pieces.ordered == pieces.cancelled + pieces.cut:
        return OrderState.CANCELLED
    stages = (
        (OrderState.HELD, status == "held"),
        (OrderState.BACK_ORDERED, pieces.back_ordered + pieces.short > 0),
        (OrderState.OPEN, pieces.open > 0),
        (OrderState.ALLOCATED, pieces.allocated > 0),
        (OrderState.PICKING, in_walk or (pieces.released > 0 and pieces.in_tote > 0)),
        (OrderState.RELEASED, pieces.released > 0),
        (OrderState.TO_PACK, pieces.in_tote > 0),
        (OrderState.PACKED, pieces.packed > 0),
    )
    return next((state for state, stands in stages if stands), OrderState.SHIPPED)


def differences(line: LineCount) -> list[str]:
    """In words, where the line's own row and the rows that hold its pieces disagree; empty when all adds up."""
    name = f"order {line.order_ref} line {line.line_no} (item {line.item_id})"
    found = [
        f"{name}: its row says {said} {what}, {where} say {there}"
        for what, said, where, there in (
            ("reserved", line.said_allocated, "allocations and pick lines", line.reserved + line.on_lists),
            ("picked", line.said_picked, "totes and cartons", line.held_here + line.left_in_cartons),
            ("packed", line.said_packed, "cartons", line.in_cartons + line.left_in_cartons),
            ("shipped", line.said_shipped, "cartons that left", line.left_in_cartons),
        )
        if said != there
    ]
    if line.unplanned < 0:
        found.append(f"{name}: ordered {line.ordered}, and {line.ordered - line.unplanned} are accounted for")
    if line.order_status == "cancelled" and line.unplanned + line.reserved + line.on_lists > 0:
        found.append(f"{name}: the order is cancelled, and {line.unplanned + line.reserved + line.on_lists} are open")
    return found

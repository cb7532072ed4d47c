"""In which order the stops of a walk are made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sync.record.ids import ItemId, LocationCode, LotCode, OrderLineId, ZoneId

NO_ZONE = ZoneId("")
"""Where nobody asks for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Pieces of one lot at one location, for one order line."""

    order_line_id: OrderLineId
    item_id: ItemId
    location: LocationCode
    lot: LotCode
    position: int
    """Of the location, on the pick path."""
    quantity: int
    zone_id: ZoneId = NO_ZONE
    """Of the location."""
    aisle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkedLine:
    """How far a walk has come with one of its lines."""

    position: int
    passes: int
    """0 on the first way through; each later way adds one."""
    begun: bool
    """Somebody has stood before it, picked of it or reported it short."""


def in_walking_order(stops: Iterable[Stop]) -> list[Stop]:
    """The stops as the pick path passes them; at one location item by item, lot by lot."""
    return sorted(stops, key=lambda s: (s.position, s.location, s.item_id, s.lot, s.order_line_id))


def pass_for(position: int, *, passes: int, walk: Sequence[WalkedLine]) -> int:
    """On which way through a new stop is made that replaces a line of the way ``passes``.

    On the same way while the stop lies ahead of the furthest line begun on it; else on a way after all others.
    """
    furthest = max((line.position for line in walk if line.begun and line.passes == passes), default=position)
    if position >= furthest:
        return passes
    return 1 + max(line.passes for line in walk)

"""Which stock serves which demand.

The rule, from what counts most to what counts least:

1. The most urgent demand chooses first (`urgency`).
2. Stock counts that is not expired, not in a blocked location and in a pick or reserve location.
3. As few locations as possible: one that can give the whole line wins over any split.
4. FEFO (first expired, first out): among equally few locations those that go with the earlier expiry, judged by the
   latest piece that would be taken there. Within a location the earlier lot always goes first.
5. The location that is left with the least: small remainders are used up, and large stocks stay whole for large lines.
6. The location that comes first on the pick path.

What no stock serves stays open: the back-order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from heapq import nlargest

from sync.record.ids import ItemId, LocationCode, LotCode, OrderId, OrderLineId
from sync.record.rows import LocationKind

GIVING_KINDS = frozenset({LocationKind.PICK, LocationKind.RESERVE})
NO_CUT_OFF = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Pieces of an order line that nothing is reserved for yet."""

    order_line_id: OrderLineId
    order_id: OrderId
    item_id: ItemId
    quantity: int
    priority: int
    """Smaller is more urgent."""
    cut_off: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """One lot of an item at one location."""

    location: LocationCode
    kind: LocationKind
    position: int
    """Of the location, on the pick path."""
    blocked: bool
    item_id: ItemId
    lot: LotCode
    """Empty where the item has no lots."""
    expiry: date | None
    """The last day on which it may leave; None: it does not matter for this item."""
    available: int
    """On hand less allocated; below zero when more was taken than the record knew of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    order_line_id: OrderLineId
    item_id: ItemId
    location: LocationCode
    lot: LotCode
    quantity: int


def urgency(demand: Demand) -> tuple[int, datetime, OrderId, OrderLineId]:
    """Who chooses first: priority, then the earlier cut-off (none comes last), then the earlier order."""
    return demand.priority, demand.cut_off or NO_CUT_OFF, demand.order_id, demand.order_line_id


def plan_allocation(demands: Iterable[Demand], supplies: Iterable[Supply], today: date) -> list[Reservation]:
    """Reserve stock for demand by the rule above. ``today`` is the date at the site.

    A line gets at most what it asks for and a lot gives at most what it has available.
    """
    shelves = _shelves(supplies, today)
    return [
        Reservation(
            order_line_id=demand.order_line_id,
            item_id=demand.item_id,
            location=shelf.location,
            lot=lot,
            quantity=quantity,
        )
        for demand in sorted(demands, key=urgency)
        for shelf, lot, quantity in _take(shelves.get(demand.item_id, ()), demand.quantity)
    ]


@dataclass(slots=True)
class _Lot:
    lot: LotCode
    expiry: date
    left: int


@dataclass(slots=True)
class _Shelf:
    """What one location can still give of one item, the earliest expiry first."""

    location: LocationCode
    position: int
    lots: list[_Lot]

    @property
    def left(self) -> int:
        return sum(lot.left for lot in self.lots)

    def latest_expiry(self, wanted: int) -> date:
        """The latest expiry among the pieces that it would give of ``wanted``."""
        latest = date.min
        for lot in self.lots:
            if wanted <= 0:
                break
            if lot.left > 0:
                latest = lot.expiry
                wanted -= lot.left
        return latest


def _shelves(supplies: Iterable[Supply], today: date) -> dict[ItemId, list[_Shelf]]:
    found: defaultdict[ItemId, dict[LocationCode, _Shelf]] = defaultdict(dict)
    for supply in supplies:
        expired = supply.expiry is not None and supply.expiry < today
        if supply.available <= 0 or supply.blocked or expired or supply.kind not in GIVING_KINDS:
            continue
        shelf = found[supply.item_id].setdefault(supply.location, _Shelf(supply.location, supply.position, []))
        shelf.lots.append(_Lot(supply.lot, supply.expiry or date.max, supply.available))
    for of_item in found.values():
        for shelf in of_item.values():
            shelf.lots.sort(key=lambda lot: (lot.expiry, lot.left, lot.lot))
    return {item_id: list(of_item.values()) for item_id, of_item in found.items()}


def _take(shelves: Sequence[_Shelf], quantity: int) -> list[tuple[_Shelf, LotCode, int]]:
    taken = []
    for shelf in _choose(shelves, quantity):
        for lot in shelf.lots:
            pieces = min(lot.left, quantity)
            if pieces > 0:
                lot.left -= pieces
                quantity -= pieces
                taken.append((shelf, lot.lot, pieces))
    return taken


def _choose(shelves: Sequence[_Shelf], quantity: int) -> list[_Shelf]:
    """The fewest shelves that give ``quantity`` together (or all there is), and of those sets the one preferred most.

    A shelf is taken when the largest of those ranked behind it could still make up the rest within the fewest: that
    finds the first set in the order of ranks without trying them all.
    """
    ranked = sorted(
        (shelf for shelf in shelves if shelf.left > 0),
        key=lambda shelf: (shelf.latest_expiry(quantity), shelf.left, shelf.position, shelf.location),
    )
    left = [shelf.left for shelf in ranked]
    wanted = min(quantity, sum(left))
    fewest = _fewest(left, wanted)
    chosen: list[_Shelf] = []
    for rank, shelf in enumerate(ranked):
        if wanted <= 0:
            break
        others = nlargest(fewest - len(chosen) - 1, left[rank + 1 :])
        if left[rank] + sum(others) >= wanted:
            chosen.append(shelf)
            wanted -= left[rank]
    return chosen


def _fewest(left: Iterable[int], wanted: int) -> int:
    count = 0
    for pieces in sorted(left, reverse=True):
        if wanted <= 0:
            break
        wanted -= pieces
        count += 1
    return count

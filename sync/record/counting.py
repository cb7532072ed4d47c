"""A count as it stands: where, what it was asked for, and what has been found so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sync.record.facts import Counted, CountedItem
from sync.record.ids import CountTaskId, ItemId, LocationCode, LotCode


@dataclass(frozen=True, slots=True)
class Count:
    """The count in hand of a terminal."""

    task_id: CountTaskId | None
    """None: nobody asked for it."""
    location: LocationCode
    item_id: ItemId | None
    """Only this item is asked for; None: all that is there."""
    finds: tuple[Counted, ...] = ()
    """In their order, without those that were taken back."""

    def pieces(self, item_id: ItemId, lot: LotCode | None) -> int:
        """How many have been found of it."""
        return sum(find.quantity for find in self.finds if (find.item_id, find.lot) == (item_id, lot))


def summed(finds: Iterable[Counted]) -> tuple[CountedItem, ...]:
    """What was found of each item and lot, in the order in which they were found first."""
    sums: dict[tuple[ItemId, LotCode | None], int] = {}
    for find in finds:
        key = (find.item_id, find.lot)
        sums[key] = sums.get(key, 0) + find.quantity
    return tuple(CountedItem(item_id=item_id, lot=lot, quantity=pieces) for (item_id, lot), pieces in sums.items())

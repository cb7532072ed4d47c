"""The steps at a put wall, and how the record and the piece in the hand say at which one we are."""

from __future__ import annotations

from enum import StrEnum

from floor.work.reply import Asking, Desk
from floor.work.view import RecordView
from sync.record.ids import ItemId
from sync.record.rows import SortingRow, SortLine
from sync.record.sorting import to_put, to_return


class SortStep(StrEnum):
    WALL = "sort_wall"
    TOTE = "sort_tote"
    WAITING = "waiting_store"
    ITEM = "sort_item"
    LOT = "sort_lot"
    PUT = "sort_put"
    RETURN = "sort_return"
    DONE = "sort_done"


def step_at_wall(desk: Desk, view: RecordView, sorting: SortingRow | None) -> SortStep:
    if sorting is None:
        if view.sort_claim_pending():
            return SortStep.WAITING
        return SortStep.WALL if desk.wall is None and len(view.walls()) > 1 else SortStep.TOTE
    line = pieces_in_hand(desk, sorting)
    if line is not None:
        return SortStep.RETURN if line.stopped else SortStep.PUT
    if desk.asking is Asking.SORT_LOT and desk.item is not None and lots_of(sorting, desk.item):
        return SortStep.LOT
    if to_put(sorting):
        return SortStep.ITEM
    return SortStep.RETURN if to_return(sorting) else SortStep.DONE


def pieces_in_hand(desk: Desk, sorting: SortingRow) -> SortLine | None:
    """Whose pieces are in the hand; None where there are none, or the record has overtaken them."""
    held = desk.in_hand
    if held is None:
        return None
    same = (line for line in sorting.lines if (line.order_line_id, line.lot) == (held.order_line_id, held.lot))
    return next((line for line in same if line.in_tote >= held.pieces), None)


def line_to_return(desk: Desk, sorting: SortingRow) -> SortLine | None:
    """The line whose pieces go back to a location now: that in the hand, else the first."""
    return pieces_in_hand(desk, sorting) or next(iter(to_return(sorting)), None)


def lines_of(sorting: SortingRow, item_id: ItemId) -> list[SortLine]:
    """What the tote still holds of an item: first what goes into cubbies, in the order in which it is put."""
    return [line for line in (*to_put(sorting), *to_return(sorting)) if line.item_id == item_id]


def lots_of(sorting: SortingRow, item_id: ItemId) -> set[str]:
    return {line.lot or "" for line in lines_of(sorting, item_id)}


def cubby_label(view: RecordView, line: SortLine) -> str:
    """What stands on the line's cubby; empty where it has none."""
    cubby = None if line.cubby is None else view.cubby(line.cubby)
    return "" if cubby is None else cubby.label


def item_values(view: RecordView, item_id: ItemId) -> dict[str, str]:
    item = view.item(item_id)
    return {"item": item_id, "name": "" if item is None else item.name}

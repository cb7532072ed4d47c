"""Which pick lists an order becomes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sync.record.ids import OrderId
from sync.store.planning.allocation import NO_CUT_OFF
from sync.store.planning.walking import Stop, in_walking_order

MAX_LINES = 60
"""About what one tote trolley and one picker take on one walk."""
MAX_PIECES = 600


def release_urgency(cut_off: datetime | None, priority: int, order_id: OrderId) -> tuple[datetime, int, OrderId]:
    """What goes to the floor first: the earlier cut-off (none comes last), then priority, then the earlier order."""
    return cut_off or NO_CUT_OFF, priority, order_id


def plan_lists(stops: Iterable[Stop], *, max_lines: int = MAX_LINES, max_pieces: int = MAX_PIECES) -> list[list[Stop]]:
    """Cut the walk of one order into lists of at most so many lines and pieces, one behind the other along the path.

    A stop is never divided: one with more pieces than a list may have is a list of its own.
    """
    lists: list[list[Stop]] = []
    pieces = 0
    for stop in in_walking_order(stops):
        if not lists or len(lists[-1]) >= max_lines or pieces + stop.quantity > max_pieces:
            lists.append([])
            pieces = 0
        lists[-1].append(stop)
        pieces += stop.quantity
    return lists

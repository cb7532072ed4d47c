"""What a pick line tells of the stock before its picker: as it stood when the line was planned, granted or picked.

It is written into the line and not looked up when the line is told: a row of the feed may change only with its number,
or the sums over it would never agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

Lot = tuple[str, str | None, int]
"""Its code, its expiry (ISO) and how many pieces of it are on hand and not reserved."""


def lots_by_place(rows: Iterable[Any]) -> defaultdict[tuple[str, str], list[Lot]]:
    """By location and item, the lots that are on hand in these rows of stock, the soonest expiry first."""
    lots: defaultdict[tuple[str, str], list[Lot]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["expiry"] is None, str(row["expiry"]), row["lot"])):
        if row["lot"] and row["on_hand"] > 0:
            expiry = None if row["expiry"] is None else row["expiry"].isoformat()
            lots[row["location"], row["item_id"]].append((row["lot"], expiry, row["on_hand"] - row["allocated"]))
    return lots


def stock_seen(lines: Sequence[Any], rows: Sequence[Any]) -> list[tuple[Any, int, list[Lot]]]:
    """Of each of these pick lines (mappings): itself, what is on hand of its lot, and the lots of its item there.

    ``rows`` is the stock at their places.
    """
    on_hand = {(row["location"], row["item_id"], row["lot"]): row["on_hand"] for row in rows}
    lots = lots_by_place(rows)
    return [
        (
            line,
            on_hand.get((line["location"], line["item_id"], line["lot"]), 0),
            lots[line["location"], line["item_id"]],
        )
        for line in lines
    ]

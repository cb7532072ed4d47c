"""A store's rows counted by plain SQL, an order file by plain csv: nothing here asks the code under test."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import create_engine, text

_ORDER_LINES = """
SELECT l.order_line_id, l.item_id, l.ordered, l.cancelled, l.cut, l.short, l.shipped, o.status
FROM order_line l JOIN orders o ON o.site_id = l.site_id AND o.order_id = l.order_id
"""
_SHIPPED = """
SELECT k.order_line_id, SUM(k.quantity) FROM carton_content k JOIN carton c ON c.site_id = k.site_id AND c.sscc = k.sscc
WHERE c.shipped_at IS NOT NULL GROUP BY k.order_line_id
"""
_STILL_ON_THE_FLOOR = {
    "lists open or held": "SELECT COUNT(*) FROM pick_list WHERE status NOT IN ('handed_over', 'cancelled')",
    "cancelled lists that ask for something": """
        SELECT COUNT(*) FROM pick_list t JOIN pick_line l ON l.site_id = t.site_id AND l.list_id = t.list_id
        WHERE t.status = 'cancelled' AND (l.asked > 0 OR l.picked > 0)
    """,
    "pick lines not done": "SELECT COUNT(*) FROM pick_line WHERE asked <> picked + shorted OR put <> picked",
    "pieces in totes": "SELECT COALESCE(SUM(quantity), 0) FROM tote_content",
    "totes not empty": "SELECT COUNT(*) FROM tote WHERE status <> 'empty'",
    "labels not proven": "SELECT COUNT(*) FROM label WHERE proven_at IS NULL",
    "cartons without a label": "SELECT COUNT(*) FROM carton WHERE sscc NOT IN (SELECT sscc FROM label)",
    "labels without a carton": "SELECT COUNT(*) FROM label WHERE sscc NOT IN (SELECT sscc FROM carton)",
    "cartons not shipped": "SELECT COUNT(*) FROM carton WHERE shipped_at IS NULL",
    "facts quarantined": "SELECT COUNT(*) FROM event WHERE verdict = 'quarantined'",
    "event ids twice": "SELECT COUNT(*) - COUNT(DISTINCT event_id) FROM event",
}


class Rows:
    """Plain SQL over one database."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url)

    def all(self, sql: str) -> list[tuple[Any, ...]]:
        with self._engine.connect() as conn:
            return [tuple(row) for row in conn.execute(text(sql))]

    def by_key(self, sql: str) -> dict[Any, int]:
        return {key: int(count) for key, count in self.all(sql)}

    def one(self, sql: str) -> int:
        [(value,)] = self.all(sql)
        return int(value)

    def close(self) -> None:
        self._engine.dispose()


@dataclass(frozen=True, slots=True)
class Units:
    """Where every ordered piece is; ``open`` is what is none of the others."""

    ordered: int
    shipped: int
    short: int
    cut: int
    cancelled: int
    on_hold: int
    open: int


def units(rows: Rows) -> Units:
    """Counted from order lines, and from the contents of shipped cartons instead of what the lines say of them."""
    shipped = rows.by_key(_SHIPPED)
    total: Counter[str] = Counter()
    for line_id, _item, ordered, cancelled, cut, short, said_shipped, status in rows.all(_ORDER_LINES):
        assert shipped.get(line_id, 0) == said_shipped, f"order line {line_id}"
        left = ordered - cancelled - cut - short - said_shipped
        assert left >= 0, f"more was done with order line {line_id} than was ordered"
        total.update(ordered=ordered, cancelled=cancelled, cut=cut, short=short, shipped=said_shipped)
        total["on_hold" if status == "held" else "open"] += left
    return Units(**{field.name: total[field.name] for field in fields(Units)})


def still_on_the_floor(rows: Rows) -> dict[str, int]:
    """What a day that was worked to its end has none of."""
    return {what: count for what, sql in _STILL_ON_THE_FLOOR.items() if (count := rows.one(sql))}


def stock_differences(rows: Rows) -> dict[str, tuple[int, int]]:
    """Items whose opening stock is not what left, was written off and is on the shelves: (came in, found)."""
    came_in = rows.by_key("SELECT item_id, SUM(quantity) FROM stock_move WHERE source = 'outside' GROUP BY item_id")
    on_shelves = rows.by_key("SELECT item_id, SUM(on_hand) FROM stock GROUP BY item_id")
    in_cartons = rows.by_key("SELECT item_id, SUM(quantity) FROM carton_content GROUP BY item_id")
    lost = rows.by_key("SELECT item_id, SUM(quantity) FROM stock_move WHERE target = 'lost' GROUP BY item_id")
    found_again = rows.by_key("SELECT item_id, SUM(quantity) FROM stock_move WHERE source = 'lost' GROUP BY item_id")
    surplus = rows.by_key("SELECT item_id, SUM(quantity) FROM stock_move WHERE target = 'surplus' GROUP BY item_id")
    differences = {}
    for item, pieces in came_in.items():
        left = on_shelves.get(item, 0) + in_cartons.get(item, 0) + surplus.get(item, 0)
        found = left + lost.get(item, 0) - found_again.get(item, 0)
        if found != pieces:
            differences[item] = (pieces, found)
    return differences


@dataclass(frozen=True, slots=True)
class FileCounts:
    """What the Online Retail file itself says of goods that were ordered."""

    orders: int
    lines: int
    pieces: int


def ordered_in(file: bytes, non_goods: frozenset[str]) -> FileCounts:
    """Rows with a quantity above 0 on an invoice that takes nothing back, for codes that are goods."""
    rows = [
        row
        for row in csv.DictReader(io.StringIO(file.decode("utf-8"), newline=""))
        if int(row["Quantity"]) > 0 and not row["InvoiceNo"].startswith("C") and row["StockCode"] not in non_goods
    ]
    return FileCounts(len({row["InvoiceNo"] for row in rows}), len(rows), sum(int(row["Quantity"]) for row in rows))

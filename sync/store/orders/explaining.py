"""Why orders are not on the floor, or not whole: what a release says of those that it could not take."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, and_, or_, select

from sync.record.ids import OrderId, SiteId
from sync.store.orders.allocating import ORDER_OF_LINE, UNPLANNED
from sync.store.tables import order_hold, order_line, orders

NAMED_ITEMS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """An order of which something cannot be released."""

    order_id: OrderId
    order_ref: str
    why: str


def not_released(conn: Connection, site_id: SiteId) -> list[Waits]:
    """Held orders with their holds, and open ones for which stock is missing; in the order in which they came in."""
    holds = _holds(conn, site_id)
    missing: defaultdict[OrderId, list[str]] = defaultdict(list)
    refs: dict[OrderId, str] = {}
    for row in conn.execute(
        select(
            order_line.c.order_id,
            orders.c.order_ref,
            order_line.c.item_id,
            order_line.c.short,
            UNPLANNED.label("unplanned"),
        )
        .join(orders, ORDER_OF_LINE)
        .where(order_line.c.site_id == site_id, orders.c.status == "open", or_(UNPLANNED > 0, order_line.c.short > 0))
        .order_by(order_line.c.order_id, order_line.c.line_no)
    ):
        refs[row.order_id] = row.order_ref
        if row.unplanned > 0:
            missing[row.order_id].append(f"{row.unplanned} of {row.item_id} wait for stock")
        if row.short > 0:
            missing[row.order_id].append(f"{row.short} of {row.item_id} were looked for and not found")
    found = [Waits(order_id=order_id, order_ref=refs[order_id], why=_named(its)) for order_id, its in missing.items()]
    return sorted([*found, *holds], key=lambda one: one.order_id)


def _holds(conn: Connection, site_id: SiteId) -> list[Waits]:
    h = order_hold.c
    reasons: defaultdict[OrderId, list[str]] = defaultdict(list)
    refs: dict[OrderId, str] = {}
    rows = conn.execute(
        select(orders.c.order_id, orders.c.order_ref, h.reason, h.text)
        .join(order_hold, and_(h.site_id == orders.c.site_id, h.order_id == orders.c.order_id))
        .where(orders.c.site_id == site_id, orders.c.status == "held", h.released_at.is_(None))
        .order_by(orders.c.order_id, h.reason)
    )
    for row in rows:
        refs[row.order_id] = row.order_ref
        reasons[row.order_id].append(f"{row.reason}: {row.text}")
    return [
        Waits(order_id=order_id, order_ref=refs[order_id], why=f"on hold, {'; '.join(its)}")
        for order_id, its in reasons.items()
    ]


def _named(lines: list[str]) -> str:
    more = len(lines) - NAMED_ITEMS
    return ", ".join(lines[:NAMED_ITEMS]) + (f" and {more} more lines" if more > 0 else "")

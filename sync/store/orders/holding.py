"""A person puts an order on hold: nothing more is reserved, released or packed of it until a person lets it go."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from sync.record.ids import OrderId, PickListId
from sync.record.rows import ListStatus
from sync.store.access.auditing import audit
from sync.store.bench import Bench
from sync.store.orders.intake import set_status
from sync.store.orders.reserving import StoredRow
from sync.store.orders.unplanning import end_if_idle, free_reserved, take_off, walked_lists
from sync.store.tables import order_hold, order_line, orders
from sync.store.unit_of_work import UnitOfWork

BY_HAND = "by-hand"
"""The reason of a hold that a person raised: `floor store release-hold ORDER_REF by-hand` lets it go."""


class OrderRefused(Exception):
    """Nothing was done to the order; the text says why and what can be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    order_ref: str
    pieces_freed: int
    """Reserved for the order, or on lists that nobody holds: their stock is free for others."""
    lists_ended: tuple[PickListId, ...]
    lists_walked: tuple[PickListId, ...]
    """Somebody picks these now: they are picked to the end, and stopped at the pack station."""


def hold_order(work: UnitOfWork, order_ref: str, *, reason: str, by: str) -> Held:
    """Hold an order for a ``reason`` in words. What is in a picker's hands is picked to the end and not packed.

    Raises:
        OrderRefused: no such order, more than one, nothing left to hold, or on hold by a person already.
    """
    order = lock_order(work, order_ref)
    if order.status == "cancelled":
        raise OrderRefused(f"Order {order_ref} is cancelled: nobody works on it.")
    lines = lock_lines(work, OrderId(order.order_id))
    if all(line.shipped >= line.ordered - line.cancelled - line.cut for line in lines):
        raise OrderRefused(f"All of order {order_ref} has left: there is nothing to hold.")
    h = order_hold.c
    mine = (h.site_id == work.site_id) & (h.order_id == order.order_id) & (h.reason == BY_HAND)
    before = work.conn.execute(select(h.text).where(mine, h.released_at.is_(None))).scalar_one_or_none()
    if before is not None:
        raise OrderRefused(f"Order {order_ref} is on hold already: {before}")
    hold = {"order_id": order.order_id, "reason": BY_HAND, "text": f"{reason} (held by {by})", "raised_at": work.now}
    work.upsert(order_hold, [{**hold, "released_at": None, "released_by": None}])
    set_status(work, [order.order_id])
    freed = free_reserved(work, [line.order_line_id for line in lines])
    bench = Bench(work)
    lists = walked_lists(bench, OrderId(order.order_id))
    unclaimed = [one for one in lists if one["status"] == ListStatus.OPEN]
    freed += sum(take_off(bench, line) for one in unclaimed for line in bench.lines.where(list_id=one["list_id"]))
    ended = tuple(filter(None, (end_if_idle(bench, one) for one in unclaimed)))
    bench.flush()
    audit(work, by, "hold", order_ref, reason=reason, pieces_freed=freed)
    walked = tuple(PickListId(one["list_id"]) for one in lists if one["status"] == ListStatus.HELD)
    return Held(order_ref=order_ref, pieces_freed=freed, lists_ended=ended, lists_walked=walked)


def lock_order(work: UnitOfWork, order_ref: str) -> StoredRow:
    """The order of this reference. Raises `OrderRefused` where it is none, or several of different sources."""
    found = work.conn.execute(
        select(orders)
        .where(orders.c.site_id == work.site_id, orders.c.order_ref == order_ref)
        .order_by(orders.c.order_id)
        .with_for_update()
    ).all()
    if not found:
        raise OrderRefused(f"There is no order {order_ref}. Check its reference.")
    if len(found) > 1:
        sources = ", ".join(sorted(row.source for row in found))
        raise OrderRefused(f"{len(found)} orders are called {order_ref}, of {sources}: nobody can say which is meant.")
    return found[0]


def lock_lines(work: UnitOfWork, order_id: OrderId) -> list[StoredRow]:
    return list(
        work.conn.execute(
            select(order_line)
            .where(order_line.c.site_id == work.site_id, order_line.c.order_id == order_id)
            .order_by(order_line.c.order_line_id)
            .with_for_update()
        )
    )

"""A person puts an order on hold: nothing more is reserved, released or packed of it until a person lets it go."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, select, update

from sync.record.ids import EventId, OrderId, OrderLineId, PickListId
from sync.record.rows import ListStatus
from sync.store.access.auditing import audit
from sync.store.bench import Bench
from sync.store.judging.lines_at_hand import UNHELD
from sync.store.judging.trips import settle_changed
from sync.store.orders.intake import set_status
from sync.store.orders.reserving import StoredRow
from sync.store.orders.unplanning import end_if_idle, free_reserved, pick_lines_of, take_off, walked_lists
from sync.store.tables import order_hold, order_line, orders
from sync.store.unit_of_work import UnitOfWork

BY_HAND = "by-hand"
"""The reason of a hold that a person raised: `floor store release-hold ORDER_REF by-hand` lets it go."""


FROM_FLOOR = "from-floor"
"""The reason of a hold that a picker's reason has raised."""


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
    done = _put_on_hold(work, OrderId(order.order_id), order_ref, BY_HAND, f"{reason} (held by {by})")
    audit(work, by, "hold", order_ref, reason=reason, pieces_freed=done.pieces_freed)
    return done


def hold_from_floor(work: UnitOfWork, order_id: OrderId, text: str) -> None:
    """A picker gave a reason that holds the order. One that is cancelled, or held for such a reason, stays as it is."""
    order = work.conn.execute(
        select(orders.c.order_ref, orders.c.status)
        .where(orders.c.site_id == work.site_id, orders.c.order_id == order_id)
        .with_for_update()
    ).one()
    if order.status == "cancelled" or work.conn.execute(_open_floor_hold(work, order_id)).first() is not None:
        return
    _put_on_hold(work, order_id, order.order_ref, FROM_FLOOR, text)


def end_floor_hold(work: UnitOfWork, order_id: OrderId, *, cause: EventId, by: str) -> None:
    """The picker has taken the reason back that ``cause`` gave; all other holds stay."""
    h = order_hold.c
    mine = (h.site_id == work.site_id) & (h.order_id == order_id) & (h.reason == FROM_FLOOR)
    work.conn.execute(
        update(order_hold)
        .where(mine, h.released_at.is_(None), h.text.contains(cause, autoescape=True))
        .values(released_at=work.now, released_by=by)
    )
    set_status(work, [order_id])


def _open_floor_hold(work: UnitOfWork, order_id: OrderId) -> Select[tuple[str]]:
    h = order_hold.c
    mine = (h.site_id == work.site_id) & (h.order_id == order_id) & (h.reason == FROM_FLOOR)
    return select(h.reason).where(mine, h.released_at.is_(None))


def _put_on_hold(work: UnitOfWork, order_id: OrderId, order_ref: str, reason: str, text: str) -> Held:
    hold = {"order_id": order_id, "reason": reason, "text": text, "raised_at": work.now}
    work.upsert(order_hold, [{**hold, "released_at": None, "released_by": None}])
    set_status(work, [order_id])
    freed = free_reserved(work, [OrderLineId(line.order_line_id) for line in lock_lines(work, order_id)])
    bench = Bench(work)
    lists = walked_lists(bench, order_id)
    unclaimed = {one["list_id"]: one for one in lists if one["status"] in UNHELD}
    freed += sum(take_off(bench, line) for line in pick_lines_of(bench, order_id) if line["list_id"] in unclaimed)
    ended = tuple(filter(None, (end_if_idle(bench, one) for one in unclaimed.values())))
    settle_changed(bench)
    bench.flush()
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

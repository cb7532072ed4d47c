"""Reserving stock for orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select

from sync.record.ids import ItemId, OrderId, OrderLineId
from sync.store.orders.reserving import StoredRow, lock_supplies, reserve, site_today
from sync.store.planning.allocation import Demand, Reservation, plan_allocation
from sync.store.tables import allocation, order_line, orders
from sync.store.unit_of_work import UnitOfWork

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""

ORDER_OF_LINE = and_(orders.c.site_id == order_line.c.site_id, orders.c.order_id == order_line.c.order_id)
UNPLANNED = (
    order_line.c.ordered
    - order_line.c.cancelled
    - order_line.c.cut
    - order_line.c.short
    - order_line.c.allocated
    - order_line.c.picked
)
"""Pieces of an order line that are wanted and that nothing is reserved for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackOrder:
    """Pieces that no stock was found for; they stay open."""

    order_id: OrderId
    order_ref: str
    order_line_id: OrderLineId
    item_id: ItemId
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationReport:
    orders: int
    """Open orders that wanted stock."""
    lines: int
    pieces_wanted: int
    pieces_reserved: int
    back_orders: tuple[BackOrder, ...]


def allocate(
    work: UnitOfWork, order_ids: Sequence[OrderId] | None = None, progress: Progress | None = None
) -> AllocationReport:
    """Reserve stock for what these open orders (None: all) still want; held and cancelled ones get nothing.

    Concurrent calls never reserve a piece twice: the lines and the stock that are decided on stay locked until the
    transaction ends. On PostgreSQL two may still block each other; see `sync.store.orders.reserving` for what the
    caller does.
    """
    wanted = _wanted(work, order_ids)
    lines = _lock_open_lines(work, wanted)
    demands = [
        Demand(
            order_line_id=line.order_line_id,
            order_id=line.order_id,
            item_id=line.item_id,
            quantity=line.unplanned,
            priority=line.priority,
            cut_off=line.cut_off,
        )
        for line in lines
    ]
    supplies = lock_supplies(work, {ItemId(line.item_id) for line in lines})
    reservations = plan_allocation(demands, supplies, site_today(work))
    _write(work, reservations, wanted)
    if progress is not None and lines:
        progress(len(lines), len(lines))
    return _report(lines, reservations)


def _wanted(work: UnitOfWork, order_ids: Sequence[OrderId] | None) -> ColumnElement[bool]:
    wanted = and_(order_line.c.site_id == work.site_id, orders.c.status == "open", UNPLANNED > 0)
    return wanted if order_ids is None else and_(wanted, orders.c.order_id.in_(order_ids))


def _lock_open_lines(work: UnitOfWork, wanted: ColumnElement[bool]) -> Sequence[StoredRow]:
    return work.conn.execute(
        select(
            order_line.c.order_line_id,
            order_line.c.order_id,
            order_line.c.item_id,
            UNPLANNED.label("unplanned"),
            orders.c.order_ref,
            orders.c.priority,
            orders.c.cut_off,
        )
        .join(orders, ORDER_OF_LINE)
        .where(wanted)
        .order_by(orders.c.order_id, order_line.c.order_line_id)
        .with_for_update()
    ).all()


def _write(work: UnitOfWork, reservations: Sequence[Reservation], wanted: ColumnElement[bool]) -> None:
    lines = select(order_line.c.order_line_id).join(orders, ORDER_OF_LINE).where(wanted)
    before = {
        (row.order_line_id, row.location, row.lot): row.quantity
        for row in work.conn.execute(
            select(allocation).where(allocation.c.site_id == work.site_id, allocation.c.order_line_id.in_(lines))
        )
    }
    work.upsert(
        allocation,
        [
            {
                "order_line_id": one.order_line_id,
                "location": one.location,
                "lot": one.lot,
                "item_id": one.item_id,
                "quantity": one.quantity + before.get((one.order_line_id, one.location, one.lot), 0),
                "at": work.now,
            }
            for one in reservations
        ],
    )
    reserve(work, reservations)


def _report(lines: Sequence[StoredRow], reservations: Sequence[Reservation]) -> AllocationReport:
    reserved: dict[OrderLineId, int] = {}
    for one in reservations:
        reserved[one.order_line_id] = reserved.get(one.order_line_id, 0) + one.quantity
    back_orders = tuple(
        BackOrder(
            order_id=line.order_id,
            order_ref=line.order_ref,
            order_line_id=line.order_line_id,
            item_id=line.item_id,
            quantity=line.unplanned - reserved.get(line.order_line_id, 0),
        )
        for line in lines
        if line.unplanned > reserved.get(line.order_line_id, 0)
    )
    return AllocationReport(
        orders=len({line.order_id for line in lines}),
        lines=len(lines),
        pieces_wanted=sum(line.unplanned for line in lines),
        pieces_reserved=sum(reserved.values()),
        back_orders=back_orders,
    )

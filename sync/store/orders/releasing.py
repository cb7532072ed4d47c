"""Releasing reserved orders to the floor as pick lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, select

from sync.record.ids import ItemId, LocationCode, LotCode, OrderId, OrderLineId, PickListId, WaveId
from sync.record.rows import ListKind, ListStatus
from sync.store.orders.allocating import Progress
from sync.store.orders.reserving import PlacedStock, StoredRow, placed_stock
from sync.store.planning.release import plan_lists, release_urgency
from sync.store.planning.walking import Stop
from sync.store.tables import allocation, order_line, orders, pick_line, pick_list, wave
from sync.store.unit_of_work import NOBODY, UnitOfWork

StockKey = tuple[LocationCode, ItemId, LotCode]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseReport:
    waves: int
    orders: int
    lists: tuple[PickListId, ...]
    """The new pick lists, the most urgent first."""
    lines: int
    pieces: int


@dataclass(frozen=True, slots=True)
class _PlannedList:
    order: StoredRow
    wave_id: WaveId
    stops: list[Stop]


def release(
    work: UnitOfWork,
    order_ids: Sequence[OrderId] | None = None,
    limit: int | None = None,
    progress: Progress | None = None,
) -> ReleaseReport:
    """Make piece pick lists of what is reserved for these open orders (None: all).

    At most ``limit`` orders go, the most urgent first. What one run releases for the same service and cut-off is one
    wave. The reserved pieces stay reserved: their pick lines hold them now instead of the allocation rows.
    """
    chosen = _lock_orders(work, order_ids, limit)
    reserved = _lock_allocations(work, [order.order_id for order in chosen])
    stock_there = placed_stock(work, {row.item_id for row in reserved})
    stops = _stops_by_order(reserved, stock_there)
    waves = _waves(work, chosen)
    planned = []
    for done, order in enumerate(chosen, start=1):
        wave_id = waves[order.cut_off, order.service]
        planned += [_PlannedList(order, wave_id, part) for part in plan_lists(stops[order.order_id])]
        if progress is not None:
            progress(done, len(chosen))
    list_ids = _write_lists(work, planned)
    lines = _write_lines(work, list(zip(list_ids, planned, strict=True)), stock_there)
    delete_allocations(work, [(row.order_line_id, row.location, row.lot) for row in reserved])
    return ReleaseReport(
        waves=len(waves), orders=len(chosen), lists=list_ids, lines=lines, pieces=sum(row.quantity for row in reserved)
    )


def _lock_orders(work: UnitOfWork, order_ids: Sequence[OrderId] | None, limit: int | None) -> list[StoredRow]:
    """The open orders that have something reserved; locked, so that they stay open and nobody else releases them."""
    with_reservation = (
        select(order_line.c.order_id)
        .join(
            allocation,
            and_(
                allocation.c.site_id == order_line.c.site_id, allocation.c.order_line_id == order_line.c.order_line_id
            ),
        )
        .where(order_line.c.site_id == work.site_id)
    )
    wanted = and_(orders.c.site_id == work.site_id, orders.c.status == "open", orders.c.order_id.in_(with_reservation))
    if order_ids is not None:
        wanted = and_(wanted, orders.c.order_id.in_(order_ids))
    found = work.conn.execute(
        select(orders.c.order_id, orders.c.service, orders.c.cut_off, orders.c.priority)
        .where(wanted)
        .order_by(orders.c.order_id)
        .with_for_update()
    ).all()
    still_reserved = set(work.conn.execute(with_reservation).scalars())
    urgent_first = sorted(
        (order for order in found if order.order_id in still_reserved),
        key=lambda order: release_urgency(order.cut_off, order.priority, order.order_id),
    )
    return urgent_first[:limit]


def _lock_allocations(work: UnitOfWork, order_ids: Sequence[OrderId]) -> Sequence[StoredRow]:
    return work.conn.execute(
        select(allocation, order_line.c.order_id)
        .join(
            order_line,
            and_(
                order_line.c.site_id == allocation.c.site_id, order_line.c.order_line_id == allocation.c.order_line_id
            ),
        )
        .where(allocation.c.site_id == work.site_id, order_line.c.order_id.in_(order_ids))
        .order_by(allocation.c.order_line_id, allocation.c.location, allocation.c.lot)
        .with_for_update(of=allocation)
    ).all()


def _stops_by_order(
    reserved: Iterable[StoredRow], stock_there: dict[StockKey, PlacedStock]
) -> defaultdict[OrderId, list[Stop]]:
    stops: defaultdict[OrderId, list[Stop]] = defaultdict(list)
    for row in reserved:
        stops[row.order_id].append(
            Stop(
                order_line_id=OrderLineId(row.order_line_id),
                item_id=ItemId(row.item_id),
                location=LocationCode(row.location),
                lot=LotCode(row.lot),
                position=stock_there[row.location, row.item_id, row.lot].position,
                quantity=row.quantity,
            )
        )
    return stops


def _waves(work: UnitOfWork, chosen: Sequence[StoredRow]) -> dict[tuple[datetime | None, str], WaveId]:
    kinds = list(dict.fromkeys((order.cut_off, order.service) for order in chosen))
    if not kinds:
        return {}
    first = work.allot("wave", len(kinds))
    work.insert(
        wave,
        [
            {"wave_id": wave_id, "released_at": work.now, "cut_off": cut_off, "service": service}
            for wave_id, (cut_off, service) in enumerate(kinds, start=first)
        ],
    )
    return {kind: WaveId(wave_id) for wave_id, kind in enumerate(kinds, start=first)}


def _write_lists(work: UnitOfWork, planned: Sequence[_PlannedList]) -> tuple[PickListId, ...]:
    if not planned:
        return ()
    first = work.allot("pick_list", len(planned))
    list_ids = tuple(PickListId(first + place) for place in range(len(planned)))
    work.insert(
        pick_list,
        [
            {
                "list_id": list_id,
                "wave_id": one.wave_id,
                "kind": str(ListKind.PIECE),
                "order_id": one.order.order_id,
                "status": str(ListStatus.OPEN),
                "priority": one.order.priority,
                "cut_off": one.order.cut_off,
                "terminal_id": None,
                "worker_id": None,
                "token": 1,
                "totes": [],
                "line_count": len(one.stops),
                "piece_count": sum(stop.quantity for stop in one.stops),
            }
            for list_id, one in zip(list_ids, planned, strict=True)
        ],
    )
    for list_id in list_ids:
        work.touch("pick_list", str(list_id))
    return list_ids


def _write_lines(
    work: UnitOfWork, lists: Sequence[tuple[PickListId, _PlannedList]], stock_there: dict[StockKey, PlacedStock]
) -> int:
    stops = [(list_id, one.order.order_id, stop) for list_id, one in lists for stop in one.stops]
    if not stops:
        return 0
    first = work.allot("pick_line", len(stops))
    work.insert(
        pick_line,
        [
            new_line(line_id, list_id, order_id, stop, stock_there[stop.location, stop.item_id, stop.lot], passes=0)
            for line_id, (list_id, order_id, stop) in enumerate(stops, start=first)
        ],
    )
    for line_id in range(first, first + len(stops)):
        work.touch("pick_line", str(line_id), NOBODY)
    return len(stops)


def new_line(
    line_id: int, list_id: PickListId, order_id: OrderId, stop: Stop, stock_there: PlacedStock, *, passes: int
) -> dict[str, Any]:
    """The row of a pick line that nobody has begun."""
    return {
        "line_id": line_id,
        "list_id": list_id,
        "order_id": order_id,
        "order_line_id": stop.order_line_id,
        "item_id": stop.item_id,
        "location": stop.location,
        "lot": stop.lot,
        "expiry": stock_there.expiry,
        "lots_here": stock_there.lots_here,
        "position": stop.position,
        "passes": passes,
        "asked": stop.quantity,
        "picked": 0,
        "put": 0,
        "shorted": 0,
        "surplus": 0,
        "located": False,
    }


def delete_allocations(work: UnitOfWork, keys: Sequence[tuple[OrderLineId, LocationCode, LotCode]]) -> None:
    """Delete allocation rows by order line, location and lot; what they reserved stays counted."""
    if keys:
        work.conn.execute(
            delete(allocation).where(
                allocation.c.site_id == work.site_id,
                allocation.c.order_line_id == bindparam("of_line"),
                allocation.c.location == bindparam("at_location"),
                allocation.c.lot == bindparam("of_lot"),
            ),
            [{"of_line": line_id, "at_location": at, "of_lot": lot} for line_id, at, lot in keys],
        )

"""Writing pick lists of every way of picking: heads, lines, places on carts, trips through zones, batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sync.record.ids import OrderId, PickListId, WaveId
from sync.record.rows import ListKind, ListStatus
from sync.store.orders.candidates import StockKey
from sync.store.orders.reserving import PlacedStock
from sync.store.planning.walking import Stop
from sync.store.planning.waves import PlannedList
from sync.store.tables import batch, list_order, pick_line, pick_list, trip
from sync.store.unit_of_work import NOBODY, UnitOfWork

WaveKind = tuple[datetime | None, str]
"""Cut-off and carrier service."""


def write_lists(
    work: UnitOfWork,
    planned: Sequence[PlannedList],
    waves: Mapping[WaveKind, WaveId],
    stock_there: Mapping[StockKey, PlacedStock],
) -> tuple[PickListId, ...]:
    """The numbers of the new lists, in the order of ``planned``."""
    if not planned:
        return ()
    trips = _trips(work, planned)
    batches = _batches(work, planned)
    first = work.allot("pick_list", len(planned))
    numbered = [(PickListId(number), one) for number, one in enumerate(planned, start=first)]
    work.insert(
        pick_list,
        [
            {
                **_head(list_id, one),
                "wave_id": waves[one.orders[0].cut_off, one.orders[0].service],
                "trip_id": None if one.trip is None else trips[one.trip],
                "batch_id": None if one.batch is None else batches[one.batch],
            }
            for list_id, one in numbered
        ],
    )
    for list_id, _ in numbered:
        work.touch("pick_list", str(list_id))
    _write_places(work, numbered)
    _write_lines(work, numbered, stock_there)
    return tuple(list_id for list_id, _ in numbered)


def _head(list_id: PickListId, planned: PlannedList) -> dict[str, Any]:
    waits = planned.kind is ListKind.ZONE_PASS and planned.leg > 0
    return {
        "list_id": list_id,
        "kind": str(planned.kind),
        "order_id": planned.order_id,
        "status": str(ListStatus.WAITING if waits else ListStatus.OPEN),
        "priority": planned.priority,
        "cut_off": planned.orders[0].cut_off,
        "terminal_id": None,
        "worker_id": None,
        "token": 1,
        "totes": [],
        "line_count": len(planned.stops),
        "piece_count": sum(stop.quantity for stop in planned.stops),
        "zone_id": planned.zone_id,
        "leg": planned.leg,
        "cart": planned.cart,
    }


def _trips(work: UnitOfWork, planned: Sequence[PlannedList]) -> dict[int, int]:
    orders = {one.trip: one.order_id for one in planned if one.trip is not None}
    if not orders:
        return {}
    first = work.allot("trip", len(orders))
    numbers = {its: number for number, its in enumerate(orders, start=first)}
    work.insert(trip, [{"trip_id": numbers[its], "order_id": order_id} for its, order_id in orders.items()])
    return numbers


def _batches(work: UnitOfWork, planned: Sequence[PlannedList]) -> dict[int, int]:
    walls = {one.batch: one.wall for one in planned if one.batch is not None}
    if not walls:
        return {}
    first = work.allot("batch", len(walls))
    numbers = {its: number for number, its in enumerate(walls, start=first)}
    rows = [
        {"batch_id": numbers[its], "status": "picking", "wall": wall, "made_at": work.now}
        for its, wall in walls.items()
    ]
    work.insert(batch, rows)
    return numbers


def _write_places(work: UnitOfWork, lists: Sequence[tuple[PickListId, PlannedList]]) -> None:
    rows = [
        {"list_id": list_id, "order_id": order.order_id, "position": position, "totes": [], "handed_over": False}
        for list_id, one in lists
        if one.kind is ListKind.BATCH
        for order, position in zip(one.orders, one.positions, strict=True)
    ]
    work.insert(list_order, rows)
    for row in rows:
        work.touch("list_order", f"{row['list_id']}.{row['order_id']}", NOBODY)


def _write_lines(
    work: UnitOfWork,
    lists: Sequence[tuple[PickListId, PlannedList]],
    stock_there: Mapping[StockKey, PlacedStock],
) -> None:
    order_of = {stop.order_line_id: order.order_id for _, one in lists for order in one.orders for stop in order.stops}
    stops = [(list_id, stop) for list_id, one in lists for stop in one.stops]
    first = work.allot("pick_line", len(stops))
    work.insert(
        pick_line,
        [
            new_line(
                line_id,
                list_id,
                order_of[stop.order_line_id],
                stop,
                stock_there[stop.location, stop.item_id, stop.lot],
                passes=0,
            )
            for line_id, (list_id, stop) in enumerate(stops, start=first)
        ],
    )
    for line_id in range(first, first + len(stops)):
        work.touch("pick_line", str(line_id), NOBODY)


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
        "on_hand": stock_there.on_hand,
        "lots": stock_there.lots,
    }

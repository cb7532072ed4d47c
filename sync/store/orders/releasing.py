"""Releasing reserved orders to the floor as pick lists, each in the way of picking that the site's rules choose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete

from sync.record.ids import LocationCode, LotCode, OrderId, OrderLineId, PickListId, WaveId
from sync.record.rows import ListKind
from sync.store.orders.allocating import Progress
from sync.store.orders.candidates import lock_allocations, lock_orders, open_lines_by_zone, orders_to_plan
from sync.store.orders.list_rows import WaveKind, write_lists
from sync.store.orders.reserving import StoredRow
from sync.store.planning.orders_to_plan import OrderToPlan
from sync.store.planning.waves import WavePlan, plan_waves
from sync.store.site_files.equipment import equipment_of
from sync.store.site_files.waves import waves_of
from sync.store.tables import allocation, wave
from sync.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Where an order that had something reserved went, and why; ``way`` None: it stays where it is."""

    order_id: OrderId
    order_ref: str
    way: ListKind | None
    lists: tuple[PickListId, ...]
    """Those that its pieces are on."""
    position: int | None
    """Its first place on the cart."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseReport:
    waves: int
    orders: int
    lists: tuple[PickListId, ...]
    """The new pick lists, the most urgent first."""
    lines: int
    pieces: int
    decisions: tuple[Decision, ...]
    """One for each order that had something reserved, the most urgent first."""


def release(
    work: UnitOfWork,
    order_ids: Sequence[OrderId] | None = None,
    limit: int | None = None,
    progress: Progress | None = None,
) -> ReleaseReport:
    """Make pick lists of what is reserved for these open orders (None: all), by the rules of the site's waves.

    At most ``limit`` orders go, the most urgent first. What one run releases for the same service and cut-off is one
    wave. The reserved pieces stay reserved: their pick lines hold them now instead of the allocation rows.

    Raises:
        SiteFileRefused: a file of the site that was good when it was set does not fit this version of the program.
    """
    found = lock_orders(work, order_ids)
    if progress is not None and found:
        progress(0, len(found))
    rules = waves_of(work.conn, work.site_id)
    looked_at = found if rules.open_lines_max else found[:limit]  # a zone without room lets later orders go first
    reserved = lock_allocations(work, [order.order_id for order in looked_at])
    orders, stock_there = orders_to_plan(work, looked_at, reserved)
    plan = plan_waves(
        orders,
        rules,
        equipment_of(work.conn, work.site_id),
        now=work.now,
        open_lines=open_lines_by_zone(work) if rules.open_lines_max else {},
        limit=limit,
    )
    waves = _waves(work, [order for order in orders if order.order_id in plan.went])
    list_ids = write_lists(work, plan.lists, waves, stock_there)
    taken = [row for row in reserved if row.order_id in plan.went]
    delete_allocations(work, [(row.order_line_id, row.location, row.lot) for row in taken])
    if progress is not None and found:
        progress(len(found), len(found))
    return ReleaseReport(
        waves=len(waves),
        orders=len(plan.went),
        lists=list_ids,
        lines=len(taken),
        pieces=sum(row.quantity for row in taken),
        decisions=_decisions(found, plan, list_ids),
    )


def _waves(work: UnitOfWork, going: Sequence[OrderToPlan]) -> dict[WaveKind, WaveId]:
    kinds = list(dict.fromkeys((order.cut_off, order.service) for order in going))
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


def _decisions(found: Sequence[StoredRow], plan: WavePlan, list_ids: Sequence[PickListId]) -> tuple[Decision, ...]:
    lists: defaultdict[OrderId, list[PickListId]] = defaultdict(list)
    ways: dict[OrderId, ListKind] = {}
    positions: dict[OrderId, int] = {}
    for list_id, planned in zip(list_ids, plan.lists, strict=True):
        for order in planned.orders:
            lists[order.order_id].append(list_id)
            ways[order.order_id] = planned.kind
        positions |= {order.order_id: at for order, at in zip(planned.orders, planned.positions, strict=False)}
    stays = {one.order.order_id: one.why for one in plan.stays}
    beyond = "beyond the limit of this release"
    return tuple(
        Decision(
            order_id=OrderId(order.order_id),
            order_ref=order.order_ref,
            way=ways.get(order.order_id),
            lists=tuple(lists[order.order_id]),
            position=positions.get(order.order_id),
            why=plan.went.get(order.order_id) or stays.get(order.order_id, beyond),
        )
        for order in found
    )


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

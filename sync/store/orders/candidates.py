"""The orders that a release may take, locked, with all that a plan looks at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import prod

from sqlalchemy import and_, func, select

from sync.record.ids import ItemId, LocationCode, LotCode, OrderId, OrderLineId, ZoneId
from sync.record.rows import ListStatus
from sync.store.orders.counting import STILL_ASKED
from sync.store.orders.reserving import KEYS_AT_ONCE, PlacedStock, StoredRow, placed_stock
from sync.store.planning.orders_to_plan import OrderToPlan
from sync.store.planning.release import release_urgency
from sync.store.planning.walking import Stop
from sync.store.tables import allocation, item, location, order_line, orders, packaging, pick_line, pick_list
from sync.store.unit_of_work import UnitOfWork

StockKey = tuple[LocationCode, ItemId, LotCode]
STILL_PICKED = (str(ListStatus.WAITING), str(ListStatus.OPEN), str(ListStatus.HELD))


def lock_orders(work: UnitOfWork, order_ids: Sequence[OrderId] | None) -> list[StoredRow]:
    """The open orders that have something reserved, the most urgent first; locked, so that they stay open and nobody
    else releases them.
    """
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
        select(orders.c.order_id, orders.c.order_ref, orders.c.service, orders.c.cut_off, orders.c.priority)
        .where(wanted)
        .order_by(orders.c.order_id)
        .with_for_update()
    ).all()
    still_reserved = set(work.conn.execute(with_reservation).scalars())
    return sorted(
        (order for order in found if order.order_id in still_reserved),
        key=lambda order: release_urgency(order.cut_off, order.priority, order.order_id),
    )


def lock_allocations(work: UnitOfWork, order_ids: Sequence[OrderId]) -> Sequence[StoredRow]:
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


@dataclass(frozen=True, slots=True)
class _ItemFacts:
    lots: bool
    serials: bool
    catch_weight: bool
    weight_g: int | None
    """Of one piece, as its volume."""
    volume_mm3: int | None


def orders_to_plan(
    work: UnitOfWork, found: Iterable[StoredRow], reserved: Sequence[StoredRow]
) -> tuple[list[OrderToPlan], dict[StockKey, PlacedStock]]:
    """The orders with their stops, and what the record says of the stock at these."""
    item_ids = {ItemId(row.item_id) for row in reserved}
    stock_there, facts = placed_stock(work, item_ids), _item_facts(work, item_ids)
    stops: defaultdict[OrderId, list[Stop]] = defaultdict(list)
    for row in reserved:
        stops[row.order_id].append(_stop(row, stock_there[row.location, row.item_id, row.lot]))
    return [_order_to_plan(order, stops[order.order_id], facts) for order in found], stock_there


def _stop(row: StoredRow, there: PlacedStock) -> Stop:
    return Stop(
        order_line_id=OrderLineId(row.order_line_id),
        item_id=ItemId(row.item_id),
        location=LocationCode(row.location),
        lot=LotCode(row.lot),
        position=there.position,
        quantity=row.quantity,
        zone_id=there.zone_id,
        aisle=there.aisle,
    )


def _order_to_plan(order: StoredRow, stops: Sequence[Stop], facts: dict[ItemId, _ItemFacts]) -> OrderToPlan:
    its = [facts[stop.item_id] for stop in stops]
    weights = [(one.weight_g, stop.quantity) for one, stop in zip(its, stops, strict=True)]
    volumes = [(one.volume_mm3, stop.quantity) for one, stop in zip(its, stops, strict=True)]
    volume_mm3 = _total(volumes)
    return OrderToPlan(
        order_id=OrderId(order.order_id),
        order_ref=order.order_ref,
        service=order.service,
        cut_off=order.cut_off,
        priority=order.priority,
        stops=tuple(stops),
        weight_g=_total(weights),
        volume_ml=None if volume_mm3 is None else -(-volume_mm3 // 1000),
        has_lots=any(one.lots for one in its),
        has_serials=any(one.serials for one in its),
        has_catch_weight=any(one.catch_weight for one in its),
    )


def _total(amounts: Sequence[tuple[int | None, int]]) -> int | None:
    known = [of_one * pieces for of_one, pieces in amounts if of_one is not None]
    return sum(known) if len(known) == len(amounts) else None


def _item_facts(work: UnitOfWork, item_ids: Collection[ItemId]) -> dict[ItemId, _ItemFacts]:
    i, p = item.c, packaging.c
    of_one = and_(p.site_id == i.site_id, p.item_id == i.item_id, p.packaging == "each")
    facts = {}
    ordered = sorted(item_ids)
    for first in range(0, len(ordered), KEYS_AT_ONCE):
        for row in work.conn.execute(
            select(
                i.item_id,
                i.lot_tracked,
                i.serial_tracked,
                i.catch_weight,
                p.weight_g,
                p.length_mm,
                p.width_mm,
                p.height_mm,
            )
            .outerjoin(packaging, of_one)
            .where(i.site_id == work.site_id, i.item_id.in_(ordered[first : first + KEYS_AT_ONCE]))
        ):
            sides = (row.length_mm, row.width_mm, row.height_mm)
            volume = None if None in sides else prod(sides)
            facts[ItemId(row.item_id)] = _ItemFacts(
                row.lot_tracked, row.serial_tracked, row.catch_weight, row.weight_g, volume
            )
    return facts


def open_lines_by_zone(work: UnitOfWork) -> dict[ZoneId, int]:
    """Lines on the floor that still ask for something."""
    rows = work.conn.execute(
        select(location.c.zone_id, func.count())
        .select_from(pick_line)
        .join(pick_list, and_(pick_list.c.site_id == pick_line.c.site_id, pick_list.c.list_id == pick_line.c.list_id))
        .join(location, and_(location.c.site_id == pick_line.c.site_id, location.c.code == pick_line.c.location))
        .where(pick_line.c.site_id == work.site_id, pick_list.c.status.in_(STILL_PICKED), STILL_ASKED > 0)
        .group_by(location.c.zone_id)
    )
    return {ZoneId(zone_id): int(lines) for zone_id, lines in rows}

"""What becomes of demand whose stock turns out not to be where the record thought."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, func, or_, select, update

from sync.record.ids import (
    ItemId,
    LocationCode,
    LotCode,
    OrderId,
    OrderLineId,
    PickLineId,
    PickListId,
)
from sync.record.rows import ListStatus
from sync.store.judging.batches import settle_batches_of
from sync.store.judging.lines_at_hand import UNHELD
from sync.store.judging.trips import settle_trips_of
from sync.store.orders.candidates import StockKey
from sync.store.orders.list_rows import new_line
from sync.store.orders.releasing import delete_allocations
from sync.store.orders.reserving import (
    PlacedStock,
    StoredRow,
    give_back,
    lock_supplies,
    placed_stock,
    reserve,
    site_today,
)
from sync.store.orders.sister_lists import Target, audience, targets
from sync.store.planning.allocation import Demand, Reservation, plan_allocation
from sync.store.planning.release import release_urgency
from sync.store.planning.walking import Stop, WalkedLine, pass_for
from sync.store.tables import allocation, order_line, orders, pick_line, pick_list, stock
from sync.store.unit_of_work import UnitOfWork

IN_WALK = (str(ListStatus.WAITING), str(ListStatus.OPEN), str(ListStatus.HELD))


def reallocate(work: UnitOfWork, line_id: PickLineId, quantity: int) -> list[PickLineId]:
    """Look for ``quantity`` pieces that a pick line did not find at any other location; returns the new pick lines.

    The caller has written the short and given the reservation back (``stock.allocated``, ``order_line.allocated``).
    What is found is reserved and added to the same list; what is not found anywhere counts as short. Where the list is
    no longer walked, or the order is held or cancelled, nothing is looked for and the demand is simply open again.

    Raises:
        LookupError: there is no such pick line.
    """
    line = work.conn.execute(
        _lines_with_lists().where(pick_line.c.site_id == work.site_id, pick_line.c.line_id == line_id)
    ).one_or_none()
    if line is None:
        raise LookupError(f"there is no pick line {line_id}")
    new_ids, missing = _find_elsewhere(work, line, quantity)
    if missing:
        work.conn.execute(
            update(order_line)
            .where(order_line.c.site_id == work.site_id, order_line.c.order_line_id == line.order_line_id)
            .values(short=order_line.c.short + missing)
        )
    _count_lists(work, [line.list_id])
    return new_ids


def withdraw_location(
    work: UnitOfWork, location: LocationCode, *, keep_list: PickListId | None = None
) -> list[PickLineId]:
    """Take a location, which the caller has blocked, out of the walks; returns the pick lines that replace its lines.

    Lines that somebody has begun stay with their picker, and so do those of ``keep_list``: the walk of the picker who
    stands there. Withdrawn lines ask for nothing any more; what is not found elsewhere is open demand again, since
    nobody has looked for it. Reservations that are on no list yet are given back. The next allocation serves both.
    """
    work.conn.execute(
        select(stock.c.location)
        .where(stock.c.site_id == work.site_id, stock.c.location == location)
        .order_by(stock.c.item_id, stock.c.lot)
        .with_for_update()
    ).all()
    _give_back_allocations(work, location)
    withdrawn = _lock_unbegun_lines(work, location, keep_list)
    if not withdrawn:
        return []
    work.conn.execute(
        update(pick_line)
        .where(pick_line.c.site_id == work.site_id, pick_line.c.line_id.in_([line.line_id for line in withdrawn]))
        .values(asked=0)
    )
    give_back(work, [_reservation(line, line.asked) for line in withdrawn])
    new_ids = []
    for line in withdrawn:
        work.touch("pick_line", str(line.line_id), _audience(line))
        new_ids += _find_elsewhere(work, line, line.asked)[0]
    _count_lists(work, {line.list_id for line in withdrawn})
    return new_ids


def fit_reservations(work: UnitOfWork, location: LocationCode, item_id: ItemId | None) -> list[PickLineId]:
    """Give back what is reserved at a location (of one item, with None of all) beyond what a count has found there.

    The least urgent give way: first reservations that are on no list, then lines that nobody has begun, for which other
    locations are looked at. Lines that somebody has begun stay with their picker, who will see. Returns the new lines.
    """
    rows = work.conn.execute(
        select(stock)
        .where(stock.c.site_id == work.site_id, stock.c.location == location, stock.c.allocated > 0)
        .order_by(stock.c.item_id, stock.c.lot)
        .with_for_update()
    ).all()
    new_ids: list[PickLineId] = []
    for row in rows:
        excess = row.allocated - max(0, row.on_hand)
        if excess > 0 and item_id in (None, row.item_id):
            excess -= _take_allocations(work, row, excess)
            new_ids += _take_from_lines(work, row, excess)
    return new_ids


def _take_allocations(work: UnitOfWork, row: StoredRow, excess: int) -> int:
    a = allocation.c
    found = work.conn.execute(
        select(allocation, orders.c.cut_off, orders.c.priority, orders.c.order_id.label("of_order"))
        .join(order_line, and_(order_line.c.site_id == a.site_id, order_line.c.order_line_id == a.order_line_id))
        .join(orders, and_(orders.c.site_id == a.site_id, orders.c.order_id == order_line.c.order_id))
        .where(a.site_id == work.site_id, a.location == row.location, a.item_id == row.item_id, a.lot == row.lot)
        .with_for_update(of=allocation)
    ).all()
    taken = 0
    for one in sorted(found, key=lambda one: release_urgency(one.cut_off, one.priority, one.of_order), reverse=True):
        step = min(excess - taken, one.quantity)
        if step <= 0:
            break
        key = (OrderLineId(one.order_line_id), LocationCode(one.location), LotCode(one.lot))
        if step == one.quantity:
            delete_allocations(work, [key])
        else:
            of_line = and_(a.site_id == work.site_id, a.order_line_id == key[0], a.location == key[1], a.lot == key[2])
            work.conn.execute(update(allocation).where(of_line).values(quantity=a.quantity - step))
        give_back(work, [_reservation(one, step)])
        taken += step
    return taken


def _take_from_lines(work: UnitOfWork, row: StoredRow, excess: int) -> list[PickLineId]:
    unbegun = [] if excess <= 0 else _lock_unbegun_lines(work, LocationCode(row.location), None)
    new_ids: list[PickLineId] = []
    for line in reversed([line for line in unbegun if (line.item_id, line.lot) == (row.item_id, row.lot)]):
        step = min(excess, line.asked)
        if step <= 0:
            break
        work.conn.execute(
            update(pick_line)
            .where(pick_line.c.site_id == work.site_id, pick_line.c.line_id == line.line_id)
            .values(asked=pick_line.c.asked - step)
        )
        give_back(work, [_reservation(line, step)])
        work.touch("pick_line", str(line.line_id), _audience(line))
        new_ids += _find_elsewhere(work, line, step)[0]
        _count_lists(work, [line.list_id])
        excess -= step
    return new_ids


def _lines_with_lists() -> Any:
    return (
        select(
            pick_line,
            pick_list.c.status.label("list_status"),
            pick_list.c.terminal_id,
            pick_list.c.zone_id,
            pick_list.c.trip_id,
            pick_list.c.cut_off,
            pick_list.c.priority,
            orders.c.status.label("order_status"),
        )
        .join(pick_list, and_(pick_list.c.site_id == pick_line.c.site_id, pick_list.c.list_id == pick_line.c.list_id))
        .join(orders, and_(orders.c.site_id == pick_line.c.site_id, orders.c.order_id == pick_line.c.order_id))
        .with_for_update(of=(pick_line, pick_list))
    )


def _lock_unbegun_lines(work: UnitOfWork, location: LocationCode, keep_list: PickListId | None) -> list[StoredRow]:
    lines: Sequence[StoredRow] = work.conn.execute(
        _lines_with_lists()
        .where(
            pick_line.c.site_id == work.site_id,
            pick_line.c.location == location,
            pick_list.c.status.in_(IN_WALK),
            pick_line.c.asked > 0,
            pick_line.c.picked == 0,
            pick_line.c.shorted == 0,
            pick_line.c.surplus == 0,
            pick_line.c.located.is_(False),
        )
        .order_by(pick_line.c.list_id, pick_line.c.line_id)
    ).all()
    return sorted(
        (line for line in lines if line.list_id != keep_list),
        key=lambda line: (release_urgency(line.cut_off, line.priority, line.order_id), line.line_id),
    )


def _give_back_allocations(work: UnitOfWork, location: LocationCode) -> None:
    rows = work.conn.execute(
        select(allocation)
        .where(allocation.c.site_id == work.site_id, allocation.c.location == location)
        .order_by(allocation.c.order_line_id, allocation.c.lot)
        .with_for_update()
    ).all()
    delete_allocations(work, [(row.order_line_id, row.location, row.lot) for row in rows])
    give_back(work, [_reservation(row, row.quantity) for row in rows])


def _reservation(row: StoredRow, quantity: int) -> Reservation:
    return Reservation(
        order_line_id=OrderLineId(row.order_line_id),
        item_id=ItemId(row.item_id),
        location=LocationCode(row.location),
        lot=LotCode(row.lot),
        quantity=quantity,
    )


def _find_elsewhere(work: UnitOfWork, line: StoredRow, quantity: int) -> tuple[list[PickLineId], int]:
    """New lines at other locations, and how many pieces were found at none."""
    if line.list_status not in IN_WALK or line.order_status != "open" or quantity <= 0:
        return [], 0
    demand = Demand(
        order_line_id=line.order_line_id,
        order_id=line.order_id,
        item_id=line.item_id,
        quantity=quantity,
        priority=line.priority,
        cut_off=line.cut_off,
    )
    elsewhere = [supply for supply in lock_supplies(work, [line.item_id]) if supply.location != line.location]
    found = plan_allocation([demand], elsewhere, site_today(work))
    reserve(work, found)
    return _add_lines(work, line, found), quantity - sum(one.quantity for one in found)


def _add_lines(work: UnitOfWork, line: StoredRow, found: Sequence[Reservation]) -> list[PickLineId]:
    if not found:
        return []
    stock_there = placed_stock(work, [line.item_id])
    stops = [
        Stop(
            order_line_id=one.order_line_id,
            item_id=one.item_id,
            location=one.location,
            lot=one.lot,
            position=stock_there[one.location, one.item_id, one.lot].position,
            quantity=one.quantity,
            zone_id=stock_there[one.location, one.item_id, one.lot].zone_id,
        )
        for one in found
    ]
    new_ids: list[PickLineId] = []
    for target in targets(work, line, stops):
        new_ids += _add_to(work, line, target, stock_there)
    return new_ids


def _add_to(
    work: UnitOfWork, line: StoredRow, target: Target, stock_there: Mapping[StockKey, PlacedStock]
) -> list[PickLineId]:
    walk = _walked_lines(work, target.list_id)
    passes = line.passes if target.list_id == line.list_id else 0
    first = work.allot("pick_line", len(target.stops))
    work.insert(
        pick_line,
        [
            new_line(
                line_id,
                target.list_id,
                OrderId(line.order_id),
                stop,
                stock_there[stop.location, stop.item_id, stop.lot],
                passes=pass_for(stop.position, passes=passes, walk=walk),
            )
            for line_id, stop in enumerate(target.stops, start=first)
        ],
    )
    new_ids = [PickLineId(first + place) for place in range(len(target.stops))]
    for line_id in new_ids:
        work.touch("pick_line", str(line_id), target.audience)
    if target.list_id != line.list_id:
        _count_lists(work, [target.list_id])
    return new_ids


def _walked_lines(work: UnitOfWork, list_id: PickListId) -> list[WalkedLine]:
    begun = or_(pick_line.c.picked > 0, pick_line.c.shorted > 0, pick_line.c.located)
    rows = work.conn.execute(
        select(pick_line.c.position, pick_line.c.passes, begun.label("begun")).where(
            pick_line.c.site_id == work.site_id, pick_line.c.list_id == list_id
        )
    )
    return [WalkedLine(position=row.position, passes=row.passes, begun=bool(row.begun)) for row in rows]


def _audience(line: StoredRow) -> str:
    return audience(line.list_status, line.terminal_id)


def _count_lists(work: UnitOfWork, list_ids: Collection[PickListId]) -> None:
    """Count lines and pieces of lists anew; one that nobody holds and that asks for nothing any more is cancelled."""
    of_list = and_(pick_line.c.site_id == pick_list.c.site_id, pick_line.c.list_id == pick_list.c.list_id)
    lines = select(func.count()).where(of_list, pick_line.c.asked > 0).scalar_subquery()
    pieces = select(func.coalesce(func.sum(pick_line.c.asked), 0)).where(of_list).scalar_subquery()
    of_site = and_(pick_list.c.site_id == work.site_id, pick_list.c.list_id.in_(list_ids))
    work.conn.execute(update(pick_list).where(of_site).values(line_count=lines, piece_count=pieces))
    work.conn.execute(
        update(pick_list)
        .where(of_site, pick_list.c.status.in_([str(one) for one in UNHELD]), pick_list.c.line_count == 0)
        .values(status=str(ListStatus.CANCELLED))
    )
    for list_id in sorted(list_ids):
        work.touch("pick_list", str(list_id))
    settle_trips_of(work, list_ids)
    settle_batches_of(work, list_ids)

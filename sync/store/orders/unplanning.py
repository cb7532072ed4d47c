"""Planned work is taken off again: reservations that are on no list, and lines of pick lists."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select, update

from sync.record.ids import BatchId, ItemId, LocationCode, LotCode, OrderId, OrderLineId, PickListId
from sync.record.rows import ListStatus
from sync.store.bench import Bench, RowDict
from sync.store.judging.batches import settle_batch, settle_orders
from sync.store.judging.lines_at_hand import (
    ask,
    is_walked,
    line_case,
    note_trip,
    open_pieces,
    reserve_here,
    touch_line,
    touch_list,
)
from sync.store.judging.totes import set_free
from sync.store.orders.reserving import give_back
from sync.store.planning.allocation import Reservation
from sync.store.tables import allocation
from sync.store.unit_of_work import UnitOfWork


def free_reserved(work: UnitOfWork, order_line_ids: Collection[OrderLineId], at_most: int | None = None) -> int:
    """Give back what is reserved for order lines and on no list yet, the last location first; returns the pieces."""
    mine = (allocation.c.site_id == work.site_id) & allocation.c.order_line_id.in_(order_line_ids)
    last_first = (allocation.c.order_line_id, allocation.c.location.desc(), allocation.c.lot.desc())
    freed: list[Reservation] = []
    for row in work.conn.execute(select(allocation).where(mine).order_by(*last_first).with_for_update()).all():
        so_far = sum(one.quantity for one in freed)
        pieces = int(row.quantity) if at_most is None else min(row.quantity, at_most - so_far)
        if not pieces:
            break
        this = mine & (allocation.c.order_line_id == row.order_line_id) & (allocation.c.location == row.location)
        this = this & (allocation.c.lot == row.lot)
        if pieces == row.quantity:
            work.conn.execute(delete(allocation).where(this))
        else:
            work.conn.execute(update(allocation).where(this).values(quantity=row.quantity - pieces))
        freed.append(
            Reservation(
                order_line_id=OrderLineId(row.order_line_id),
                item_id=ItemId(row.item_id),
                location=LocationCode(row.location),
                lot=LotCode(row.lot),
                quantity=pieces,
            )
        )
    give_back(work, freed)
    return sum(one.quantity for one in freed)


def pick_lines_of(bench: Bench, order_id: OrderId) -> list[RowDict]:
    """The lines of the order on all lists, its own and those that it shares with others."""
    keys = [(line["order_line_id"],) for line in bench.order_lines.where(order_id=order_id)]
    bench.lines.search(("order_line_id",), keys)
    return [line for (key,) in sorted(keys) for line in bench.lines.where(order_line_id=key)]


def walked_lists(bench: Bench, order_id: OrderId) -> list[RowDict]:
    """The lists with lines of the order that somebody picks or may still take: those that nobody holds first."""
    list_ids = sorted({line["list_id"] for line in pick_lines_of(bench, order_id)})
    bench.lists.fetch([(list_id,) for list_id in list_ids])
    lists = [one for list_id in list_ids if (one := bench.lists.get(list_id)) is not None and is_walked(one)]
    return sorted(lists, key=lambda one: (one["status"] == ListStatus.HELD, one["list_id"]))


def take_off(bench: Bench, line: RowDict, at_most: int | None = None) -> int:
    """Open pieces of a pick line are asked for no more, and what it reserved is free; returns how many."""
    left = open_pieces(line) if at_most is None else min(open_pieces(line), at_most)
    case = line_case(bench, line["line_id"])
    if not left or case is None:
        return 0
    ask(bench, line, -left)
    reserve_here(bench, line, -left)
    bench.order_lines.change(case.order_line, allocated=case.order_line["allocated"] - left)
    touch_line(bench, case)
    return left


def end_if_idle(bench: Bench, pick_list: RowDict) -> PickListId | None:
    """A list of which nothing was picked and nothing is left to pick ends, wherever it is; returns it if so."""
    lines = bench.lines.where(list_id=pick_list["list_id"])
    if any(line["picked"] or open_pieces(line) for line in lines):
        return None
    ended = {"status": str(ListStatus.CANCELLED), "terminal_id": None, "worker_id": None}
    bench.lists.change(pick_list, **ended, token=pick_list["token"] + 1)
    note_trip(bench, pick_list)
    touch_list(bench, pick_list)
    for tote in bench.totes.where(list_id=pick_list["list_id"]):
        if not any(content["quantity"] for content in bench.tote_contents.where(tote=tote["tote"])):
            set_free(bench, tote)
    if pick_list["batch_id"] is not None:
        settle_orders(bench, BatchId(pick_list["batch_id"]))
        settle_batch(bench, BatchId(pick_list["batch_id"]))
    return PickListId(pick_list["list_id"])

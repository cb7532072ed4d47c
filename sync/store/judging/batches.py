"""Batches on their way over a put wall: bulk totes wait for sorters, full cubbies for packers, and a batch is closed.

Who changes the pieces of a batch locks its row first: so of two sorters that put the last pieces of an order, or of the
batch, at the same moment, the second sees what the first has done.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import and_, exists, or_, select

from sync.record.ids import BatchId, LocationCode, OrderId, PickListId, ToteCode
from sync.record.rows import ListKind, ListStatus, ToteStatus
from sync.store import tables as t
from sync.store.bench import Bench, RowDict
from sync.store.judging.totes import holds_pieces, set_free, touch_packing
from sync.store.leading.batches import CLOSED, PICKING, SORTING, STILL_PICKED, batch_accounts
from sync.store.unit_of_work import UnitOfWork

COUNTERS = ("put", "returned", "reported")


def to_sort(bench: Bench, pick_list: RowDict, code: ToteCode, place: LocationCode) -> None:
    """A bulk tote stands at ``place`` and waits for a sorter; without anything in it, it is free."""
    tote = bench.totes.get(code)
    if tote is None or tote["batch_id"] != pick_list["batch_id"]:
        return
    if holds_pieces(bench, tote):
        bench.totes.change(tote, status=str(ToteStatus.TO_SORT), place=place)
        bench.work.touch("tote", code)
        touch_sorting(bench, tote)
    else:
        set_free(bench, tote)


def list_put_down(bench: Bench, pick_list: RowDict, place: LocationCode) -> None:
    """A bulk list is done: its totes stand at ``place``, and orders of which nothing more comes may be packed."""
    batch_id = BatchId(pick_list["batch_id"])
    bench.batches.get(batch_id)
    for code in pick_list["totes"]:
        to_sort(bench, pick_list, code, place)
    settle_orders(bench, batch_id)
    settle_batch(bench, batch_id)
    tell_sorters(bench, batch_id)


def touch_sorting(bench: Bench, tote: RowDict) -> None:
    """Sorters see a bulk tote while it waits at the wall."""
    bench.work.touch("sorting", tote["tote"], deleted=tote["status"] != ToteStatus.TO_SORT)


def tell_sorters(bench: Bench, batch_id: BatchId) -> None:
    """What stands in the rows of all totes of a batch has changed: its wall, its cubbies, what is still to come."""
    for code in _plain_totes(bench, batch_id):
        bench.work.touch("sorting", code)


def _plain_totes(bench: Bench, batch_id: BatchId) -> list[ToteCode]:
    """Read without locking: these totes are other sorters'."""
    tote = t.tote.c
    bench.flush()
    waiting = (tote.site_id == bench.site_id, tote.batch_id == batch_id, tote.status == str(ToteStatus.TO_SORT))
    return [ToteCode(code) for code in bench.work.conn.scalars(select(tote.tote).where(*waiting).order_by(tote.tote))]


def change_batch(bench: Bench, pieces: int, *, before: BatchId | None, after: BatchId | None) -> None:
    """Pieces were brought out of the totes of one batch into those of another, or of none, past the wall."""
    if before == after or not pieces:
        return
    for batch_id, gone in ((before, pieces), (after, -pieces)):
        if batch_id is not None:
            count(bench, batch_id, reported=gone)


def picked_into(bench: Bench, pick_list: RowDict, code: ToteCode, pieces: int) -> None:
    """Pieces of a list were counted into a tote (below zero: out of it), which may not be its batch's any more."""
    tote = bench.totes.get(code)
    if tote is None:
        return
    change_batch(bench, pieces, before=pick_list["batch_id"], after=tote["batch_id"])
    if tote["status"] == ToteStatus.TO_SORT:
        touch_sorting(bench, tote)


def carried(bench: Bench, pieces: int, source: ToteCode, target: ToteCode) -> None:
    """Pieces went from one tote into another, not by way of a wall."""
    before, after = bench.totes.get(source), bench.totes.get(target)
    change_batch(
        bench,
        pieces,
        before=None if before is None else before["batch_id"],
        after=None if after is None else after["batch_id"],
    )


def rebind(bench: Bench, tote: RowDict, pick_list: RowDict) -> None:
    """A tote gets bound to a list: what it still held of a batch has gone past the wall."""
    if tote["batch_id"] == pick_list["batch_id"]:
        return
    held = sum(int(content["quantity"]) for content in bench.tote_contents.where(tote=tote["tote"]))
    change_batch(bench, held, before=tote["batch_id"], after=pick_list["batch_id"])
    if tote["status"] == ToteStatus.TO_SORT:
        bench.work.touch("sorting", tote["tote"], deleted=True)


def count(bench: Bench, batch_id: BatchId, **pieces: int) -> None:
    """So many more (below zero: fewer) of `COUNTERS` for a batch."""
    batch = bench.batches.get(batch_id)
    if batch is not None:
        bench.batches.change(batch, **{name: batch[name] + more for name, more in pieces.items()})


def settle_batch(bench: Bench, batch_id: BatchId) -> None:
    """The batch is closed when its lists are done, its totes are empty and not a piece of it is unaccounted for."""
    batch = bench.batches.get(batch_id)
    if batch is None:
        return
    bench.flush()
    (account,) = batch_accounts(bench.work.conn, bench.site_id, [batch_id])
    done = not (account.in_totes or account.difference)
    status = PICKING if account.lists_left else CLOSED if done else SORTING
    if status != batch["status"]:
        bench.batches.change(batch, status=status, closed_at=bench.now if status == CLOSED else None)


def settle_batches_of(work: UnitOfWork, list_ids: Collection[PickListId]) -> None:
    """Batches whose lists may just have ended without anybody's hand-over."""
    p = t.pick_list.c
    ended = (p.site_id == work.site_id, p.list_id.in_(list_ids), p.status == str(ListStatus.CANCELLED))
    batch_ids = set(work.conn.scalars(select(p.batch_id).where(*ended, p.batch_id.is_not(None))))
    if batch_ids:
        bench = Bench(work)
        for batch_id in sorted(batch_ids):
            settle_orders(bench, batch_id)
            settle_batch(bench, batch_id)
        bench.flush()


def settle_orders(bench: Bench, batch_id: BatchId) -> None:
    """All cubbies that a batch has taken, after one of its lists was done."""
    for order_id in sorted({row["order_id"] for row in bench.cubbies.where(batch_id=batch_id)} - {None}):
        settle_order(bench, order_id)


def settle_order(bench: Bench, order_id: OrderId) -> None:
    """The order's cubby goes to packing when nothing more can come; one that stayed empty is free again."""
    cubbies = bench.cubbies.where(order_id=order_id)
    waits = bool(cubbies) and may_still_come(bench, order_id)
    for cubby in cubbies:
        tote = bench.totes.get(cubby["tote"])
        if tote is None:
            continue
        held = holds_pieces(bench, tote)
        if not waits and not held:
            set_free(bench, tote)
        elif waits and tote["status"] == ToteStatus.TO_PACK and not _is_being_packed(bench, tote):
            _set(bench, tote, ToteStatus.PICKING)
        elif not waits and tote["status"] == ToteStatus.PICKING:
            _set(bench, tote, ToteStatus.TO_PACK)


def _is_being_packed(bench: Bench, tote: RowDict) -> bool:
    verified = any(content["verified"] for content in bench.tote_contents.where(tote=tote["tote"]))
    return verified or tote["sscc"] is not None


def _set(bench: Bench, tote: RowDict, status: ToteStatus) -> None:
    bench.totes.change(tote, status=str(status))
    bench.work.touch("tote", tote["tote"])
    bench.work.touch("cubby", tote["tote"])
    touch_packing(bench, tote)


def may_still_come(bench: Bench, order_id: OrderId) -> bool:
    """Pieces of the order are in bulk totes, or are still picked into them. A cancelled order waits for nothing."""
    order = bench.orders.get(order_id)
    if order is None or order["status"] == "cancelled":
        return False
    bench.flush()
    c, line, tote = t.tote_content.c, t.order_line.c, t.tote.c
    in_bulk = exists(
        select(c.tote)
        .join(t.order_line, and_(line.site_id == c.site_id, line.order_line_id == c.order_line_id))
        .join(t.tote, and_(tote.site_id == c.site_id, tote.tote == c.tote))
        .where(c.site_id == bench.site_id, c.quantity > 0, line.order_id == order_id, tote.batch_id.is_not(None))
    )
    p, head = t.pick_line.c, t.pick_list.c
    picked = exists(
        select(p.line_id)
        .join(t.pick_list, and_(head.site_id == p.site_id, head.list_id == p.list_id))
        .where(
            p.site_id == bench.site_id,
            p.order_id == order_id,
            p.asked > p.picked + p.shorted,
            head.kind == str(ListKind.BULK),
            head.status.in_(STILL_PICKED),
        )
    )
    return bool(bench.work.conn.scalar(select(or_(in_bulk, picked))))

"""Judging the totes of a cart: each order of a batch has its own, at a position, until they leave the cart."""

from __future__ import annotations

from collections.abc import Iterable

from sync.record.facts import CartToteBound, OrderHandedOver, Stamp, Verdict
from sync.record.ids import OrderId, PickListId, ToteCode
from sync.record.picking import fold_cart
from sync.record.rows import ListOrderRow, ToteStatus
from sync.store.bench import Bench, RowDict
from sync.store.judging.batches import rebind
from sync.store.judging.late import bound_by
from sync.store.judging.lines_at_hand import (
    ACCEPTED,
    accepted,
    discrepancy,
    is_stale,
    is_walked,
    orders_of,
    quarantined,
    touch_order,
)
from sync.store.judging.totes import to_pack, touch_packing
from sync.store.places import in_tote

MOST_POSITIONS = 999


def judge(bench: Bench, stamp: Stamp, fact: CartToteBound | OrderHandedOver) -> Verdict:
    pick_list = bench.lists.get(fact.list_id)
    order = bench.list_orders.get(fact.list_id, fact.order_id)
    if pick_list is None or order is None:
        return quarantined("unknown-list" if pick_list is None else "unknown-order")
    match fact:
        case CartToteBound() if not 0 < fact.position <= MOST_POSITIONS:
            return quarantined("position")
        case CartToteBound():
            return _judge_bound(bench, stamp, fact, pick_list, order)
        case OrderHandedOver():
            return _judge_left(bench, stamp, fact, pick_list, order)


def _judge_bound(bench: Bench, stamp: Stamp, fact: CartToteBound, pick_list: RowDict, order: RowDict) -> Verdict:
    tote = bench.totes.get_or_add(
        tote=fact.tote,
        status=str(ToteStatus.EMPTY),
        list_id=None,
        order_id=None,
        sscc=None,
        labels_sent=0,
        label_proven=False,
    )
    if not is_walked(pick_list):
        return _bound_wrong(bench, stamp, fact, "list-ended", "which nobody picks any more")
    taken = tote["status"] != ToteStatus.EMPTY and tote["order_id"] != fact.order_id
    stale = is_stale(pick_list, fact.token)
    rebind(bench, tote, pick_list)
    nobodys = dict.fromkeys(("sscc", "place", "batch_id", "terminal_id"))
    at_work = {"status": str(ToteStatus.PICKING), "list_id": fact.list_id, "order_id": fact.order_id}
    bench.totes.change(tote, **at_work, labels_sent=0, label_proven=False, **nobodys)
    others = [code for code in pick_list["totes"] if code != fact.tote]
    if stale:
        _bound_late(bench, fact, order)
    else:
        _bound(bench, fact)
    bench.lists.change(
        pick_list,
        totes=[fact.tote, *others] if stale else [*others, fact.tote],
        tote_gone=stale and (pick_list["tote_gone"] or not others),
    )
    bench.work.touch("tote", fact.tote)
    bench.work.touch("pick_list", str(fact.list_id))
    touch_packing(bench, tote)
    if taken:
        return _bound_wrong(bench, stamp, fact, "tote-in-use", "and held pieces of another order")
    return accepted("stale-lease") if stale else ACCEPTED


def _bound(bench: Bench, fact: CartToteBound) -> None:
    """As at the terminal: an order may change its place with one that has no tote yet."""
    rows = {row["order_id"]: row for row in bench.list_orders.where(list_id=fact.list_id)}
    before = [_as_told(row) for row in rows.values()]
    for after in fold_cart(tuple(before), fact):
        if after not in before:
            row = rows[after.order_id]
            place = {"position": after.position, "totes": list(after.totes)}
            bench.list_orders.change(row, **place, tote_gone=after.tote_gone, handed_over=after.handed_over)
            touch_order(bench, row)


def _as_told(row: RowDict) -> ListOrderRow:
    return ListOrderRow(
        list_id=row["list_id"],
        order_id=row["order_id"],
        order_ref="",
        position=row["position"],
        totes=tuple(row["totes"]),
        tote_gone=row["tote_gone"],
        handed_over=row["handed_over"],
    )


def _bound_late(bench: Bench, fact: CartToteBound, order: RowDict) -> None:
    """A tote that comes late does not push aside the tote of the one who picks now."""
    others = [code for code in order["totes"] if code != fact.tote]
    bench.list_orders.change(order, totes=[fact.tote, *others], tote_gone=order["tote_gone"] or not others)
    touch_order(bench, order)


def _bound_wrong(bench: Bench, stamp: Stamp, fact: CartToteBound, kind: str, why: str) -> Verdict:
    bench.discrepancy(
        stamp.event_id,
        kind,
        f"{fact.tote} was bound to list {fact.list_id}, {why}: look into it",
        order_id=fact.order_id,
        place=in_tote(fact.tote),
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
    )
    return discrepancy(kind)


def _judge_left(bench: Bench, stamp: Stamp, fact: OrderHandedOver, pick_list: RowDict, order: RowDict) -> Verdict:
    """The totes of one order wait for packing. What the record has added for it meanwhile needs another tote."""
    if not is_walked(pick_list):
        return accepted(f"{pick_list['status'].replace('_', '-')}-already")
    if order["handed_over"]:
        return accepted("handed-over-already")
    if is_stale(pick_list, fact.token):
        own = bound_by(bench, stamp.terminal_id, fact.list_id, fact.order_id)
        _leave(bench, pick_list, order, [code for code in _left_behind(order) if code in own])
        return accepted("stale-lease")
    bench.list_orders.change(order, handed_over=True)
    touch_order(bench, order)
    _leave(bench, pick_list, order, order["totes"])
    return ACCEPTED


def _left_behind(order: RowDict) -> list[ToteCode]:
    """The totes of an order that nobody puts into now."""
    return list(order["totes"] if order["tote_gone"] else order["totes"][:-1])


def _leave(bench: Bench, pick_list: RowDict, order: RowDict, totes: Iterable[ToteCode]) -> None:
    for code in totes:
        to_pack(bench, {**pick_list, "order_id": order["order_id"]}, code)


def put_down(bench: Bench, pick_list: RowDict) -> None:
    """The walk is done: the totes of the orders that are still on the cart wait for packing."""
    for order in orders_of(bench, pick_list):
        if not order["handed_over"]:
            bench.list_orders.change(order, handed_over=True)
            _leave(bench, pick_list, order, order["totes"])


def put_down_late(bench: Bench, stamp: Stamp, pick_list: RowDict) -> None:
    """Somebody else has the list by now: only what the late one had bound stands at packing."""
    for order in orders_of(bench, pick_list):
        list_id, order_id = PickListId(pick_list["list_id"]), OrderId(order["order_id"])
        own = bound_by(bench, stamp.terminal_id, list_id, order_id)
        _leave(bench, pick_list, order, [code for code in _left_behind(order) if code in own])


def found(bench: Bench, pick_list: RowDict) -> None:
    """Who goes on with a list has scanned one of its totes: the whole cart stands before them."""
    for order in orders_of(bench, pick_list):
        if order["tote_gone"]:
            bench.list_orders.change(order, tote_gone=False)
            touch_order(bench, order)

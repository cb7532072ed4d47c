"""Pieces that were picked for nothing go back into stock: where they stand is where they count."""

from __future__ import annotations

from sqlalchemy import update

from sync.record.ids import ItemId, LocationCode, Sscc, ToteCode
from sync.record.rows import ToteStatus
from sync.store.bench import Bench, RowDict
from sync.store.homes import homes
from sync.store.judging.batches import count
from sync.store.judging.carrying import share_of_weight
from sync.store.judging.lines_at_hand import stock_row
from sync.store.judging.serials import serials_follow
from sync.store.judging.totes import settle_tote
from sync.store.places import at_location, in_carton, in_tote
from sync.store.tables import discrepancy

PUT_BACK = "put-back"
CANCELLED_PICKED = "cancelled-picked"
"""A discrepancy: pieces of a cancelled order stand in a tote."""
CANCELLED_PACKED = "cancelled-packed"
"""A discrepancy: pieces of a cancelled order are in a closed carton that has not left."""


def came_from(bench: Bench, tote: ToteCode, item_id: ItemId, lot: str) -> LocationCode | None:
    """The location that pieces in a tote were picked from last, by the journal."""
    bench.flush()
    return homes(bench.work.conn, bench.site_id, {tote: [item_id]}, lot=lot).get((tote, item_id))


def take_out(bench: Bench, cause: str, content: RowDict, quantity: int, location: LocationCode) -> int:
    """Up to ``quantity`` pieces of one content of a tote stand at ``location`` again; returns how many there were.

    They count for their order no more: those of a cancelled one are cancelled, others are open demand again.
    """
    back = min(quantity, int(content["quantity"]))
    if not back:
        return 0
    left = content["quantity"] - back
    weight_g = content["weight_g"] - share_of_weight(content, back)
    bench.tote_contents.change(content, quantity=left, verified=min(content["verified"], left), weight_g=weight_g)
    bulk = bench.totes.get(content["tote"])
    if bulk is not None and bulk["batch_id"] is not None:
        count(bench, bulk["batch_id"], returned=back)
    _into_stock(bench, cause, content, back, in_tote(content["tote"]), location)
    _uncount(bench, content, back)
    return back


def _into_stock(bench: Bench, cause: str, content: RowDict, back: int, source: str, location: LocationCode) -> None:
    item_id, lot = content["item_id"], content["lot"]
    here = stock_row(bench, location, item_id, lot)
    bench.stock.change(here, on_hand=here["on_hand"] + back)
    there = at_location(location)
    serials_follow(bench, [content], source, there)
    bench.move(cause, item_id=item_id, lot=lot, quantity=back, source=source, target=there, reason=PUT_BACK)


def _uncount(bench: Bench, content: RowDict, back: int, *, packed: int = 0) -> None:
    line = bench.order_lines.get(content["order_line_id"])
    if line is None:
        return
    order = bench.orders.get(line["order_id"])
    cancelled = back if order is not None and order["status"] == "cancelled" else 0
    bench.order_lines.change(
        line, picked=line["picked"] - back, packed=line["packed"] - packed, cancelled=line["cancelled"] + cancelled
    )


def after_taking_out(bench: Bench, tote: RowDict, *, by: str, how: str) -> None:
    """The tote may be free now; where nothing of cancelled orders is left in it, no lead need look after it."""
    if not _of_cancelled_orders(bench, bench.tote_contents.where(tote=tote["tote"])):
        _settle(bench, CANCELLED_PICKED, in_tote(tote["tote"]), by=by, how=how)
    if tote["status"] == ToteStatus.TO_PACK:
        settle_tote(bench, tote)


def _settle(bench: Bench, kind: str, place: str, *, by: str, how: str) -> None:
    """What was opened of this kind at this place needs no lead any more."""
    bench.flush()
    d = discrepancy.c
    bench.work.conn.execute(
        update(discrepancy)
        .where(d.site_id == bench.site_id, d.kind == kind, d.place == place, d.settled_at.is_(None))
        .values(settled_at=bench.now, settled_by=by, settlement=how)
    )


def _of_cancelled_orders(bench: Bench, contents: list[RowDict]) -> list[RowDict]:
    cancelled = []
    for content in contents:
        line = bench.order_lines.get(content["order_line_id"]) if content["quantity"] else None
        order = None if line is None else bench.orders.get(line["order_id"])
        if order is not None and order["status"] == "cancelled":
            cancelled.append(content)
    return cancelled


def return_tote(bench: Bench, code: ToteCode, *, cause: str, by: str, to: LocationCode | None = None) -> int:
    """All that a tote holds of cancelled orders stands at ``to`` (None: where each was picked); returns the pieces.

    For a person at the office who says so; a packer does it piece by piece with `sync.record.facts.PutBack`.
    """
    tote = bench.totes.get(code)
    if tote is None:
        return 0
    back = 0
    for content in _of_cancelled_orders(bench, bench.tote_contents.where(tote=code)):
        location = to or came_from(bench, code, content["item_id"], content["lot"])
        if location is not None:
            back += take_out(bench, cause, content, content["quantity"], location)
    after_taking_out(bench, tote, by=by, how=PUT_BACK)
    return back


def return_carton(bench: Bench, sscc: Sscc, *, cause: str, by: str, to: LocationCode | None = None) -> int:
    """A closed carton of a cancelled order was opened, and all of it stands at ``to`` (None: where each was picked)."""
    carton = bench.cartons.get(sscc)
    if carton is None or carton["shipped_at"] is not None:
        return 0
    back = 0
    for content in _of_cancelled_orders(bench, bench.carton_contents.where(sscc=sscc)):
        location = to or came_from(bench, carton["tote"], content["item_id"], content["lot"])
        if location is None:
            continue
        pieces = int(content["quantity"])
        bench.carton_contents.change(content, quantity=0)
        _into_stock(bench, cause, content, pieces, in_carton(sscc), location)
        _uncount(bench, content, pieces, packed=pieces)
        back += pieces
    _settle(bench, CANCELLED_PACKED, in_carton(sscc), by=by, how=PUT_BACK)
    return back

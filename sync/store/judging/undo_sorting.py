"""Taking back what was done at a put wall: pieces that went into a cubby, and pieces that were reported gone."""

from __future__ import annotations

from sync.record.facts import PutInCubby, SortProblem, SortReported, Stamp, Verdict
from sync.record.ids import BatchId, EventId, OrderId
from sync.record.rows import ToteStatus
from sync.record.sorting import GONE
from sync.store.bench import Bench, RowDict
from sync.store.judging.batches import count, settle_batch, settle_order, touch_sorting
from sync.store.judging.carrying import carry, content_of
from sync.store.judging.lines_at_hand import ACCEPTED, discrepancy, quarantined
from sync.store.judging.taking_back import UNDO, move_back, too_late
from sync.store.places import LOST


def unput(bench: Bench, stamp: Stamp, undoes: EventId, fact: PutInCubby) -> Verdict:
    """The pieces are in the bulk tote again, as long as it waits at the wall and nobody has packed them."""
    line, tote, refusal = _at_hand(bench, fact)
    if refusal is not None or line is None or tote is None:
        return quarantined(refusal or "unknown-line")
    moves = bench.moves_of(undoes)
    contents = [(bench.tote_contents.get(fact.cubby, fact.order_line_id, move["lot"]), move) for move in moves]
    gone = any(
        content is None or content["quantity"] - content["verified"] < move["quantity"] for content, move in contents
    )
    if gone or not _still_waits(tote, fact):
        return _late(bench, stamp, fact, line)
    for content, move in contents:
        if content is not None:
            carry(bench, stamp.event_id, content, fact.tote, int(move["quantity"]), UNDO)
    count(bench, fact.batch_id, put=-sum(move["quantity"] for move in moves))
    bench.settle(undoes, by=UNDO, settlement=stamp.event_id)
    _after(bench, fact.batch_id, tote, OrderId(line["order_id"]))
    return ACCEPTED


def unreport_sort(bench: Bench, stamp: Stamp, undoes: EventId, fact: SortReported) -> Verdict:
    """What was reported as gone is in the tote again; a piece that was put aside is nobody's concern any more."""
    if fact.problem is SortProblem.RETURNED:
        return discrepancy("cannot-undo")
    line, tote, refusal = _at_hand(bench, fact)
    if refusal is not None or tote is None:
        return quarantined(refusal or "unknown-tote")
    gone = [move for move in bench.moves_of(undoes) if move["target"] == LOST]
    if fact.problem in GONE and gone and line is not None and fact.order_line_id is not None:
        pieces = sum(int(move["quantity"]) for move in gone)
        order = bench.orders.get(line["order_id"])
        given_up = "cancelled" if order is not None and order["status"] == "cancelled" else "short"
        if not _still_waits(tote, fact) or line[given_up] < pieces:
            return _late(bench, stamp, fact, line)
        for move in gone:
            content = content_of(bench, fact.tote, fact.order_line_id, move["lot"], move["item_id"])
            bench.tote_contents.change(content, quantity=content["quantity"] + move["quantity"])
        move_back(bench, stamp, gone)
        bench.order_lines.change(line, picked=line["picked"] + pieces, **{given_up: line[given_up] - pieces})
        count(bench, fact.batch_id, reported=-pieces)
    bench.settle(undoes, by=UNDO, settlement=stamp.event_id)
    _after(bench, fact.batch_id, tote, None if line is None else OrderId(line["order_id"]))
    return ACCEPTED


def _at_hand(bench: Bench, fact: PutInCubby | SortReported) -> tuple[RowDict | None, RowDict | None, str | None]:
    batch = bench.batches.get(fact.batch_id)  # locked before anything of it is looked at
    line = None if fact.order_line_id is None else bench.order_lines.get(fact.order_line_id)
    tote = bench.totes.get(fact.tote)
    if batch is None or tote is None:
        return line, tote, "unknown-batch" if batch is None else "unknown-tote"
    return line, tote, None


def _still_waits(tote: RowDict, fact: PutInCubby | SortReported) -> bool:
    return bool(tote["status"] == ToteStatus.TO_SORT and tote["batch_id"] == fact.batch_id)


def _late(bench: Bench, stamp: Stamp, fact: PutInCubby | SortReported, line: RowDict) -> Verdict:
    text = f"an undo at the wall came when {fact.tote} or its pieces had moved on: check them"
    return too_late(bench, stamp, text, order_id=line["order_id"], item_id=fact.item_id)


def _after(bench: Bench, batch_id: BatchId, tote: RowDict, order_id: OrderId | None) -> None:
    touch_sorting(bench, tote)
    if order_id is not None:
        settle_order(bench, order_id)
    settle_batch(bench, batch_id)

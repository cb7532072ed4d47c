"""Judging an undo: the earlier fact's effect is taken back; the record keeps both."""

from __future__ import annotations

from sqlalchemy import select

from sync.record.facts import (
    Fact,
    LineShorted,
    LineSkipped,
    LocationConfirmed,
    Picked,
    PutInTote,
    ShortReason,
    Stamp,
    Undone,
    Verdict,
)
from sync.record.ids import EventId
from sync.record.rows import ListStatus
from sync.store import tables as t
from sync.store.bench import Bench, RowDict
from sync.store.judging.demand import recover, recoverable
from sync.store.judging.lines_at_hand import (
    ACCEPTED,
    LineCase,
    discrepancy,
    line_case,
    quarantined,
    stock_row,
    touch_line,
)
from sync.store.places import SURPLUS
from sync.wire.codec import decode_entry


def judge_undone(bench: Bench, stamp: Stamp, fact: Undone) -> Verdict:
    """Takes back picks, puts, shorts, skips and location scans, as long as the tote has not moved on."""
    earlier = _earlier(bench, fact.undoes)
    if earlier is None:
        return quarantined("unknown-event")
    if _undone_already(bench, fact.undoes):
        return discrepancy("undone-already")
    match earlier:
        case LocationConfirmed() | LineSkipped() | PutInTote() | Picked() | LineShorted():
            case = line_case(bench, earlier.line_id)
        case _:
            return discrepancy("cannot-undo")
    if case is None:
        return quarantined("unknown-line")
    if case.list["status"] == ListStatus.HANDED_OVER:
        return _too_late(bench, stamp, case, "the tote had been handed over")
    touch_line(bench, case)
    bench.undone.add(fact.undoes)
    match earlier:
        case LocationConfirmed():
            bench.lines.change(case.line, located=False)
        case LineSkipped():
            bench.lines.change(case.line, passes=max(0, case.line["passes"] - 1))
        case PutInTote():
            bench.lines.change(case.line, put=max(0, case.line["put"] - earlier.quantity))
        case Picked():
            _unpick(bench, stamp, fact.undoes, case, earlier)
        case LineShorted():
            return _unshort(bench, stamp, case, earlier)
    return ACCEPTED


def _undone_already(bench: Bench, event_id: EventId) -> bool:
    if event_id in bench.undone:
        return True
    found = select(t.event.c.seq).where(t.event.c.site_id == bench.site_id, t.event.c.undoes == event_id).limit(1)
    return bench.work.conn.execute(found).first() is not None


def _earlier(bench: Bench, event_id: EventId) -> Fact | None:
    """The fact as it was judged: in this batch, or in one before."""
    if event_id in bench.judged:
        return bench.judged[event_id]
    body = bench.work.conn.execute(
        select(t.event.c.body)
        .where(t.event.c.site_id == bench.site_id, t.event.c.event_id == event_id, t.event.c.verdict != "duplicate")
        .limit(1)
    ).scalar_one_or_none()
    return None if body is None else decode_entry(bytes(body)).fact


def _too_late(bench: Bench, stamp: Stamp, case: LineCase, why: str) -> Verdict:
    bench.discrepancy(
        stamp.event_id,
        "undo-late",
        f"an undo at {case.line['location']} came when {why}: check the tote of order {case.order['order_ref']}",
        order_id=case.order["order_id"],
        item_id=case.line["item_id"],
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
    )
    return discrepancy("undo-late")


def _unpick(bench: Bench, stamp: Stamp, undoes: EventId, case: LineCase, fact: Picked) -> None:
    """Every move that the pick made is made back; the pieces are reserved for the line again."""
    taken = stock_row(bench, fact.location, fact.item_id, fact.lot or "")
    counted = surplus = 0
    for move in bench.moves_of(undoes):
        bench.move(
            stamp.event_id,
            item_id=move["item_id"],
            lot=move["lot"],
            quantity=move["quantity"],
            source=move["target"],
            target=move["source"],
            reason="undo",
        )
        if move["target"] == SURPLUS:
            surplus += move["quantity"]
        else:
            counted += move["quantity"]
            content = _content(bench, move["target"].removeprefix("tote:"), case, fact)
            bench.tote_contents.change(content, quantity=content["quantity"] - move["quantity"])
    bench.stock.change(taken, on_hand=taken["on_hand"] + counted + surplus)
    reserved = stock_row(bench, case.line["location"], case.line["item_id"], case.line["lot"])
    bench.stock.change(reserved, allocated=reserved["allocated"] + counted)
    bench.lines.change(
        case.line,
        picked=case.line["picked"] - counted,
        surplus=case.line["surplus"] - surplus,
        put=min(case.line["put"], case.line["picked"] - counted),
    )
    line = case.order_line
    bench.order_lines.change(line, picked=line["picked"] - counted, allocated=line["allocated"] + counted)


def _content(bench: Bench, tote: str, case: LineCase, fact: Picked) -> RowDict:
    content = bench.tote_contents.get(tote, case.line["order_line_id"], fact.lot or "")
    if content is None:
        raise LookupError(f"the journal says that a pick went into {tote}, and the tote does not hold it")
    return content


def _unshort(bench: Bench, stamp: Stamp, case: LineCase, fact: LineShorted) -> Verdict:
    """The demand comes back to this location, as far as nobody has begun to fill it from elsewhere."""
    quantity = min(fact.quantity, case.line["shorted"])
    line = case.order_line
    if fact.reason is ShortReason.CUT:
        bench.order_lines.change(line, cut=max(0, line["cut"] - quantity))
        _reserve_again(bench, case, quantity)
        return ACCEPTED
    if recoverable(bench, case) < quantity:
        return _too_late(bench, stamp, case, "the missing pieces had been picked elsewhere")
    recover(bench, case, quantity)
    bench.lines.change(case.line, shorted=case.line["shorted"] - quantity, asked=case.line["asked"] - quantity)
    return ACCEPTED


def _reserve_again(bench: Bench, case: LineCase, quantity: int) -> None:
    bench.lines.change(case.line, shorted=case.line["shorted"] - quantity)
    reserved = stock_row(bench, case.line["location"], case.line["item_id"], case.line["lot"])
    bench.stock.change(reserved, allocated=reserved["allocated"] + quantity)
    bench.order_lines.change(case.order_line, allocated=case.order_line["allocated"] + quantity)

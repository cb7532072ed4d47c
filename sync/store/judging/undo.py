"""Judging an undo: the earlier fact's effect is taken back; the record keeps both."""

from __future__ import annotations

from sqlalchemy import select

from sync.record.facts import (
    Entry,
    LineShorted,
    LineSkipped,
    LocationConfirmed,
    Picked,
    PutInTote,
    ShortReason,
    Stamp,
    Undone,
    Verdict,
    VerdictKind,
)
from sync.record.ids import EventId
from sync.record.picking import LineFact
from sync.store import tables as t
from sync.store.bench import Bench, RowDict
from sync.store.judging.demand import recover, recoverable
from sync.store.judging.lines_at_hand import (
    ACCEPTED,
    LineCase,
    ask,
    discrepancy,
    is_stale,
    is_walked,
    line_case,
    quarantined,
    reserve_here,
    stock_row,
    touch_line,
)
from sync.store.judging.putting import take_back_put
from sync.store.places import LOST, SURPLUS
from sync.wire.codec import decode_entry

TOOK_EFFECT = (VerdictKind.ACCEPTED, VerdictKind.DISCREPANCY)


def judge_undone(bench: Bench, stamp: Stamp, fact: Undone) -> Verdict:
    """Takes back picks, puts, shorts, skips and location scans, as long as the tote has not moved on."""
    entry = _earlier(bench, fact.undoes)
    if entry is None:
        return quarantined("unknown-event")
    if entry.stamp.terminal_id != stamp.terminal_id:
        return quarantined("other-ledger")
    if _undone_already(bench, fact.undoes):
        return discrepancy("undone-already")
    match entry.fact:
        case LocationConfirmed() | LineSkipped() | PutInTote() | Picked() | LineShorted() as earlier:
            case = line_case(bench, earlier.line_id)
            return quarantined("unknown-line") if case is None else _take_back(bench, stamp, fact.undoes, case, earlier)
        case _:
            return discrepancy("cannot-undo")


def _take_back(bench: Bench, stamp: Stamp, undoes: EventId, case: LineCase, earlier: LineFact) -> Verdict:
    if not is_walked(case.list):
        return _too_late(bench, stamp, case, "the tote had been handed over")
    touch_line(bench, case)
    line, is_mine = case.line, not is_stale(case.list, earlier.token)
    match earlier:
        case LocationConfirmed():
            bench.lines.change(line, located=line["located"] and not is_mine)
        case LineSkipped():
            bench.lines.change(line, passes=max(0, line["passes"] - int(is_mine)))
        case PutInTote():
            take_back_put(bench, stamp, undoes, case, earlier)
        case Picked():
            return _unpick(bench, stamp, undoes, case, earlier)
        case LineShorted():
            return _unshort(bench, stamp, undoes, case, earlier)
    return ACCEPTED


def _undone_already(bench: Bench, event_id: EventId) -> bool:
    if event_id in bench.undone:
        return True
    found = select(t.event.c.seq).where(t.event.c.site_id == bench.site_id, t.event.c.undoes == event_id).limit(1)
    return bench.work.conn.execute(found).first() is not None


def _earlier(bench: Bench, event_id: EventId) -> Entry | None:
    """The entry that took effect: in this batch, or in one before."""
    if event_id in bench.judged:
        return bench.judged[event_id]
    e = t.event.c
    body = bench.work.conn.execute(
        select(e.body).where(e.site_id == bench.site_id, e.event_id == event_id, e.verdict.in_(TOOK_EFFECT)).limit(1)
    ).scalar_one_or_none()
    return None if body is None else decode_entry(bytes(body))


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


def _unpick(bench: Bench, stamp: Stamp, undoes: EventId, case: LineCase, fact: Picked) -> Verdict:
    """Every move that the pick made is made back; the pieces are reserved for the line again."""
    moves = bench.moves_of(undoes)
    surplus = sum(move["quantity"] for move in moves if move["target"] == SURPLUS)
    counted = sum(move["quantity"] for move in moves) - surplus
    contents = [
        (_content(bench, move["target"].removeprefix("tote:"), case, fact), move["quantity"])
        for move in moves
        if move["target"] != SURPLUS
    ]
    if any(content["quantity"] - content["verified"] < quantity for content, quantity in contents):
        return _too_late(bench, stamp, case, "the pieces had been packed")
    for content, quantity in contents:
        bench.tote_contents.change(content, quantity=content["quantity"] - quantity)
    _move_back(bench, stamp, moves)
    taken = stock_row(bench, fact.location, fact.item_id, fact.lot or "")
    bench.stock.change(taken, on_hand=taken["on_hand"] + counted + surplus)
    reserve_here(bench, case.line, counted)
    bench.lines.change(
        case.line,
        picked=case.line["picked"] - counted,
        surplus=case.line["surplus"] - surplus,
        put=min(case.line["put"], case.line["picked"] - counted),
    )
    line = case.order_line
    bench.order_lines.change(line, picked=line["picked"] - counted, allocated=line["allocated"] + counted)
    bench.settle(undoes, by="undo", settlement=stamp.event_id)
    return ACCEPTED


def _move_back(bench: Bench, stamp: Stamp, moves: list[RowDict]) -> None:
    for move in moves:
        bench.move(
            stamp.event_id,
            item_id=move["item_id"],
            lot=move["lot"],
            quantity=move["quantity"],
            source=move["target"],
            target=move["source"],
            reason="undo",
        )


def _content(bench: Bench, tote: str, case: LineCase, fact: Picked) -> RowDict:
    content = bench.tote_contents.get(tote, case.line["order_line_id"], fact.lot or "")
    if content is None:
        raise LookupError(f"the journal says that a pick went into {tote}, and the tote does not hold it")
    return content


def _unshort(bench: Bench, stamp: Stamp, undoes: EventId, case: LineCase, fact: LineShorted) -> Verdict:
    """The demand comes back to this location, as far as nobody has begun to fill it from elsewhere."""
    opened = bench.opened_by(undoes)
    quantity = 0 if opened is None else int(opened["quantity"])  # what it came to, which may be less than it said
    if fact.reason is ShortReason.CUT:
        line = case.order_line
        bench.order_lines.change(line, cut=line["cut"] - quantity, allocated=line["allocated"] + quantity)
        reserve_here(bench, case.line, quantity)
    elif recoverable(bench, case) < quantity:
        return _too_late(bench, stamp, case, "the missing pieces had been picked elsewhere")
    else:
        recover(bench, case, quantity)
        ask(bench, case.line, -quantity)
    bench.lines.change(case.line, shorted=case.line["shorted"] - quantity)
    _unwrite(bench, stamp, undoes, case)
    bench.settle(undoes, by="undo", settlement=stamp.event_id)
    return ACCEPTED


def _unwrite(bench: Bench, stamp: Stamp, undoes: EventId, case: LineCase) -> None:
    """Pieces that were written off as damaged stand at the location again."""
    written_off = [move for move in bench.moves_of(undoes) if move["target"] == LOST]
    _move_back(bench, stamp, written_off)
    here = stock_row(bench, case.line["location"], case.line["item_id"], case.line["lot"])
    bench.stock.change(here, on_hand=here["on_hand"] + sum(move["quantity"] for move in written_off))

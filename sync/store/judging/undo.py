"""Judging an undo: the earlier fact's effect is taken back; the record keeps both."""

from __future__ import annotations

from sqlalchemy import or_, select, update

from sync.record.facts import (
    Entry,
    LineShorted,
    LineSkipped,
    LocationConfirmed,
    PackReported,
    Picked,
    PieceVerified,
    PutInTote,
    ShortReason,
    Stamp,
    ToteBound,
    Undone,
    Verdict,
    VerdictKind,
)
from sync.record.ids import EventId, LocationCode
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
from sync.store.judging.serials import give_serial_back
from sync.store.judging.shorts import CLOSES_THE_LOCATION, EMPTY
from sync.store.judging.taking_back import UNDO, move_back, too_late
from sync.store.judging.undo_packing import unbind, unreport, unverify
from sync.store.places import LOST, SURPLUS, at_location
from sync.wire.codec import decode_entry

_REPORTED = (EMPTY, *CLOSES_THE_LOCATION)
"""Why a location is blocked that a picker has reported; what a lead has frozen stays frozen."""
TOOK_EFFECT = (VerdictKind.ACCEPTED, VerdictKind.DISCREPANCY)


def judge_undone(bench: Bench, stamp: Stamp, fact: Undone) -> Verdict:
    """Takes back what a picker or packer did, as long as the tote has not moved on."""
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
        case ToteBound() as bound:
            return unbind(bench, stamp, fact.undoes, bound)
        case PieceVerified() as verified:
            return unverify(bench, stamp, fact.undoes, verified)
        case PackReported() as reported:
            return unreport(bench, stamp, fact.undoes, reported)
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
    took_effect = (e.verdict.in_(TOOK_EFFECT), *(e.replayed.startswith(kind) for kind in TOOK_EFFECT))
    body = bench.work.conn.execute(
        select(e.body).where(e.site_id == bench.site_id, e.event_id == event_id, or_(*took_effect)).limit(1)
    ).scalar_one_or_none()
    return None if body is None else decode_entry(bytes(body))


def _too_late(bench: Bench, stamp: Stamp, case: LineCase, why: str) -> Verdict:
    text = f"an undo at {case.line['location']} came when {why}: check the tote of order {case.order['order_ref']}"
    return too_late(bench, stamp, text, order_id=case.order["order_id"], item_id=case.line["item_id"])


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
    opened = bench.opened_by(undoes) if surplus else None
    if opened is not None and opened["settled_at"] is not None:
        return _too_late(bench, stamp, case, "a lead had seen to the surplus pieces")
    for content, quantity in contents:
        bench.tote_contents.change(content, quantity=content["quantity"] - quantity)
    move_back(bench, stamp, moves)
    taken = stock_row(bench, fact.location, fact.item_id, fact.lot or "")
    bench.stock.change(taken, on_hand=taken["on_hand"] + counted + surplus)
    give_serial_back(bench, undoes, fact)
    reserve_here(bench, case.line, counted)
    bench.lines.change(
        case.line,
        picked=case.line["picked"] - counted,
        surplus=case.line["surplus"] - surplus,
        put=min(case.line["put"], case.line["picked"] - counted),
    )
    line = case.order_line
    bench.order_lines.change(line, picked=line["picked"] - counted, allocated=line["allocated"] + counted)
    bench.settle(undoes, by=UNDO, settlement=stamp.event_id)
    return ACCEPTED


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
    bench.settle(undoes, by=UNDO, settlement=stamp.event_id)
    if fact.reason in CLOSES_THE_LOCATION:
        _unblock(bench, stamp, LocationCode(case.line["location"]))
    return ACCEPTED


def _unblock(bench: Bench, stamp: Stamp, location: LocationCode) -> None:
    """The place is open again where nobody else reported it; the same terminal's own reports of it fall with this."""
    row = bench.locations.get(location)
    if row is None or row["blocked"] not in _REPORTED:
        return
    bench.flush()
    d = t.discrepancy.c
    open_here = (
        (d.site_id == bench.site_id)
        & (d.place == at_location(location))
        & d.kind.in_([EMPTY, *(f"short-{reason}" for reason in CLOSES_THE_LOCATION)])
        & d.settled_at.is_(None)
    )
    mine = open_here & (d.terminal_id == stamp.terminal_id) & (d.kind == EMPTY)
    settled = {"settled_at": bench.now, "settled_by": UNDO, "settlement": stamp.event_id}
    others = select(d.discrepancy_id).where(open_here, or_(d.terminal_id != stamp.terminal_id, d.kind != EMPTY))
    if bench.work.conn.execute(others.limit(1)).first() is None:
        bench.work.conn.execute(update(t.discrepancy).where(mine).values(**settled))
        bench.locations.change(row, blocked=None)
        bench.work.touch("location", location)


def _unwrite(bench: Bench, stamp: Stamp, undoes: EventId, case: LineCase) -> None:
    """Pieces that were written off as damaged stand at the location again."""
    written_off = [move for move in bench.moves_of(undoes) if move["target"] == LOST]
    move_back(bench, stamp, written_off)
    here = stock_row(bench, case.line["location"], case.line["item_id"], case.line["lot"])
    bench.stock.change(here, on_hand=here["on_hand"] + sum(move["quantity"] for move in written_off))

"""Judging an undo: the earlier fact's effect is taken back; the record keeps both."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import or_, select

from sync.record.facts import (
    CartToteBound,
    Counted,
    Entry,
    LineShorted,
    LineSkipped,
    LocationConfirmed,
    PackReported,
    Picked,
    PieceVerified,
    PutInCubby,
    PutInTote,
    ShortReason,
    SortReported,
    Stamp,
    ToteBound,
    Undone,
    Verdict,
    VerdictKind,
    ZeroChecked,
)
from sync.record.ids import EventId, LocationCode, OrderId, ToteCode
from sync.record.picking import LineFact
from sync.store import tables as t
from sync.store.bench import Bench, RowDict
from sync.store.judging.batches import picked_into
from sync.store.judging.consequences import take_back
from sync.store.judging.counting import take_back_zero
from sync.store.judging.demand import recover, recoverable
from sync.store.judging.lines_at_hand import (
    ACCEPTED,
    LineCase,
    ask,
    discrepancy,
    is_stale,
    is_walked,
    line_case,
    lot_changed,
    quarantined,
    reserve_here,
    see_stock,
    stock_row,
    touch_line,
)
from sync.store.judging.putting import take_back_put
from sync.store.judging.serials import give_serial_back
from sync.store.judging.taking_back import UNDO, move_back, too_late
from sync.store.judging.undo_packing import unbind, unreport, unverify
from sync.store.judging.undo_sorting import unput, unreport_sort
from sync.store.places import LOST, SURPLUS
from sync.store.site_files.reasons import Then
from sync.wire.codec import decode_entry

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
        case ToteBound() | CartToteBound() as bound:
            return unbind(bench, stamp, fact.undoes, bound)
        case PieceVerified() as verified:
            return unverify(bench, stamp, fact.undoes, verified)
        case PackReported() as reported:
            return unreport(bench, stamp, fact.undoes, reported)
        case PutInCubby() as sorted_out:
            return unput(bench, stamp, fact.undoes, sorted_out)
        case SortReported() as at_the_wall:
            return unreport_sort(bench, stamp, fact.undoes, at_the_wall)
        case Counted():
            return ACCEPTED  # it had moved nothing
        case ZeroChecked() as checked:
            return take_back_zero(bench, stamp, fact.undoes, checked)
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
        left = content["quantity"] - quantity
        weight_g = max(0, content["weight_g"] - (fact.weight_g or 0) * quantity // fact.quantity) if left else 0
        bench.tote_contents.change(content, quantity=left, weight_g=weight_g)
        picked_into(bench, case.list, ToteCode(content["tote"]), -quantity)
    move_back(bench, stamp, moves)
    taken = stock_row(bench, fact.location, fact.item_id, fact.lot or "")
    bench.stock.change(taken, on_hand=taken["on_hand"] + counted + surplus)
    see_stock(bench, case.line, taken)
    give_serial_back(bench, undoes, fact)
    lot_changed(bench, case, fact.lot or "", -counted)
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
    followed = _followed(fact, opened)
    if Then.CUT in followed:
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
    take_back(bench, stamp, undoes, followed, LocationCode(case.line["location"]), OrderId(case.order["order_id"]))
    return ACCEPTED


def _followed(fact: LineShorted, opened: RowDict | None) -> Collection[str]:
    """What the reason had done; before there was a table of reasons it stood in the program."""
    if opened is None or opened["followed"] is None:
        return _BEFORE_THE_TABLE.get(fact.reason, ())
    return frozenset(opened["followed"])


_BEFORE_THE_TABLE: Mapping[str, tuple[Then, ...]] = {
    ShortReason.CUT: (Then.CUT,),
    ShortReason.SHORT: (Then.FREEZE,),
    ShortReason.WRONG_ITEM: (Then.FREEZE,),
}


def _unwrite(bench: Bench, stamp: Stamp, undoes: EventId, case: LineCase) -> None:
    """Pieces that were written off as damaged stand at the location again."""
    written_off = [move for move in bench.moves_of(undoes) if move["target"] == LOST]
    move_back(bench, stamp, written_off)
    here = stock_row(bench, case.line["location"], case.line["item_id"], case.line["lot"])
    bench.stock.change(here, on_hand=here["on_hand"] + sum(move["quantity"] for move in written_off))

"""Judging what pickers did to pick lines: located, picked, skipped."""

from __future__ import annotations

from sqlalchemy import select

from sync.record.facts import LineSkipped, LocationConfirmed, Picked, Stamp, Verdict
from sync.record.ids import ToteCode
from sync.record.rows import ToteStatus
from sync.store import tables as t
from sync.store.bench import Bench
from sync.store.judging.batches import picked_into
from sync.store.judging.demand import recover
from sync.store.judging.late import other_side, tote_of
from sync.store.judging.lines_at_hand import (
    LineCase,
    discrepancy,
    is_stale,
    is_walked,
    line_case,
    lot_changed,
    quarantined,
    reserve_here,
    see_stock,
    stock_row,
    token_verdict,
    touch_line,
)
from sync.store.judging.serials import SERIAL_TWICE, take_serial
from sync.store.places import SURPLUS, at_location, in_tote
from sync.store.unit_of_work import PACK_STATIONS

HEAVIEST_PICK_G = 100_000_000
"""Of one fact: a hundred tonnes."""


def judge_located(bench: Bench, fact: LocationConfirmed) -> Verdict:
    case = line_case(bench, fact.line_id)
    if case is None:
        return quarantined("unknown-line")
    if not is_stale(case.list, fact.token):  # where somebody else stands now is theirs to say
        bench.lines.change(case.line, located=True)
        touch_line(bench, case)
    return token_verdict(case.list, fact.token)


def judge_skipped(bench: Bench, fact: LineSkipped) -> Verdict:
    case = line_case(bench, fact.line_id)
    if case is None:
        return quarantined("unknown-line")
    if not is_stale(case.list, fact.token):
        bench.lines.change(case.line, located=False, passes=case.line["passes"] + 1)
        touch_line(bench, case)
    return token_verdict(case.list, fact.token)


def judge_picked(bench: Bench, stamp: Stamp, fact: Picked) -> Verdict:
    """Counts what the line has room for; the rest is surplus, to be put back (promise P4)."""
    case = line_case(bench, fact.line_id)
    if case is None:
        return quarantined("unknown-line")
    unknown = _unknown(bench, case, fact)
    if unknown is not None:
        return quarantined(unknown)
    tote = tote_of(bench, stamp, case, fact.token)
    if fact.weight_g is not None and not 0 < fact.weight_g <= HEAVIEST_PICK_G:
        return quarantined("weight")
    not_counted = _why_not_counted(case, fact, tote)
    counted = 0
    if not_counted is None and tote is not None:
        if fact.quantity > case.room:
            # The location was withdrawn while the picker stood there and found the pieces all the same.
            recover(bench, case, fact.quantity - case.room)
        counted = min(fact.quantity, case.room)
    taken = stock_row(bench, fact.location, fact.item_id, fact.lot or "")
    bench.stock.change(taken, on_hand=taken["on_hand"] - fact.quantity)
    see_stock(bench, case.line, taken)
    if counted and tote is not None:
        _count(bench, stamp, case, fact, counted, tote)
    touch_line(bench, case)
    lot_changed(bench, case, taken["lot"], counted)
    twice = take_serial(bench, stamp, fact, case.order["order_id"], tote if counted else None)
    if counted == fact.quantity:
        return discrepancy(SERIAL_TWICE) if twice else token_verdict(case.list, fact.token)
    surplus = fact.quantity - counted
    return _put_back(bench, stamp, case, fact, surplus, not_counted or _why_surplus(case, surplus))


def _unknown(bench: Bench, case: LineCase, fact: Picked) -> str | None:
    """What the fact names that the record has never heard of: stock of it would be stock nowhere."""
    if fact.location != case.line["location"] and bench.locations.get(fact.location) is None:
        return "unknown-location"
    if fact.item_id == case.line["item_id"]:
        return None
    i = t.item.c
    known = select(i.item_id).where(i.site_id == bench.site_id, i.item_id == fact.item_id)
    return None if bench.work.conn.execute(known).first() is not None else "unknown-item"


def _why_not_counted(case: LineCase, fact: Picked, tote: ToteCode | None) -> str | None:
    if fact.item_id != case.line["item_id"]:
        return "wrong-item"
    if case.cancelled:
        return "cancelled"
    if not is_walked(case.list):
        return "list-ended"
    return "no-tote" if tote is None else None


def _why_surplus(case: LineCase, surplus: int) -> str:
    return "cancelled" if surplus <= case.order_line["cancelled"] else "overpick"


def _count(bench: Bench, stamp: Stamp, case: LineCase, fact: Picked, counted: int, tote: ToteCode) -> None:
    """The reservation falls where it was made: the pieces may come from another location or lot."""
    reserve_here(bench, case.line, -counted)
    bench.move(
        stamp.event_id,
        item_id=fact.item_id,
        lot=fact.lot or "",
        quantity=counted,
        source=at_location(fact.location),
        target=in_tote(tote),
        reason="pick",
    )
    content = bench.tote_contents.get(tote, case.line["order_line_id"], fact.lot or "") or bench.tote_contents.add(
        tote=tote,
        order_line_id=case.line["order_line_id"],
        lot=fact.lot or "",
        item_id=fact.item_id,
        quantity=0,
        verified=0,
        weight_g=0,
    )
    weight_g = (fact.weight_g or 0) * counted // fact.quantity
    bench.tote_contents.change(content, quantity=content["quantity"] + counted, weight_g=content["weight_g"] + weight_g)
    # Nobody else has in the hand what comes late: who picks now is not asked to put it.
    put = counted if is_stale(case.list, fact.token) else 0
    bench.lines.change(case.line, picked=case.line["picked"] + counted, put=case.line["put"] + put)
    line = case.order_line
    bench.order_lines.change(line, picked=line["picked"] + counted, allocated=line["allocated"] - counted)
    picked_into(bench, case.list, tote, counted)
    at_packing = bench.totes.get(tote)
    if at_packing is not None and at_packing["status"] == ToteStatus.TO_PACK:
        bench.work.touch("packing", tote, PACK_STATIONS)


def _put_back(bench: Bench, stamp: Stamp, case: LineCase, fact: Picked, surplus: int, kind: str) -> Verdict:
    source = at_location(fact.location)
    bench.move(
        stamp.event_id,
        item_id=fact.item_id,
        lot=fact.lot or "",
        quantity=surplus,
        source=source,
        target=SURPLUS,
        reason="pick",
    )
    bench.lines.change(case.line, surplus=case.line["surplus"] + surplus)
    order_ref = case.order["order_ref"]
    why = {
        "wrong-item": f"the line asks for {case.line['item_id']}; put it back",
        "cancelled": f"order {order_ref} was cancelled or wants fewer; put it back",
        "list-ended": f"the pick list of order {order_ref} had ended; put it back",
        "no-tote": "no tote was bound to the list; find the pieces and put them back",
        "overpick": f"more than order {order_ref} still needs; put it back",
    }
    bench.discrepancy(
        stamp.event_id,
        kind,
        f"{surplus} of {fact.item_id} from {fact.location}: {why[kind]}",
        quantity=surplus,
        order_id=case.order["order_id"],
        item_id=fact.item_id,
        place=source,
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
        other=other_side(case, fact.token),
    )
    return discrepancy(kind)

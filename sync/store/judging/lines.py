"""Judging what pickers did to pick lines: located, picked, put, skipped, shorted."""

from __future__ import annotations

from sync.record.facts import (
    LineShorted,
    LineSkipped,
    LocationConfirmed,
    Picked,
    PutInTote,
    ReportedEmpty,
    ShortReason,
    Stamp,
    Verdict,
    VerdictKind,
)
from sync.record.ids import ToteCode
from sync.store.bench import Bench
from sync.store.judging.demand import recover
from sync.store.judging.lines_at_hand import (
    ACCEPTED,
    LineCase,
    discrepancy,
    line_case,
    quarantined,
    stock_row,
    token_verdict,
    touch_line,
)
from sync.store.places import SURPLUS, at_location, in_tote
from sync.store.reallocating import reallocate, withdraw_location


def judge_located(bench: Bench, fact: LocationConfirmed) -> Verdict:
    case = line_case(bench, fact.line_id)
    if case is None:
        return quarantined("unknown-line")
    bench.lines.change(case.line, located=True)
    touch_line(bench, case)
    return token_verdict(case, fact.token)


def judge_skipped(bench: Bench, fact: LineSkipped) -> Verdict:
    case = line_case(bench, fact.line_id)
    if case is None:
        return quarantined("unknown-line")
    bench.lines.change(case.line, located=False, passes=case.line["passes"] + 1)
    touch_line(bench, case)
    return token_verdict(case, fact.token)


def judge_put(bench: Bench, fact: PutInTote) -> Verdict:
    case = line_case(bench, fact.line_id)
    if case is None:
        return quarantined("unknown-line")
    bench.lines.change(case.line, put=min(case.line["picked"], case.line["put"] + fact.quantity))
    touch_line(bench, case)
    return token_verdict(case, fact.token)


def judge_picked(bench: Bench, stamp: Stamp, fact: Picked) -> Verdict:
    """Counts what the line has room for; the rest is surplus, to be put back (promise P4)."""
    case = line_case(bench, fact.line_id)
    if case is None:
        return quarantined("unknown-line")
    if fact.quantity <= 0:
        return quarantined("quantity")
    right_item = fact.item_id == case.line["item_id"]
    tote = case.list["totes"][-1] if case.list["totes"] else None
    counted = 0
    if right_item and tote is not None and not case.cancelled:
        if fact.quantity > case.room:
            # The location was withdrawn while the picker stood there and found the pieces all the same.
            recover(bench, case, fact.quantity - case.room)
        counted = min(fact.quantity, case.room)
    _take_from_stock(bench, case, fact, counted)
    source = at_location(fact.location)
    about = {"item_id": fact.item_id, "lot": fact.lot or "", "source": source, "reason": "pick"}
    if counted and tote is not None:
        bench.move(stamp.event_id, quantity=counted, target=in_tote(ToteCode(tote)), **about)
        _put_into_tote(bench, case, tote, fact, counted)
        bench.lines.change(case.line, picked=case.line["picked"] + counted)
        line = case.order_line
        bench.order_lines.change(line, picked=line["picked"] + counted, allocated=max(0, line["allocated"] - counted))
    surplus = fact.quantity - counted
    touch_line(bench, case)
    if not surplus:
        return token_verdict(case, fact.token)
    bench.move(stamp.event_id, quantity=surplus, target=SURPLUS, **about)
    bench.lines.change(case.line, surplus=case.line["surplus"] + surplus)
    kind, text = _why_surplus(case, right_item, tote)
    bench.discrepancy(
        stamp.event_id,
        kind,
        f"{surplus} of {fact.item_id} from {fact.location}: {text}",
        quantity=surplus,
        order_id=case.order["order_id"],
        item_id=fact.item_id,
        place=source,
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
    )
    return discrepancy(kind)


def _why_surplus(case: LineCase, right_item: bool, tote: str | None) -> tuple[str, str]:
    if not right_item:
        return "wrong-item", f"the line asks for {case.line['item_id']}; put it back"
    if case.cancelled:
        return "cancelled", f"order {case.order['order_ref']} was cancelled; put it back"
    if tote is None:
        return "no-tote", "no tote was bound to the list; find the pieces and put them back"
    return "overpick", f"more than order {case.order['order_ref']} still needs; put it back"


def _take_from_stock(bench: Bench, case: LineCase, fact: Picked, counted: int) -> None:
    """On hand falls where the pieces were taken; the reservation falls where it was made (another lot, perhaps)."""
    taken = stock_row(bench, fact.location, fact.item_id, fact.lot or "")
    bench.stock.change(taken, on_hand=taken["on_hand"] - fact.quantity)
    if counted:
        reserved = stock_row(bench, case.line["location"], case.line["item_id"], case.line["lot"])
        bench.stock.change(reserved, allocated=max(0, reserved["allocated"] - counted))


def _put_into_tote(bench: Bench, case: LineCase, tote: str, fact: Picked, counted: int) -> None:
    key = (tote, case.line["order_line_id"], fact.lot or "")
    content = bench.tote_contents.get(*key)
    if content is None:
        content = bench.tote_contents.add(
            tote=key[0], order_line_id=key[1], lot=key[2], item_id=fact.item_id, quantity=0, verified=0
        )
    bench.tote_contents.change(content, quantity=content["quantity"] + counted)


def judge_shorted(bench: Bench, stamp: Stamp, fact: LineShorted) -> Verdict:
    """Gives the reservation back, opens the discrepancy and looks for stock elsewhere at once."""
    case = line_case(bench, fact.line_id)
    if case is None:
        return quarantined("unknown-line")
    quantity = min(fact.quantity, case.room)
    if quantity <= 0:
        return Verdict(kind=VerdictKind.ACCEPTED, reason="nothing-open")
    bench.lines.change(case.line, shorted=case.line["shorted"] + quantity)
    reserved = stock_row(bench, case.line["location"], case.line["item_id"], case.line["lot"])
    bench.stock.change(reserved, allocated=max(0, reserved["allocated"] - quantity))
    line, location = case.order_line, case.line["location"]
    bench.order_lines.change(line, allocated=max(0, line["allocated"] - quantity))
    touch_line(bench, case)
    if fact.reason is ShortReason.CUT:
        bench.order_lines.change(line, cut=line["cut"] + quantity)
    bench.discrepancy(
        stamp.event_id,
        f"short-{fact.reason}",
        f"{quantity} of {case.line['item_id']} not picked at {location} for order {case.order['order_ref']}",
        quantity=quantity,
        order_id=case.order["order_id"],
        item_id=case.line["item_id"],
        place=at_location(case.line["location"]),
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
    )
    if fact.reason is ShortReason.CUT:
        return token_verdict(case, fact.token)
    verdict = token_verdict(case, fact.token)
    bench.flush()
    if fact.reason in (ShortReason.SHORT, ShortReason.WRONG_ITEM):
        _block(bench, location, fact.reason)
    bench.flush()
    reallocate(bench.work, fact.line_id, quantity)
    if fact.reason in (ShortReason.SHORT, ShortReason.WRONG_ITEM):
        withdraw_location(bench.work, location, keep_list=case.list["list_id"])
    bench.forget()
    return verdict


def judge_reported_empty(bench: Bench, stamp: Stamp, fact: ReportedEmpty) -> Verdict:
    if bench.locations.get(fact.location) is None:
        return quarantined("unknown-location")
    _block(bench, fact.location, "empty")
    bench.discrepancy(
        stamp.event_id,
        "empty",
        f"{fact.location} was reported empty; count it",
        place=at_location(fact.location),
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
    )
    bench.flush()
    withdraw_location(bench.work, fact.location)
    bench.forget()
    return ACCEPTED


def _block(bench: Bench, location: str, why: str) -> None:
    row = bench.locations.get(location)
    if row is not None and row["blocked"] is None:
        bench.locations.change(row, blocked=str(why))
        bench.work.touch("location", location)

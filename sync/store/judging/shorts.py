"""Judging what pickers did not find, and what they say of locations; what follows is the site's table of reasons."""

from __future__ import annotations

from sync.record.facts import LineShorted, LocationReported, ReportedEmpty, ShortReason, Stamp, Verdict
from sync.record.ids import ItemId, LocationCode, OrderId
from sync.store.bench import Bench
from sync.store.judging.consequences import follow, hold, note, reason_given
from sync.store.judging.late import other_side
from sync.store.judging.lines_at_hand import (
    ACCEPTED,
    LineCase,
    accepted,
    is_stale,
    line_case,
    quarantined,
    reserve_here,
    stock_row,
    token_verdict,
    touch_line,
)
from sync.store.orders.reallocating import reallocate, withdraw_location
from sync.store.places import LOST, at_location
from sync.store.site_files.reasons import Then

EMPTY = "empty"
LABEL_MISSING = "label_missing"
"""What an unknown reason about a location counts as: nothing follows of it but that a lead is told."""


def judge_shorted(bench: Bench, stamp: Stamp, fact: LineShorted) -> Verdict:
    """Gives the reservation back, keeps what was missing and does what the reason says."""
    case = line_case(bench, fact.line_id)
    if case is None:
        return quarantined("unknown-line")
    quantity = min(fact.quantity, case.room)
    if not quantity:
        return accepted("nothing-open")
    reason = reason_given(bench, stamp, fact.reason, ShortReason.SHORT)
    bench.lines.change(case.line, shorted=case.line["shorted"] + quantity)
    reserve_here(bench, case.line, -quantity)
    line = case.order_line
    bench.order_lines.change(line, allocated=line["allocated"] - quantity)
    touch_line(bench, case)
    location = LocationCode(case.line["location"])
    note(
        bench,
        stamp,
        f"short-{reason.code}",
        f"{quantity} of {case.line['item_id']} not picked at {location} for order {case.order['order_ref']}",
        reason.then,
        quantity=quantity,
        order_id=case.order["order_id"],
        item_id=case.line["item_id"],
        place=at_location(location),
        other=other_side(case, fact.token) if is_stale(case.list, fact.token) else None,
    )
    verdict = token_verdict(case.list, fact.token)
    if Then.CUT in reason.then:
        bench.order_lines.change(line, cut=line["cut"] + quantity)
    if Then.WRITE_OFF in reason.then:
        _write_off(bench, stamp, case, quantity, reason.code)
    follow(bench, stamp, reason, location, [ItemId(case.line["item_id"])])
    if reason.then.isdisjoint(_REPLANS):
        return verdict
    bench.flush()
    if Then.LOOK_ELSEWHERE in reason.then:
        reallocate(bench.work, fact.line_id, quantity)
    if Then.FREEZE in reason.then:
        withdraw_location(bench.work, location, keep_list=case.list["list_id"])
    bench.forget()
    if Then.HOLD_ORDER in reason.then:
        hold(bench, stamp, reason.words["en"], OrderId(case.order["order_id"]))
    return verdict


_REPLANS = frozenset({Then.LOOK_ELSEWHERE, Then.FREEZE, Then.HOLD_ORDER})
"""What changes pick lines by the database."""


def _write_off(bench: Bench, stamp: Stamp, case: LineCase, quantity: int, why: str) -> None:
    """The pieces are no stock any more: else the next order would be sent to them."""
    line = case.line
    here = stock_row(bench, line["location"], line["item_id"], line["lot"])
    bench.stock.change(here, on_hand=here["on_hand"] - quantity)
    bench.move(
        stamp.event_id,
        item_id=line["item_id"],
        lot=line["lot"],
        quantity=quantity,
        source=at_location(line["location"]),
        target=LOST,
        reason=why,
    )


def judge_reported(bench: Bench, stamp: Stamp, fact: ReportedEmpty | LocationReported) -> Verdict:
    """Something is wrong with a location; the lines that are picked there stay as they are."""
    if bench.locations.get(fact.location) is None:
        return quarantined("unknown-location")
    code = EMPTY if isinstance(fact, ReportedEmpty) else fact.reason
    reason = reason_given(bench, stamp, code, EMPTY if code == EMPTY else LABEL_MISSING)
    counts = "; count it" if Then.COUNT in reason.then or reason.code == EMPTY else ""
    text = f"{fact.location} was reported {reason.words['en'].lower()}{counts}"
    note(bench, stamp, reason.code, text, reason.then, place=at_location(fact.location))
    items = sorted({ItemId(row["item_id"]) for row in bench.stock.where(location=fact.location)})
    follow(bench, stamp, reason, fact.location, items)
    if Then.FREEZE in reason.then:
        bench.flush()
        withdraw_location(bench.work, fact.location)
        bench.forget()
    return ACCEPTED

"""Judging what pickers did not find: shorted lines and locations reported empty."""

from __future__ import annotations

from sync.record.facts import LineShorted, ReportedEmpty, ShortReason, Stamp, Verdict
from sync.record.ids import LocationCode
from sync.store.bench import Bench
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

EMPTY = "empty"
CLOSES_THE_LOCATION = (ShortReason.SHORT, ShortReason.WRONG_ITEM)
"""The record is wrong about the location: nobody else is sent there until somebody has counted it."""


def judge_shorted(bench: Bench, stamp: Stamp, fact: LineShorted) -> Verdict:
    """Gives the reservation back, opens the discrepancy and looks for stock elsewhere at once."""
    case = line_case(bench, fact.line_id)
    if case is None:
        return quarantined("unknown-line")
    quantity = min(fact.quantity, case.room)
    if not quantity:
        return accepted("nothing-open")
    bench.lines.change(case.line, shorted=case.line["shorted"] + quantity)
    reserve_here(bench, case.line, -quantity)
    line = case.order_line
    bench.order_lines.change(line, allocated=line["allocated"] - quantity)
    touch_line(bench, case)
    location = LocationCode(case.line["location"])
    bench.discrepancy(
        stamp.event_id,
        f"short-{fact.reason}",
        f"{quantity} of {case.line['item_id']} not picked at {location} for order {case.order['order_ref']}",
        quantity=quantity,
        order_id=case.order["order_id"],
        item_id=case.line["item_id"],
        place=at_location(location),
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
        other=other_side(case, fact.token) if is_stale(case.list, fact.token) else None,
    )
    verdict = token_verdict(case.list, fact.token)
    if fact.reason is ShortReason.CUT:
        bench.order_lines.change(line, cut=line["cut"] + quantity)
        return verdict
    if fact.reason is ShortReason.DAMAGED:
        _write_off(bench, stamp, case, quantity)
    if fact.reason in CLOSES_THE_LOCATION:
        _block(bench, location, fact.reason)
    bench.flush()
    reallocate(bench.work, fact.line_id, quantity)
    if fact.reason in CLOSES_THE_LOCATION:
        withdraw_location(bench.work, location, keep_list=case.list["list_id"])
    bench.forget()
    return verdict


def _write_off(bench: Bench, stamp: Stamp, case: LineCase, quantity: int) -> None:
    """Damaged pieces are no stock any more: else the next order would be sent to them."""
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
        reason="damaged",
    )


def judge_reported_empty(bench: Bench, stamp: Stamp, fact: ReportedEmpty) -> Verdict:
    if bench.locations.get(fact.location) is None:
        return quarantined("unknown-location")
    _block(bench, fact.location, EMPTY)
    bench.discrepancy(
        stamp.event_id,
        EMPTY,
        f"{fact.location} was reported empty; count it",
        place=at_location(fact.location),
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
    )
    bench.flush()
    withdraw_location(bench.work, fact.location)
    bench.forget()
    return ACCEPTED


def _block(bench: Bench, location: LocationCode, why: str) -> None:
    row = bench.locations.get(location)
    if row is not None and row["blocked"] is None:
        bench.locations.change(row, blocked=str(why))
        bench.work.touch("location", location)

"""Demand that was moved elsewhere comes back to the line it was moved from."""

from __future__ import annotations

from sync.store.bench import Bench, RowDict
from sync.store.judging.lines_at_hand import LineCase, ask, is_walked, line_case, reserve_here, touch_line


def recoverable(bench: Bench, case: LineCase) -> int:
    """Pieces of the order line that are short or planned nowhere, or that nobody has begun at their new location."""
    line = case.order_line
    return int(line["short"]) + _unplanned(line) + sum(int(row["asked"]) for row in _replacements(bench, case))


def recover(bench: Bench, case: LineCase, quantity: int) -> int:
    """Take up to ``quantity`` pieces of demand back and reserve them here again; returns how many there were.

    The line asks for them anew: ``asked`` grows. Lines that were added elsewhere shrink, shorts are shorts no more.
    """
    line, wanted = case.order_line, quantity
    from_short = min(wanted, int(line["short"]))
    bench.order_lines.change(line, short=line["short"] - from_short, allocated=line["allocated"] + from_short)
    wanted -= from_short
    from_open = min(wanted, _unplanned(line))
    bench.order_lines.change(line, allocated=line["allocated"] + from_open)
    wanted -= from_open
    for row in _replacements(bench, case):
        given = min(wanted, int(row["asked"]))
        replacement = line_case(bench, row["line_id"])
        if not given or replacement is None:
            continue
        ask(bench, row, -given)
        reserve_here(bench, row, -given)
        touch_line(bench, replacement)
        wanted -= given
    back = quantity - wanted
    ask(bench, case.line, back)
    reserve_here(bench, case.line, back)
    touch_line(bench, case)
    return back


def _unplanned(line: RowDict) -> int:
    """Demand that is neither reserved nor picked nor given up: a location was withdrawn and there was no other."""
    gone = line["cancelled"] + line["cut"] + line["short"]
    return max(0, int(line["ordered"] - gone - line["allocated"] - line["picked"]))


def _replacements(bench: Bench, case: LineCase) -> list[RowDict]:
    """Later lines of the same order line that still ask for pieces and that nobody has begun."""
    rows = bench.lines.where(order_line_id=case.line["order_line_id"])
    later = (row for row in rows if row["line_id"] > case.line["line_id"] and row["asked"])
    unbegun = (row for row in later if not (row["picked"] or row["shorted"] or row["surplus"] or row["located"]))
    walked = (row for row in unbegun if (found := line_case(bench, row["line_id"])) and is_walked(found.list))
    return sorted(walked, key=lambda row: int(row["line_id"]))

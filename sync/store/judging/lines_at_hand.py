"""A pick line with everything it hangs on, and the verdicts that every rule gives."""

from __future__ import annotations

from dataclasses import dataclass

from sync.record.facts import Verdict, VerdictKind
from sync.record.ids import PickLineId, TerminalId
from sync.store.bench import Bench, RowDict
from sync.store.unit_of_work import NOBODY, one_terminal

ACCEPTED = Verdict(kind=VerdictKind.ACCEPTED)


@dataclass(frozen=True, slots=True)
class LineCase:
    """A pick line with the list, order and order line it belongs to."""

    line: RowDict
    list: RowDict
    order: RowDict
    order_line: RowDict

    @property
    def cancelled(self) -> bool:
        return bool(self.order["status"] == "cancelled")

    @property
    def room(self) -> int:
        """Pieces that may still be counted for the line."""
        return max(0, int(self.line["asked"] - self.line["picked"] - self.line["shorted"]))


def quarantined(reason: str) -> Verdict:
    return Verdict(kind=VerdictKind.QUARANTINED, reason=reason)


def discrepancy(reason: str) -> Verdict:
    return Verdict(kind=VerdictKind.DISCREPANCY, reason=reason)


def line_case(bench: Bench, line_id: PickLineId) -> LineCase | None:
    line = bench.lines.get(line_id)
    if line is None:
        return None
    pick_list = bench.lists.get(line["list_id"])
    order = bench.orders.get(line["order_id"])
    order_line = bench.order_lines.get(line["order_line_id"])
    if pick_list is None or order is None or order_line is None:
        raise LookupError(f"pick line {line_id} hangs in the air: list {pick_list}, order {order}")
    return LineCase(line, pick_list, order, order_line)


def touch_line(bench: Bench, case: LineCase) -> None:
    holder = case.list["terminal_id"]
    audience = NOBODY if holder is None else one_terminal(TerminalId(holder))
    bench.work.touch("pick_line", str(case.line["line_id"]), audience)


def token_verdict(case: LineCase, token: int) -> Verdict:
    """Accepted; with a remark where the work had been given to somebody else in between."""
    if token < case.list["token"]:
        return Verdict(kind=VerdictKind.ACCEPTED, reason="stale-lease")
    return ACCEPTED


def stock_row(bench: Bench, location: str, item_id: str, lot: str) -> RowDict:
    """The stock of an item's lot at a location; made when the record knew of none."""
    row = bench.stock.get(location, item_id, lot)
    if row is None:
        row = bench.stock.add(location=location, item_id=item_id, lot=lot, expiry=None, on_hand=0, allocated=0)
    return row

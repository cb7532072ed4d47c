"""A pick line with everything it hangs on, and the verdicts that every rule gives."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sync.record.facts import Verdict, VerdictKind
from sync.record.ids import PickLineId, TerminalId, TripId
from sync.record.rows import ListKind, ListStatus
from sync.store.bench import Bench, RowDict
from sync.store.unit_of_work import NOBODY, one_terminal

ACCEPTED = Verdict(kind=VerdictKind.ACCEPTED)
UNHELD = (ListStatus.WAITING, ListStatus.OPEN)
"""In nobody's hands: a list that nobody has to be told of when it ends."""
WALKED = (*UNHELD, ListStatus.HELD)
NOT_ALLOWED = "not-allowed"
"""It took effect, and its worker may not do it."""


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
        return 0 if self.list["status"] == ListStatus.CANCELLED else open_pieces(self.line)


def open_pieces(line: RowDict) -> int:
    return max(0, int(line["asked"] - line["picked"] - line["shorted"]))


def quarantined(reason: str) -> Verdict:
    return Verdict(kind=VerdictKind.QUARANTINED, reason=reason)


def discrepancy(reason: str) -> Verdict:
    return Verdict(kind=VerdictKind.DISCREPANCY, reason=reason)


def refused(reason: str) -> Verdict:
    return Verdict(kind=VerdictKind.REFUSED, reason=reason)


def accepted(reason: str) -> Verdict:
    """Accepted, with a remark."""
    return Verdict(kind=VerdictKind.ACCEPTED, reason=reason)


def is_walked(pick_list: RowDict) -> bool:
    """Somebody picks the list or may still take it, now or when its tote comes; its lines reserve what they ask for."""
    return pick_list["status"] in WALKED


def is_stale(pick_list: RowDict, token: int) -> bool:
    """The work had been given to somebody else, or had ended, before the fact came."""
    return bool(token < pick_list["token"])


def token_verdict(pick_list: RowDict, token: int) -> Verdict:
    return accepted("stale-lease") if is_stale(pick_list, token) else ACCEPTED


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
    bench.work.touch("pick_line", str(case.line["line_id"]), _holder(case.list))


def touch_list(bench: Bench, pick_list: RowDict) -> None:
    """The head for everybody, lines and orders for the terminal that holds them now."""
    bench.work.touch("pick_list", str(pick_list["list_id"]))
    for order in orders_of(bench, pick_list):
        touch_order(bench, order)
    for line in bench.lines.where(list_id=pick_list["list_id"]):
        bench.work.touch("pick_line", str(line["line_id"]), _holder(pick_list))


def orders_of(bench: Bench, pick_list: RowDict) -> list[RowDict]:
    """The orders of a cart; none of any other list."""
    return bench.list_orders.where(list_id=pick_list["list_id"]) if pick_list["kind"] == ListKind.BATCH else []


def touch_order(bench: Bench, order: RowDict) -> None:
    """The place of an order on a cart."""
    pick_list = bench.lists.get(order["list_id"])
    audience = NOBODY if pick_list is None else _holder(pick_list)
    bench.work.touch("list_order", f"{order['list_id']}.{order['order_id']}", audience)


def _holder(pick_list: RowDict) -> str:
    held = pick_list["status"] == ListStatus.HELD and pick_list["terminal_id"] is not None
    return one_terminal(TerminalId(pick_list["terminal_id"])) if held else NOBODY


def ask(bench: Bench, line: RowDict, pieces: int) -> None:
    """The line asks for so many pieces more (or, below zero, fewer); its list counts them too."""
    bench.lines.change(line, asked=line["asked"] + pieces)
    pick_list = bench.lists.get(line["list_id"])
    if pick_list is None:
        return
    asked = [int(other["asked"]) for other in bench.lines.where(list_id=line["list_id"]) if other["asked"]]
    bench.lists.change(pick_list, line_count=len(asked), piece_count=sum(asked))
    if not asked and pick_list["status"] in UNHELD:
        bench.lists.change(pick_list, status=str(ListStatus.CANCELLED))  # nobody shall walk for nothing
        note_trip(bench, pick_list)
    bench.work.touch("pick_list", str(line["list_id"]))


def note_trip(bench: Bench, pick_list: RowDict) -> None:
    """The list has changed: what that means for its sisters is looked at behind the fact (`judging.trips`)."""
    if pick_list["trip_id"] is not None:
        bench.trips_changed.add(TripId(pick_list["trip_id"]))


def reserve_here(bench: Bench, line: RowDict, pieces: int) -> None:
    """The stock that the line is walked for has so many pieces more reserved (below zero: fewer)."""
    row = stock_row(bench, line["location"], line["item_id"], line["lot"])
    bench.stock.change(row, allocated=max(0, row["allocated"] + pieces))


def see_stock(bench: Bench, line: RowDict, stock: RowDict) -> None:
    """The line tells its picker what is left, where it is this stock that the line asks for."""
    if all(line[name] == stock[name] for name in ("location", "item_id", "lot")):
        bench.lines.change(line, on_hand=stock["on_hand"])


def lot_changed(bench: Bench, case: LineCase, lot: str, pieces: int) -> None:
    """So many pieces (below zero: back) came from another lot than the asked one, which is free in their place.

    The lines of the list that are picked there tell their picker.
    """
    if lot == case.line["lot"] or not pieces:
        return
    change = {case.line["lot"]: pieces, lot: -pieces}
    for other in bench.lines.where(list_id=case.line["list_id"]):
        here = (other["location"], other["item_id"]) == (case.line["location"], case.line["item_id"])
        if here and other["lots"]:
            lots = [[name, expiry, free + change.get(name, 0)] for name, expiry, free in other["lots"]]
            bench.lines.change(other, lots=lots)
            touch_line(bench, replace(case, line=other))


def stock_row(bench: Bench, location: str, item_id: str, lot: str) -> RowDict:
    """The stock of an item's lot at a location; made when the record knew of none."""
    return bench.stock.get_or_add(location=location, item_id=item_id, lot=lot, expiry=None, on_hand=0, allocated=0)

"""What judging a batch of facts will ask for, read in few round trips instead of a statement for each fact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sync.record.facts import (
    CartToteBound,
    ClaimedList,
    Entry,
    Fact,
    LineSkipped,
    ListHandedOver,
    LocationConfirmed,
    OrderHandedOver,
    ReleasedList,
    ToteBound,
)
from sync.record.ids import PickLineId, PickListId, ToteCode
from sync.record.rows import ListKind
from sync.store.bench import Bench, RowDict
from sync.store.round_trip import RoundTrip
from sync.store.statements import lists_of_trips, order_lines_of_lists, rows_named, rows_of_lines

_AT_THE_LINE = (LocationConfirmed, LineSkipped)
"""They change their line and look at no stock and no tote."""


def ask_for_lines(bench: Bench, trip: RoundTrip, entries: Sequence[Entry]) -> None:
    """Read workers, and the lines and lists that the facts name with all that hangs on them but totes.

    What is not there is no matter. Tables are read in one order, here and in `prefetch_rest`, and rows in the order of
    their keys, so that two batches seldom lock crosswise.
    """
    dialect = bench.work.conn.dialect.name
    bench.roster.ask(trip, {entry.stamp.worker_id for entry in entries})
    facts = [entry.fact for entry in entries]
    line_ids = [line_id for line_id in _lines_of(facts) if bench.lines.could_hold((line_id,))]
    list_ids = sorted(list_id for list_id in _named(facts, "list_id") if bench.lists.could_hold((list_id,)))
    whole = {"list_id": sorted(_of_whole_lists(facts).intersection(list_ids))}
    handed_over = {
        "list_id": sorted({fact.list_id for fact in facts if isinstance(fact, ListHandedOver)} & {*list_ids})
    }
    of_lines = {"line_id": line_ids}
    if line_ids:
        keys = [(line_id,) for line_id in line_ids]
        bench.lines.ask(trip, rows_named(dialect, bench.lines.table, "line_id"), of_lines, keys=keys)
    if whole["list_id"]:
        searched = [{"list_id": list_id} for list_id in whole["list_id"]]
        bench.lines.ask(trip, rows_named(dialect, bench.lines.table, "list_id"), whole, searched=searched)
    if handed_over["list_id"]:
        # Two of one trip at once wait here for each other, and not crosswise later.
        bench.lists.ask(trip, lists_of_trips(dialect), handed_over)
    if line_ids:
        bench.lists.ask(trip, rows_of_lines(dialect, bench.lists.table, "list_id"), of_lines)
    if list_ids:
        named = {"list_id": list_ids}
        bench.lists.ask(
            trip, rows_named(dialect, bench.lists.table, "list_id"), named, keys=[(one,) for one in list_ids]
        )
    if line_ids:
        bench.orders.ask(trip, rows_of_lines(dialect, bench.orders.table, "order_id"), of_lines)
        bench.order_lines.ask(trip, rows_of_lines(dialect, bench.order_lines.table, "order_line_id"), of_lines)
    if whole["list_id"]:
        bench.order_lines.ask(trip, order_lines_of_lists(dialect), whole)


def prefetch_rest(bench: Bench, entries: Sequence[Entry]) -> None:
    """After `ask_for_lines`: what hangs on carts and trips, totes with what is in them, stock before claimed lines."""
    facts = [entry.fact for entry in entries]
    claimed = {fact.list_id for fact in facts if isinstance(fact, ClaimedList)}
    to_tell = {line["location"] for line in bench.lines.read() if line["list_id"] in claimed}
    handed_over = [bench.lists.get(fact.list_id) for fact in facts if isinstance(fact, ListHandedOver)]
    bench.lists.search(["trip_id"], sorted({(one["trip_id"],) for one in handed_over if one and one["trip_id"]}))
    lines, moved = _rows(bench, _lines_of(facts)), _rows(bench, _moved(facts))
    list_ids = {line["list_id"] for line in lines} | _named(facts, "list_id")
    lists = [one for list_id in list_ids if (one := bench.lists.get(list_id)) is not None]
    batches = [one for one in lists if one["kind"] == ListKind.BATCH]
    bench.list_orders.search(["list_id"], ((one["list_id"],) for one in batches))
    bound: defaultdict[PickListId, set[ToteCode]] = defaultdict(set)
    for fact in facts:
        if isinstance(fact, ToteBound | CartToteBound):
            bound[fact.list_id].add(fact.tote)
    totes = {line["line_id"]: bound[line["list_id"]].union(_totes(bench, line)) for line in moved}
    contents = [(tote, line["order_line_id"]) for line in moved for tote in sorted(totes[line["line_id"]])]
    left = {tote for one in handed_over if one for tote in one["totes"]} | _left(bench, facts)
    named = _named(facts, "tote").union(left, *totes.values())
    if not (named or moved or to_tell):
        return
    with bench.work.round_trip() as trip:
        bench.ask_stock_at(trip, to_tell)
        _ask_for_totes(bench, trip, named, left, contents)
        if moved:
            # The last: many pick the same item, and whoever holds its row keeps them waiting until the commit.
            stock = rows_of_lines(bench.work.conn.dialect.name, bench.stock.table, "location", "item_id", "lot")
            bench.stock.ask(trip, stock, {"line_id": [line["line_id"] for line in moved]})


def _of_whole_lists(facts: Sequence[Fact]) -> set[PickListId]:
    """The lists of which facts speak as a whole: all their lines matter."""
    said = [fact.list_id for fact in facts if isinstance(fact, ClaimedList | ReleasedList | ListHandedOver)]
    return {list_id for list_id in said if list_id is not None}


def _left(bench: Bench, facts: Sequence[Fact]) -> set[ToteCode]:
    """The totes of the orders that are handed over from a cart by themselves."""
    said = [(fact.list_id, fact.order_id) for fact in facts if isinstance(fact, OrderHandedOver)]
    orders = [bench.list_orders.get(*key) for key in said if bench.list_orders.could_hold(key)]
    return {tote for order in orders if order is not None for tote in order["totes"]}


def _ask_for_totes(
    bench: Bench,
    trip: RoundTrip,
    named: Collection[ToteCode],
    left: Collection[ToteCode],
    contents: Sequence[tuple[ToteCode, int]],
) -> None:
    """Totes; all that is in those that are ``left`` for the packer; of others what is in them of an order line."""
    dialect = bench.work.conn.dialect.name
    codes = sorted(tote for tote in named if bench.totes.could_hold((tote,)))
    if not codes:
        return
    totes = rows_named(dialect, bench.totes.table, "tote")
    bench.totes.ask(trip, totes, {"tote": codes}, keys=[(tote,) for tote in codes])
    if left:
        whole = sorted(left)
        in_them = rows_named(dialect, bench.tote_contents.table, "tote")
        bench.tote_contents.ask(trip, in_them, {"tote": whole}, searched=[{"tote": tote} for tote in whole])
    if contents:
        order_line_ids = sorted({order_line_id for _, order_line_id in contents})
        bench.tote_contents.ask(
            trip,
            rows_named(dialect, bench.tote_contents.table, "tote", "order_line_id"),
            {"tote": codes, "order_line_id": order_line_ids},
            searched=[{"tote": tote, "order_line_id": order_line_id} for tote, order_line_id in contents],
        )


def _lines_of(facts: Sequence[Fact]) -> list[PickLineId]:
    return sorted({line_id for fact in facts if (line_id := getattr(fact, "line_id", None)) is not None})


def _moved(facts: Sequence[Fact]) -> list[PickLineId]:
    """The lines of which pieces have moved, or whose totes matter."""
    return _lines_of([fact for fact in facts if not isinstance(fact, _AT_THE_LINE)])


def _rows(bench: Bench, line_ids: Sequence[PickLineId]) -> list[RowDict]:
    return [line for line_id in line_ids if (line := bench.lines.get(line_id)) is not None]


def _named(facts: Sequence[Fact], field: str) -> set[Any]:
    return {value for fact in facts if (value := getattr(fact, field, None)) is not None}


def _totes(bench: Bench, line: RowDict) -> list[ToteCode]:
    pick_list = bench.lists.get(line["list_id"])
    if pick_list is not None and pick_list["kind"] == ListKind.BATCH:
        order = bench.list_orders.get(line["list_id"], line["order_id"])
        return [] if order is None else order["totes"]
    return [] if pick_list is None else pick_list["totes"]

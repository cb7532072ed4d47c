"""What judging a batch of facts will ask for, read in a few statements instead of one for each fact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sync.record.facts import ClaimedList, Entry, Fact, ListHandedOver, ReleasedList, ToteBound
from sync.record.ids import PickListId, ToteCode
from sync.store.bench import Bench, RowDict


def prefetch(bench: Bench, entries: Sequence[Entry]) -> None:
    """Read workers, lines and lists that the facts name and all that these hang on; what is not there is no matter.

    Tables are read in one order and rows in the order of their keys, so that two batches seldom lock crosswise.
    """
    bench.roster.fetch({entry.stamp.worker_id for entry in entries})
    facts = [entry.fact for entry in entries]
    line_ids = {line_id for fact in facts if (line_id := getattr(fact, "line_id", None)) is not None}
    walked = {
        fact.list_id
        for fact in facts
        if isinstance(fact, ClaimedList | ReleasedList | ListHandedOver) and fact.list_id is not None
    }
    bench.lines.fetch((line_id,) for line_id in line_ids)
    bench.lines.search(["list_id"], ((list_id,) for list_id in walked))
    lines = [line for line_id in line_ids if (line := bench.lines.get(line_id)) is not None]
    beside = [line for list_id in walked for line in bench.lines.where(list_id=list_id)]
    bench.lists.fetch([(line["list_id"],) for line in lines] + [(list_id,) for list_id in _named(facts, "list_id")])
    bench.orders.fetch((line["order_id"],) for line in lines)
    bench.order_lines.fetch((line["order_line_id"],) for line in (*lines, *beside))
    bench.stock.fetch((line["location"], line["item_id"], line["lot"]) for line in lines)
    bound: defaultdict[PickListId, set[ToteCode]] = defaultdict(set)
    for fact in facts:
        if isinstance(fact, ToteBound):
            bound[fact.list_id].add(fact.tote)
    totes = {line["line_id"]: bound[line["list_id"]].union(_totes(bench, line)) for line in lines}
    bench.totes.fetch((tote,) for tote in _named(facts, "tote").union(*totes.values()))
    bench.tote_contents.search(
        ["tote", "order_line_id"],
        [(tote, line["order_line_id"]) for line in lines for tote in totes[line["line_id"]]],
    )


def _named(facts: Sequence[Fact], field: str) -> set[Any]:
    return {value for fact in facts if (value := getattr(fact, field, None)) is not None}


def _totes(bench: Bench, line: RowDict) -> list[ToteCode]:
    pick_list = bench.lists.get(line["list_id"])
    return [] if pick_list is None else pick_list["totes"]

"""What a finished count changes: compared with the record at this moment, counted again by somebody else, adjusted.

The record is compared as it stands when the count is judged. Picks that come later in the ledgers of others take from
what was counted; a pick that was made before the count and is delivered after it is therefore taken twice, and shows at
the next count. A count and the picks of the same terminal keep their order, off-line too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Text, cast, select, true, update

from sync.record.facts import CountEnded, Stamp, Verdict
from sync.record.ids import ItemId, LocationCode
from sync.record.rows import CountStatus
from sync.store import tables as t
from sync.store.bench import Bench, RowDict
from sync.store.judging.count_tasks import URGENT_COUNT, ask_count, touch_count
from sync.store.judging.lines_at_hand import ACCEPTED, accepted, quarantined, stock_row
from sync.store.leading.discrepancies import WAYS, Way
from sync.store.leading.settling import FROZEN
from sync.store.orders.reallocating import fit_reservations
from sync.store.places import LOST, OUTSIDE, at_location

MOST_COUNTED = 100_000
COUNT = "count"
COUNTS_DIFFER = "count-differs"
_SETTLED_BY_COUNT = sorted(kind for kind, ways in WAYS.items() if ways[0] is Way.COUNT)
Stock = dict[tuple[str, str], int]
"""Pieces by item and lot (empty: none)."""


def judge_count_ended(bench: Bench, stamp: Stamp, fact: CountEnded) -> Verdict:
    """Agrees or is within the tolerance: the record says what was found. Else somebody else counts first."""
    if bench.locations.get(fact.location) is None:
        return quarantined("unknown-location")
    if any(not 0 < one.quantity <= MOST_COUNTED for one in fact.finds):
        return quarantined("quantity")
    if unknown_items(bench, [one.item_id for one in fact.finds]):
        return quarantined("unknown-item")
    task = _task_of(bench, stamp, fact)
    only = None if task is None or task["item_id"] is None else ItemId(task["item_id"])
    found = _found(fact, only)
    record = _record(bench, fact.location, only)
    if task is not None and task["first_finds"] is not None:
        return _judge_recount(bench, stamp, fact.location, task, found, record)
    tolerance_pct = bench.rules.count_tolerance_pct
    if _fits(found, record, tolerance_pct):
        _close(bench, stamp, fact.location, task, found, record, only)
        return ACCEPTED
    return _ask_again(bench, stamp, fact.location, task, found)


def unknown_items(bench: Bench, item_ids: Collection[ItemId]) -> set[ItemId]:
    """Those that the record has never heard of: stock of them would be stock of nothing."""
    i = t.item.c
    known = bench.work.conn.scalars(select(i.item_id).where(i.site_id == bench.site_id, i.item_id.in_(item_ids)))
    return set(item_ids) - set(known)


def _task_of(bench: Bench, stamp: Stamp, fact: CountEnded) -> RowDict | None:
    """The count that was asked for: the one it names or, where nobody asked, one that waits for this location.

    One that is done already (two have counted off-line) is not done again: then this is a count that nobody asked for.
    """
    task = None if fact.task_id is None else bench.counts.get(fact.task_id)
    if task is not None and task["status"] != CountStatus.DONE and task["location"] == fact.location:
        return None if _is_first_counter(task, stamp) else task
    waiting = [
        other
        for other in bench.counts.where(location=fact.location)
        if other["status"] == CountStatus.OPEN and other["item_id"] is None and not _is_first_counter(other, stamp)
    ]
    return min(waiting, key=lambda other: (other["priority"], other["task_id"]), default=None)


def _is_first_counter(task: RowDict, stamp: Stamp) -> bool:
    return bool(task["not_by"] is not None and task["not_by"] == stamp.worker_id)


def _found(fact: CountEnded, only: ItemId | None) -> Stock:
    found: Stock = {}
    for one in fact.finds:
        if only in (None, one.item_id):
            key = (str(one.item_id), str(one.lot or ""))
            found[key] = found.get(key, 0) + one.quantity
    return found


def _record(bench: Bench, location: LocationCode, only: ItemId | None) -> Stock:
    rows = bench.stock.where(location=location)
    return {(row["item_id"], row["lot"]): int(row["on_hand"]) for row in rows if only in (None, row["item_id"])}


def _fits(found: Stock, record: Stock, tolerance_pct: int) -> bool:
    """No item and lot differs by more than so many per cent of the record."""
    return all(
        abs(found.get(key, 0) - record.get(key, 0)) * 100 <= tolerance_pct * max(0, record.get(key, 0))
        for key in found.keys() | record.keys()
    )


def _ask_again(bench: Bench, stamp: Stamp, location: LocationCode, task: RowDict | None, found: Stock) -> Verdict:
    """Nothing is adjusted on one worker's word; the first finds are kept for the second."""
    again = task or ask_count(
        bench, location, None, COUNT, stamp.event_id, priority=URGENT_COUNT, not_by=stamp.worker_id
    )
    if again["first_finds"] is not None:
        return accepted("recount")  # the same worker has counted again: the other one is still to come
    bench.counts.change(
        again,
        status=str(CountStatus.OPEN),
        terminal_id=None,
        worker_id=None,
        priority=min(again["priority"], URGENT_COUNT),
        not_by=stamp.worker_id,
        first_finds=[[*key, pieces] for key, pieces in sorted(found.items())],
    )
    touch_count(bench, again)
    return accepted("recount")


def _judge_recount(
    bench: Bench, stamp: Stamp, location: LocationCode, task: RowDict, found: Stock, record: Stock
) -> Verdict:
    """The second count stands. Where it is not the first one, a lead hears of both."""
    first = {(item_id, lot): int(pieces) for item_id, lot, pieces in task["first_finds"]}
    if first != found:
        bench.discrepancy(
            stamp.event_id,
            COUNTS_DIFFER,
            f"{location} was counted twice: {_words(first)} first, {_words(found)} then; the record said "
            f"{_words(record)} and says what was found last",
            quantity=sum(abs(first.get(key, 0) - found.get(key, 0)) for key in first.keys() | found.keys()),
            item_id=task["item_id"],
            place=at_location(location),
            terminal_id=stamp.terminal_id,
            worker_id=stamp.worker_id,
            other={"terminal_id": None, "worker_id": task["not_by"], "says": _words(first)},
        )
    _close(bench, stamp, location, task, found, record, task["item_id"])
    return ACCEPTED


def _words(stock: Mapping[tuple[str, str], int]) -> str:
    there = [f"{pieces} of {' lot '.join(filter(None, key))}" for key, pieces in sorted(stock.items()) if pieces]
    return ", ".join(there) or "nothing"


def _close(
    bench: Bench,
    stamp: Stamp,
    location: LocationCode,
    task: RowDict | None,
    found: Stock,
    record: Stock,
    only: ItemId | None,
) -> None:
    for key in sorted(found.keys() | record.keys()):
        _adjust(bench, stamp, location, key, found.get(key, 0) - record.get(key, 0))
    for one in [task] if task is not None else _answered(bench, stamp, location):
        bench.counts.change(one, status=str(CountStatus.DONE), worker_id=stamp.worker_id, done_at=bench.now)
        touch_count(bench, one)
    _open(bench, location)
    bench.flush()
    _settle(bench, stamp, location, only)
    fit_reservations(bench.work, location, only)
    bench.forget()


def _answered(bench: Bench, stamp: Stamp, location: LocationCode) -> list[RowDict]:
    """The counts that wait for this location and that one of all that is there has answered."""
    tasks = bench.counts.where(location=location)
    return [one for one in tasks if one["status"] == CountStatus.OPEN and not _is_first_counter(one, stamp)]


def _adjust(bench: Bench, stamp: Stamp, location: LocationCode, key: tuple[str, str], difference: int) -> None:
    if not difference:
        return
    item_id, lot = key
    row = stock_row(bench, location, item_id, lot)
    bench.stock.change(row, on_hand=row["on_hand"] + difference)
    ends = (OUTSIDE, at_location(location)) if difference > 0 else (at_location(location), LOST)
    about: dict[str, Any] = {"item_id": item_id, "lot": lot, "quantity": abs(difference)}
    bench.move(stamp.event_id, source=ends[0], target=ends[1], reason=COUNT, **about)


def _open(bench: Bench, location: LocationCode) -> None:
    """The location may be walked to again; what a person has frozen stays frozen."""
    place = bench.locations.get(location)
    if place is not None and place["blocked"] not in (None, FROZEN):
        bench.locations.change(place, blocked=None)
        bench.work.touch("location", location)


def _settle(bench: Bench, stamp: Stamp, location: LocationCode, only: ItemId | None) -> None:
    """What a count settles needs no lead any more: the record says what is there."""
    d = t.discrepancy.c
    here = (
        (d.site_id == bench.site_id)
        & (d.place == at_location(location))
        & (d.kind.in_(_SETTLED_BY_COUNT) | cast(d.followed, Text).contains('"freeze"'))
    )
    counted = true() if only is None else d.item_id.is_(None) | (d.item_id == only)
    bench.work.conn.execute(
        update(t.discrepancy)
        .where(here, counted, d.settled_at.is_(None))
        .values(settled_at=bench.now, settled_by=str(stamp.worker_id), settlement=f"{COUNT}:{stamp.event_id}")
    )

"""Counts that somebody shall do: asked for, and called off again."""

from __future__ import annotations

from sync.record.ids import ItemId, LocationCode
from sync.record.rows import CountStatus
from sync.store.bench import Bench, RowDict

URGENT_COUNT = 1
"""Nobody is sent to the location until it was counted."""
USUAL_COUNT = 5


def ask_count(
    bench: Bench,
    location: LocationCode,
    item_id: ItemId | None,
    why: str,
    cause: str,
    *,
    priority: int = USUAL_COUNT,
    not_by: str | None = None,
) -> RowDict:
    """The count of a location (None: of all that is there); one that is waiting already and covers it is enough.

    ``why`` is a code (``short``, ``zero``, ``lead`` ...), ``cause`` the event that asks or ``lead:<name>``; a smaller
    ``priority`` is more urgent. ``not_by``: the worker who has counted it first.
    """
    for task in bench.counts.where(location=location):
        if task["status"] != CountStatus.DONE and task["item_id"] in (None, item_id) and task["not_by"] == not_by:
            if priority < task["priority"]:
                bench.counts.change(task, priority=priority)
                touch_count(bench, task)
            return task
    task = bench.counts.add(
        task_id=bench.work.allot("count_task"),
        location=location,
        item_id=item_id,
        why=why,
        cause=cause,
        priority=priority,
        status=str(CountStatus.OPEN),
        terminal_id=None,
        worker_id=None,
        not_by=not_by,
        first_finds=None,
        opened_at=bench.now,
        done_at=None,
    )
    touch_count(bench, task)
    return task


def call_off_counts(bench: Bench, location: LocationCode, cause: str) -> None:
    """What ``cause`` has asked for is not needed any more, unless somebody is at it."""
    for task in bench.counts.where(location=location):
        if task["cause"] == cause and task["status"] == CountStatus.OPEN:
            bench.counts.change(task, status=str(CountStatus.DONE), done_at=bench.now)
            touch_count(bench, task)


def touch_count(bench: Bench, task: RowDict) -> None:
    """Terminals are told of counts that are waiting or being done."""
    bench.work.touch("count_task", str(task["task_id"]), deleted=task["status"] == CountStatus.DONE)

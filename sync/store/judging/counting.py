"""Judging counts and zero checks: who counts what, and what a picker says is left (`count_ends`: what it changes)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, or_, select

from sync.record.facts import ClaimedCount, Counted, CountEnded, ReleasedCount, Stamp, Verdict, ZeroChecked
from sync.record.ids import EventId, LocationCode, WorkerId
from sync.record.rows import CountStatus
from sync.store import tables as t
from sync.store.bench import Bench, RowDict
from sync.store.judging.count_ends import MOST_COUNTED, judge_count_ended, unknown_items
from sync.store.judging.count_tasks import ask_count, call_off_counts, touch_count
from sync.store.judging.lines_at_hand import ACCEPTED, accepted, quarantined, refused
from sync.store.judging.taking_back import UNDO
from sync.store.places import at_location

ZERO_CHECK = "zero-check"
CLAIM_TRIES = 20


def judge(
    bench: Bench, stamp: Stamp, fact: ClaimedCount | ZeroChecked | Counted | CountEnded | ReleasedCount
) -> Verdict:
    match fact:
        case ClaimedCount():
            return _judge_claim(bench, stamp, fact)
        case ReleasedCount():
            return _judge_release(bench, stamp, fact)
        case Counted():
            return _judge_counted(bench, fact)
        case CountEnded():
            return judge_count_ended(bench, stamp, fact)
        case ZeroChecked():
            return _judge_zero(bench, stamp, fact)


def _judge_claim(bench: Bench, stamp: Stamp, fact: ClaimedCount) -> Verdict:
    """Grants the count asked for, or the most urgent one; never a recount to who has counted first."""
    if fact.task_id is None:
        for held in bench.counts.where(terminal_id=stamp.terminal_id, status=str(CountStatus.HELD)):
            if held["not_by"] != stamp.worker_id:
                _grant(bench, stamp, held)
                return accepted("already-held")
        task = _most_urgent(bench, stamp.worker_id)
        if task is None:
            return refused("no-count")
    else:
        found = bench.counts.get(fact.task_id)
        if found is None:
            return refused("unknown-count")
        if found["status"] == CountStatus.DONE:
            return refused("count-done")
        if found["not_by"] is not None and found["not_by"] == stamp.worker_id:
            return refused("counted-first")
        if found["status"] == CountStatus.HELD and found["terminal_id"] != stamp.terminal_id:
            return refused(f"held-by:{found['terminal_id']}")
        task = found
    _grant(bench, stamp, task)
    return ACCEPTED


def _grant(bench: Bench, stamp: Stamp, task: RowDict) -> None:
    held = {"status": str(CountStatus.HELD), "terminal_id": stamp.terminal_id, "worker_id": stamp.worker_id}
    bench.counts.change(task, **held)
    touch_count(bench, task)


def _most_urgent(bench: Bench, worker_id: WorkerId | None) -> RowDict | None:
    """Among those that nobody is at; a terminal that was not heard of for the time of its lease is not at it."""
    bench.flush()
    c, holder = t.count_task.c, t.terminal.c
    lapsed = bench.now - timedelta(minutes=bench.rules.lease_min)
    is_free = or_(
        c.status == str(CountStatus.OPEN), and_(c.status == str(CountStatus.HELD), holder.last_seen_at < lapsed)
    )
    mine = or_(c.not_by.is_(None), c.not_by != (worker_id or ""))
    urgent_first = (
        select(c.task_id)
        .outerjoin(t.terminal, and_(holder.site_id == c.site_id, holder.terminal_id == c.terminal_id))
        .where(c.site_id == bench.site_id, is_free, mine)
        .order_by(c.priority, c.task_id)
        .limit(1)
    )
    for _ in range(CLAIM_TRIES):
        # Past those that others are being given at this moment; then wait for the last ones: they may let them go.
        for passing_by in (True, False):
            urgent = urgent_first.with_for_update(of=t.count_task, skip_locked=passing_by)
            found = bench.work.conn.execute(urgent).scalar_one_or_none()
            if found is not None:
                return bench.counts.get(found)
        if bench.work.conn.execute(urgent_first).first() is None:
            return None
    return None


def _judge_release(bench: Bench, stamp: Stamp, fact: ReleasedCount) -> Verdict:
    if fact.task_id is None:
        return ACCEPTED  # a count that nobody had asked for: its finds mean nothing any more
    task = bench.counts.get(fact.task_id)
    if task is None:
        return refused("unknown-count")
    if task["status"] != CountStatus.HELD or task["terminal_id"] != stamp.terminal_id:
        return refused("not-yours")
    bench.counts.change(task, status=str(CountStatus.OPEN), terminal_id=None, worker_id=None)
    touch_count(bench, task)
    return ACCEPTED


def _judge_counted(bench: Bench, fact: Counted) -> Verdict:
    """Moves nothing: the end of the count says the sums."""
    if bench.locations.get(fact.location) is None:
        return quarantined("unknown-location")
    return quarantined("unknown-item") if unknown_items(bench, [fact.item_id]) else ACCEPTED


def _judge_zero(bench: Bench, stamp: Stamp, fact: ZeroChecked) -> Verdict:
    """Nothing follows where the record says the same; else somebody counts, and a lead hears of it."""
    if not 0 <= fact.found <= MOST_COUNTED:
        return quarantined("quantity")
    if bench.locations.get(fact.location) is None:
        return quarantined("unknown-location")
    if unknown_items(bench, [fact.item_id]):
        return quarantined("unknown-item")
    here = bench.stock.get(fact.location, fact.item_id, fact.lot or "")
    by_record = 0 if here is None else int(here["on_hand"])
    if by_record == fact.found:
        return ACCEPTED
    ask_count(bench, fact.location, fact.item_id, "zero", stamp.event_id)
    bench.discrepancy(
        stamp.event_id,
        ZERO_CHECK,
        f"{fact.found} of {fact.item_id} were left at {fact.location} after a pick, the record says {by_record}; "
        "it is to be counted",
        quantity=abs(fact.found - by_record),
        item_id=fact.item_id,
        place=at_location(fact.location),
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
    )
    return accepted("to-count")


def take_back_zero(bench: Bench, stamp: Stamp, undoes: EventId, fact: ZeroChecked) -> Verdict:
    """The picker has looked again: the count that was asked for is called off, unless somebody is at it."""
    call_off_counts(bench, LocationCode(fact.location), undoes)
    bench.settle(undoes, by=UNDO, settlement=stamp.event_id)
    return ACCEPTED

"""What follows of a reason by the site's table, once it is given, and how it is taken back.

What followed is kept with the discrepancy (``followed``): a table that is changed afterwards changes nothing of it. A
discrepancy that the table tells no lead of is kept all the same, settled from the start.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import delete, select, update

from sync.record.facts import Stamp
from sync.record.ids import EventId, ItemId, LocationCode, OrderId
from sync.store import tables as t
from sync.store.bench import Bench
from sync.store.judging.count_tasks import URGENT_COUNT, USUAL_COUNT, ask_count, call_off_counts
from sync.store.judging.taking_back import UNDO
from sync.store.leading.settling import FROZEN
from sync.store.orders.holding import end_floor_hold, hold_from_floor
from sync.store.places import at_location
from sync.store.site_files.files import SiteFile, shipped
from sync.store.site_files.reasons import Reason, Then, parse_reasons, reasons_of

BY_TABLE = "table of reasons"
"""Who settled what no lead needs to see."""
UNKNOWN_REASON = "unknown-reason"
TOLD = frozenset({Then.TELL_LEAD, Then.FREEZE})
"""A closed location is always a lead's matter: somebody has to open it again."""


def reason_given(bench: Bench, stamp: Stamp, code: str, fallback: str) -> Reason:
    """The row of the site's table; a code that it does not have counts as ``fallback``, and a lead hears of it."""
    table = {reason.code: reason for reason in reasons_of(bench.work.conn, bench.site_id)}
    if code in table:
        return table[code]
    if code != fallback:
        text = f"{stamp.terminal_id} gave the reason {code!r}, which the site does not have: it counts as {fallback!r}"
        # Under a number of its own: what the reason came to is the first discrepancy of the event.
        bench.discrepancy(
            f"{stamp.event_id}.why", UNKNOWN_REASON, text, terminal_id=stamp.terminal_id, worker_id=stamp.worker_id
        )
    if fallback in table:
        return table[fallback]
    return next(reason for reason in parse_reasons(shipped(SiteFile.REASONS)) if reason.code == fallback)


def note(
    bench: Bench, stamp: Stamp, kind: str, text: str, followed: Collection[Then], *, quantity: int = 0, **about: Any
) -> None:
    """What was reported and what follows of it; a lead sees it where the table says so."""
    settled = {"settled_at": bench.now, "settled_by": BY_TABLE, "settlement": ", ".join(sorted(followed)) or "nothing"}
    bench.discrepancy(
        stamp.event_id,
        kind,
        text,
        quantity=quantity,
        followed=sorted(str(one) for one in followed),
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
        **about,
        **({} if TOLD & set(followed) else settled),
    )


def follow(bench: Bench, stamp: Stamp, reason: Reason, location: LocationCode, item_ids: Iterable[ItemId]) -> None:
    """What concerns the location: closed, counted, replenished."""
    freezes = Then.FREEZE in reason.then
    items = list(item_ids)
    if freezes:
        _block(bench, location, reason.code)
    if Then.COUNT in reason.then:
        only = items[0] if len(items) == 1 and not freezes else None
        priority = URGENT_COUNT if freezes else USUAL_COUNT
        ask_count(bench, location, only, reason.code, stamp.event_id, priority=priority)
    if Then.REPLENISH in reason.then:
        rows = [
            {"cause": f"{stamp.event_id}.{n}", "location": location, "item_id": item_id, "asked_at": bench.now}
            for n, item_id in enumerate(items, start=1)
        ]
        bench.work.insert(t.replenishment, rows)


def hold(bench: Bench, stamp: Stamp, why: str, order_id: OrderId) -> None:
    """The order waits for a person; what is in a picker's hands is picked to the end and stopped at packing."""
    bench.flush()
    hold_from_floor(bench.work, order_id, f"{why} ({stamp.event_id}, reported by {stamp.worker_id})")
    bench.forget()


def take_back(
    bench: Bench,
    stamp: Stamp,
    undoes: EventId,
    followed: Collection[str],
    location: LocationCode,
    order_id: OrderId | None,
) -> None:
    """All that is not of the line itself. The caller has settled the discrepancy of the event."""
    if Then.COUNT in followed:
        call_off_counts(bench, location, undoes)
    if Then.FREEZE in followed:
        _unblock(bench, stamp, undoes, location)
    bench.flush()
    if Then.REPLENISH in followed:
        r = t.replenishment.c
        mine = r.cause.startswith(f"{undoes}.", autoescape=True)
        bench.work.conn.execute(delete(t.replenishment).where(r.site_id == bench.site_id, mine, r.done_at.is_(None)))
    if Then.HOLD_ORDER in followed and order_id is not None:
        end_floor_hold(bench.work, order_id, cause=undoes, by=UNDO)
        bench.forget()


def _block(bench: Bench, location: LocationCode, why: str) -> None:
    row = bench.locations.get(location)
    if row is not None and row["blocked"] is None:
        bench.locations.change(row, blocked=why)
        bench.work.touch("location", location)


def _unblock(bench: Bench, stamp: Stamp, undoes: EventId, location: LocationCode) -> None:
    """The place is open again where nobody else reported it; the same terminal's own reports of it fall with this."""
    row = bench.locations.get(location)
    if row is None or row["blocked"] in (None, FROZEN):
        return
    bench.flush()
    d = t.discrepancy.c
    open_here = select(d.discrepancy_id, d.terminal_id, d.order_id, d.followed).where(
        d.site_id == bench.site_id,
        d.place == at_location(location),
        d.settled_at.is_(None),
        d.discrepancy_id != f"{undoes}.1",
    )
    freezing = [found for found in bench.work.conn.execute(open_here) if Then.FREEZE in (found.followed or ())]
    # A report of the place alone is what the picker said of it; a short of another line stays true by itself.
    mine = [found for found in freezing if found.terminal_id == stamp.terminal_id and found.order_id is None]
    if len(mine) < len(freezing):
        return
    bench.work.conn.execute(
        update(t.discrepancy)
        .where(d.site_id == bench.site_id, d.discrepancy_id.in_([found.discrepancy_id for found in mine]))
        .values(settled_at=bench.now, settled_by=UNDO, settlement=stamp.event_id)
    )
    bench.locations.change(row, blocked=None)
    bench.work.touch("location", location)

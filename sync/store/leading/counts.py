"""Counts for leads and stock people: what waits and why, what was found first, and what counts have adjusted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from sync.record.ids import CountTaskId, ItemId, LocationCode, LotCode, SiteId, TerminalId, WorkerId
from sync.record.rows import CountStatus
from sync.store import tables as t
from sync.store.access.auditing import audit
from sync.store.bench import Bench
from sync.store.judging.count_tasks import ask_count
from sync.store.unit_of_work import UnitOfWork
from sync.wire.codec import decode_entry

LEAD = "lead"
COUNT = "count"
_AT_ONCE = 400


class CountRefused(Exception):
    """No count is asked for; the text says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstFind:
    item_id: ItemId
    lot: LotCode | None
    pieces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountStanding:
    task_id: CountTaskId
    location: LocationCode
    item_id: ItemId | None
    """None: all that is there."""
    why: str
    cause: str
    """The event that asked for it, or ``lead:<name>``."""
    status: CountStatus
    terminal_id: TerminalId | None
    worker_id: WorkerId | None
    """Who counts or, once it is done, has counted."""
    not_by: WorkerId | None
    """Who counted first, where somebody else counts again."""
    first_finds: tuple[FirstFind, ...]
    opened_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """Stock that a count has changed."""

    location: LocationCode
    item_id: ItemId
    lot: LotCode | None
    pieces: int
    """Below zero: they were not found."""
    reason: str
    by: str
    """Who counted at a terminal, or who settled a discrepancy by a count."""
    cause: str
    at: datetime


def counts(
    conn: Connection, site_id: SiteId, *, only_open: bool = False, why: Collection[str] = ()
) -> list[CountStanding]:
    """The most urgent first, those that are done last. ``why`` empty: for any reason."""
    c = t.count_task.c
    wanted = [c.site_id == site_id]
    if only_open:
        wanted.append(c.status != str(CountStatus.DONE))
    if why:
        wanted.append(c.why.in_(why))
    rows = conn.execute(
        select(t.count_task).where(*wanted).order_by(c.status == str(CountStatus.DONE), c.priority, c.task_id)
    )
    return [
        CountStanding(
            task_id=row.task_id,
            location=row.location,
            item_id=row.item_id,
            why=row.why,
            cause=row.cause,
            status=CountStatus(row.status),
            terminal_id=row.terminal_id,
            worker_id=row.worker_id,
            not_by=row.not_by,
            first_finds=tuple(
                FirstFind(item_id=ItemId(item_id), lot=LotCode(lot) if lot else None, pieces=pieces)
                for item_id, lot, pieces in row.first_finds or ()
            ),
            opened_at=row.opened_at,
            done_at=row.done_at,
        )
        for row in rows
    ]


def adjustments(conn: Connection, site_id: SiteId) -> list[Adjustment]:
    """What counts have changed, the newest first."""
    m = t.stock_move.c
    moves = conn.execute(
        select(t.stock_move).where(m.site_id == site_id, m.reason == COUNT).order_by(m.at.desc(), m.cause, m.part)
    ).all()
    authors = _authors(conn, site_id, sorted({move.cause for move in moves}))
    return [
        Adjustment(
            location=LocationCode((move.target if gained else move.source).removeprefix("location:")),
            item_id=move.item_id,
            lot=move.lot or None,
            pieces=move.quantity if gained else -move.quantity,
            reason=move.reason,
            by=authors.get(move.cause, ""),
            cause=move.cause,
            at=move.at,
        )
        for move in moves
        for gained in (move.target.startswith("location:"),)
    ]


def _authors(conn: Connection, site_id: SiteId, causes: list[str]) -> dict[str, str]:
    authors: dict[str, str] = {}
    e, d = t.event.c, t.discrepancy.c
    for first in range(0, len(causes), _AT_ONCE):
        some = causes[first : first + _AT_ONCE]
        bodies = conn.scalars(select(e.body).where(e.site_id == site_id, e.event_id.in_(some)))
        stamps = [decode_entry(bytes(body)).stamp for body in bodies]
        authors |= {stamp.event_id: str(stamp.worker_id or "") for stamp in stamps}
        settled = [cause.removeprefix("settle:") for cause in some if cause.startswith("settle:")]
        rows = conn.execute(
            select(d.discrepancy_id, d.settled_by).where(d.site_id == site_id, d.discrepancy_id.in_(settled))
        )
        authors |= {f"settle:{row.discrepancy_id}": str(row.settled_by or "") for row in rows}
    return authors


def ask(work: UnitOfWork, location: LocationCode, item_id: ItemId | None, by: str) -> CountStanding:
    """A lead wants a location counted, or only one item there. Raises `CountRefused`."""
    bench = Bench(work)
    if bench.locations.get(location) is None:
        raise CountRefused(f"There is no location {location} at this site. Look at its label.")
    i = t.item.c
    known = select(i.item_id).where(i.site_id == work.site_id, i.item_id == item_id)
    if item_id is not None and work.conn.execute(known).first() is None:
        raise CountRefused(f"There is no item {item_id} at this site. Look at its number.")
    task = ask_count(bench, location, item_id, LEAD, f"{LEAD}:{by}"[:64])
    bench.flush()
    audit(work, by, "ask-count", location, item=item_id, task=task["task_id"])
    return next(one for one in counts(work.conn, work.site_id) if one.task_id == task["task_id"])

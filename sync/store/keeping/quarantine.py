"""Entries that the store could not judge: listed with their reasons, and judged again when the cause is mended.

The verdict that was stored never changes; `event.replayed` says what became of the entry afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from sync.record.facts import Undone, Verdict, VerdictKind
from sync.record.ids import EventId, SiteId, StreamId, TerminalId
from sync.store import tables as t
from sync.store.database import Database
from sync.store.entries import Piece, Trust, entries_of
from sync.store.judging.lines_at_hand import NOT_ALLOWED
from sync.store.ledgers import judge_alone
from sync.store.unit_of_work import UnitOfWork

NOT_UNDERSTOOD = frozenset({"rule-broke", "unknown-kind", "malformed", "quantity", "unknown-event"})
"""Reasons that a newer program mends. Others (`revoked`, `other-terminal` ...) are for a person to name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    stream_id: StreamId
    seq: int
    event_id: EventId
    kind: str
    reason: str
    received_at: datetime
    terminal_id: str | None
    worker_id: str | None
    """Who wrote it, as far as that can be read."""
    replayed: str | None
    """The verdict it got when it was judged again; None: it was not."""


def quarantined(conn: Connection, site_id: SiteId, *, settled: bool = False) -> list[Quarantined]:
    """What waits in quarantine, the oldest first; with ``settled`` also what was judged again since."""
    return [_listed(row) for row in _rows(conn, site_id) if settled or _waits(row)]


def replay(database: Database, site_id: SiteId, reasons: Collection[str] = NOT_UNDERSTOOD) -> list[Quarantined]:
    """Judge again what waits for one of these reasons, each in a transaction of its own; returns them as they are now.

    Effects are applied once: what was accepted is never judged a third time.
    """
    with database.read() as conn:
        waiting = [row for row in _rows(conn, site_id) if _waits(row) and row.reason in reasons]
    return [
        _listed(found)
        for row in waiting
        if (found := database.run(site_id, lambda work, row=row: _replay_one(work, row))) is not None  # type: ignore[misc]
    ]


def _replay_one(work: UnitOfWork, row: Any) -> Any:
    e = t.event.c
    this = (e.site_id == work.site_id) & (e.stream_id == row.stream_id) & (e.seq == row.seq)
    held = work.conn.execute(select(t.event).where(this).with_for_update()).one()
    if not _waits(held):
        return None  # somebody else has judged it meanwhile
    by_hand = Trust(is_revoked=False, may_rescue=True)
    (item,) = entries_of(
        Piece(
            stream_id=row.stream_id,
            terminal_id=TerminalId(""),
            from_seq=row.seq,
            prev_h=held.h,
            bodies=[bytes(held.body)],
            trust=by_hand,
        )
    )
    verdict = judge_alone(work, item, _earlier(work, item.event_id, held))
    values: dict[str, Any] = {"replayed": str(verdict)}
    if item.entry is not None:
        # Nobody could read its id before: under it, whoever sends the same fact again is told that it is known.
        values |= {"event_id": item.event_id, "kind": item.kind}
        took_effect = verdict.kind is VerdictKind.ACCEPTED or verdict.reason == NOT_ALLOWED
        if took_effect and isinstance(item.entry.fact, Undone):
            values["undoes"] = item.entry.fact.undoes
    work.conn.execute(update(t.event).where(this).values(**values))
    return work.conn.execute(select(t.event).where(this)).one()


def _earlier(work: UnitOfWork, event_id: EventId, this: Any) -> dict[str, str]:
    """The verdict of the same fact where it came another way and was judged meanwhile."""
    e = t.event.c
    others = work.conn.execute(
        select(t.event).where(e.site_id == work.site_id, e.event_id == event_id, e.verdict != VerdictKind.DUPLICATE)
    )
    for row in others:
        if (row.stream_id, row.seq) == (this.stream_id, this.seq):
            continue
        if row.verdict != VerdictKind.QUARANTINED:
            return {event_id: str(Verdict(kind=VerdictKind(row.verdict), reason=row.reason))}
        if not _waits(row):
            return {event_id: str(row.replayed)}
    return {}


def _rows(conn: Connection, site_id: SiteId) -> Iterator[Any]:
    e = t.event.c
    return iter(
        conn.execute(
            select(t.event)
            .where(e.site_id == site_id, e.verdict == VerdictKind.QUARANTINED)
            .order_by(e.received_at, e.stream_id, e.seq)
        ).all()
    )


def _waits(row: Any) -> bool:
    return row.replayed is None or str(row.replayed).startswith(VerdictKind.QUARANTINED)


def _listed(row: Any) -> Quarantined:
    said = _readable(bytes(row.body))
    return Quarantined(
        stream_id=row.stream_id,
        seq=row.seq,
        event_id=row.event_id,
        kind=row.kind,
        reason=row.reason or "",
        received_at=row.received_at,
        terminal_id=_text(said.get("terminal_id")),
        worker_id=_text(said.get("worker_id")),
        replayed=row.replayed,
    )


def _readable(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _text(value: object) -> str | None:
    """Printable text only: it goes to a person's screen."""
    return value[:64] if isinstance(value, str) and value.isprintable() else None

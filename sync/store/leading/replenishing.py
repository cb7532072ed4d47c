"""Locations where a picker's reason asks for more of an item, until somebody says that it was brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from sync.record.ids import ItemId, LocationCode, SiteId
from sync.store.access.auditing import audit
from sync.store.tables import replenishment
from sync.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ToReplenish:
    location: LocationCode
    item_id: ItemId
    asked_at: datetime
    """For the first time since it was brought last."""
    times: int
    """How often pickers asked for it."""


class NothingAsked(Exception):
    """Nobody asks for anything at the location; the text says so."""


def to_replenish(conn: Connection, site_id: SiteId) -> list[ToReplenish]:
    """What is asked for, the longest wait first."""
    r = replenishment.c
    asked_at = func.min(r.asked_at).label("asked_at")
    rows = conn.execute(
        select(r.location, r.item_id, asked_at, func.count().label("times"))
        .where(r.site_id == site_id, r.done_at.is_(None))
        .group_by(r.location, r.item_id)
        .order_by(asked_at, r.location, r.item_id)
    )
    return [
        ToReplenish(location=row.location, item_id=row.item_id, asked_at=row.asked_at, times=row.times) for row in rows
    ]


def replenished(work: UnitOfWork, location: LocationCode, *, by: str) -> int:
    """All that is asked for at the location was brought; returns how many items. Raises `NothingAsked`."""
    there = [one for one in to_replenish(work.conn, work.site_id) if one.location == location]
    if not there:
        raise NothingAsked(f"Nothing is asked for at {location}. floor store replenish lists what is.")
    r = replenishment.c
    work.conn.execute(
        update(replenishment)
        .where(r.site_id == work.site_id, r.location == location, r.done_at.is_(None))
        .values(done_at=work.now)
    )
    audit(work, by, "replenished", location, items=[one.item_id for one in there])
    return len(there)

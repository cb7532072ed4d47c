"""The zones' parts of one order, put beside each other: no tote waits for a zone that never comes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, and_, exists, select

from sync.record.ids import SiteId
from sync.store import tables as t

_WALKED = ("open", "held")


def trip_differences(conn: Connection, site_id: SiteId) -> Iterator[str]:
    """Totes that wait for nobody, and lists whose tote nobody brings."""
    p, tote, content = t.pick_list.c, t.tote.c, t.tote_content.c
    trips: dict[int, list[Any]] = defaultdict(list)
    waiting = exists().where(p.site_id == site_id, p.trip_id.is_not(None))
    if not conn.execute(select(waiting)).scalar_one():
        return
    for one in conn.execute(
        select(p.trip_id, p.list_id, p.status, p.leg)
        .where(p.site_id == site_id, p.trip_id.is_not(None))
        .order_by(p.trip_id, p.leg, p.list_id)
    ):
        trips[one.trip_id].append(one)
    is_full = exists().where(content.site_id == tote.site_id, content.tote == tote.tote, content.quantity > 0)
    on_the_way = conn.execute(
        select(tote.tote, tote.status, tote.place, p.list_id, p.trip_id, p.status.label("list_status"))
        .outerjoin(t.pick_list, and_(p.site_id == tote.site_id, p.list_id == tote.list_id))
        .where(tote.site_id == site_id, tote.status.in_(["passed", "consolidating"]), is_full)
        .order_by(tote.tote)
    ).all()
    for row in on_the_way:
        if row.status == "passed" and row.list_status not in _WALKED:
            state = str(row.list_status or "not there").replace("_", " ")
            yield f"tote {row.tote} waits at {row.place} for list {row.list_id}, which is {state}"
        if row.status == "consolidating" and not _is_picked(trips[row.trip_id]):
            yield f"tote {row.tote} waits at {row.place} for other zones, and nobody picks for its order any more"
    for trip_id, lists in sorted(trips.items()):
        for waits in [] if _is_picked(lists) else lists:
            if waits.status == "waiting":
                before = f"no such zone picks (trip {trip_id}, leg {waits.leg})"
                yield f"list {waits.list_id} waits for the tote of a zone before, and {before}"


def _is_picked(lists: list[Any]) -> bool:
    return any(one.status in _WALKED for one in lists)

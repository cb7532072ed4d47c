"""What became of the pieces of a batch: picked, still in its totes, put into cubbies, returned, reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, select

from sync.record.ids import BatchId, SiteId, WallId
from sync.record.rows import ListStatus
from sync.store import tables as t

PICKING, SORTING, CLOSED = "picking", "sorting", "closed"
STILL_PICKED = tuple(str(one) for one in (ListStatus.WAITING, ListStatus.OPEN, ListStatus.HELD))


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAccount:
    batch_id: BatchId
    status: str
    """``picking``, ``sorting`` or ``closed``."""
    wall: WallId | None
    lists: int
    lists_left: int
    """Lists that are still picked."""
    totes: int
    """Bulk totes with pieces in them."""
    picked: int
    in_totes: int
    """Picked and not sorted yet."""
    put: int
    returned: int
    reported: int
    """Missing or damaged at the wall, cancelled out of the tote, or gone into another tote."""

    @property
    def difference(self) -> int:
        """Picked pieces of which nobody knows where they are; below zero: more are known than were picked."""
        return self.picked - self.in_totes - self.put - self.returned - self.reported


def batch_accounts(conn: Connection, site_id: SiteId, batch_ids: Sequence[int] | None = None) -> list[BatchAccount]:
    """The batches of these numbers, or all of the site, by number."""
    b = t.batch.c
    asked = select(t.batch).where(b.site_id == site_id).order_by(b.batch_id)
    if batch_ids is not None:
        asked = asked.where(b.batch_id.in_(batch_ids))
    rows = conn.execute(asked).all()
    ids = [row.batch_id for row in rows]
    lists = _lists(conn, site_id, ids)
    picked, in_totes, totes = _picked(conn, site_id, ids), *_in_totes(conn, site_id, ids)
    return [
        BatchAccount(
            batch_id=BatchId(row.batch_id),
            status=row.status,
            wall=row.wall,
            lists=sum(count for (batch_id, _), count in lists.items() if batch_id == row.batch_id),
            lists_left=sum(lists[row.batch_id, status] for status in STILL_PICKED),
            totes=totes[row.batch_id],
            picked=picked[row.batch_id],
            in_totes=in_totes[row.batch_id],
            put=row.put,
            returned=row.returned,
            reported=row.reported,
        )
        for row in rows
    ]


def batch_differences(conn: Connection, site_id: SiteId) -> list[str]:
    """Batches that were closed with pieces unaccounted for."""
    return [
        f"batch {one.batch_id}: it is closed, and {one.picked} picked are not {one.put} put, {one.returned} returned "
        f"and {one.reported} reported"
        for one in batch_accounts(conn, site_id)
        if one.status == CLOSED and (one.difference or one.in_totes)
    ]


def _lists(conn: Connection, site_id: SiteId, ids: Sequence[int]) -> Counter[tuple[int, str]]:
    p = t.pick_list.c
    rows = conn.execute(
        select(p.batch_id, p.status, func.count())
        .where(p.site_id == site_id, p.batch_id.in_(ids))
        .group_by(p.batch_id, p.status)
    )
    return Counter({(batch_id, status): int(count) for batch_id, status, count in rows})


def _picked(conn: Connection, site_id: SiteId, ids: Sequence[int]) -> Counter[int]:
    p, line = t.pick_list.c, t.pick_line.c
    rows = conn.execute(
        select(p.batch_id, func.sum(line.picked))
        .join(t.pick_line, and_(line.site_id == p.site_id, line.list_id == p.list_id))
        .where(p.site_id == site_id, p.batch_id.in_(ids))
        .group_by(p.batch_id)
    )
    return _counted(rows)


def _in_totes(conn: Connection, site_id: SiteId, ids: Sequence[int]) -> tuple[Counter[int], Counter[int]]:
    """Pieces, and totes that hold any."""
    tote, c = t.tote.c, t.tote_content.c
    rows = conn.execute(
        select(tote.batch_id, tote.tote, func.sum(c.quantity))
        .join(t.tote_content, and_(c.site_id == tote.site_id, c.tote == tote.tote))
        .where(tote.site_id == site_id, tote.batch_id.in_(ids), c.quantity > 0)
        .group_by(tote.batch_id, tote.tote)
    ).all()
    pieces: Counter[int] = Counter()
    for batch_id, _, count in rows:
        pieces[batch_id] += int(count)
    return pieces, Counter(batch_id for batch_id, _, _ in rows)


def _counted(rows: Any) -> Counter[int]:
    return Counter({batch_id: int(pieces) for batch_id, pieces in rows})

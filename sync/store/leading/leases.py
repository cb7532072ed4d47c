"""How long work stays with who holds it: a lease lasts from the terminal's last contact, and every contact renews it.

Only the store's clock decides. A lease that has ended takes nothing away by itself: lists that nobody has started go to
who asks for work next, started ones stay with their holder until a lead moves them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, exists, func, or_, select

from sync.record.ids import PickListId, SiteId, TerminalId
from sync.record.rows import ListStatus, SiteRow
from sync.store import tables as t
from sync.store.unit_of_work import UnitOfWork
from sync.store.views import rows_of

GRACE_MIN = 5
"""A holder on the way back to the network is not overtaken by a soft move in its first minutes without a lease."""


def lease_ends_at(last_seen_at: datetime, lease_min: int) -> datetime:
    """The last moment of the lease of everything that a terminal holds."""
    return last_seen_at + timedelta(minutes=lease_min)


def has_ended(now: datetime, last_seen_at: datetime, lease_min: int) -> bool:
    return now > lease_ends_at(last_seen_at, lease_min)


def site_rules(conn: Connection, site_id: SiteId) -> SiteRow:
    """What the site has set for its floor. Raises LookupError where there is no such site."""
    row = rows_of(conn, site_id, "site", [site_id]).get(site_id)
    if not isinstance(row, SiteRow):
        raise LookupError(f"there is no site {site_id}")
    return row


def lapsed_lists(work: UnitOfWork, *, lease_min: int, but: TerminalId | None, moved_only: bool) -> Sequence[PickListId]:
    """Lists that their holders' leases no longer protect, locked; never those of ``but``, which is in contact now.

    They are those that nobody has started (not with ``moved_only``) and, a while later, those that a lead has moved.
    A list that another transaction works on is left out: somebody is in contact about it.
    """
    over = work.now - timedelta(minutes=lease_min)
    about = {"site": work.site_id, "but": but or "", "over": over, "long_over": over - timedelta(minutes=GRACE_MIN)}
    return [PickListId(list_id) for list_id in work.conn.scalars(_lapsed(moved_only=moved_only), about)]


@cache
def _lapsed(*, moved_only: bool) -> Select[Any]:
    lists, holder, line = t.pick_list.c, t.terminal.c, t.pick_line.c
    touched = or_(line.picked > 0, line.shorted > 0, line.surplus > 0, line.passes > 0, line.located)
    started = exists().where(line.site_id == lists.site_id, line.list_id == lists.list_id, touched)
    # A tote that its holder has not taken yet is no beginning: it stands where the zone before has left it.
    unstarted = and_(or_(func.json_array_length(lists.totes) == 0, lists.tote_gone), ~started)
    moved = and_(lists.move_at.is_not(None), holder.last_seen_at < bindparam("long_over"))
    return (
        select(lists.list_id)
        .join(t.terminal, and_(holder.site_id == lists.site_id, holder.terminal_id == lists.terminal_id))
        .where(
            lists.site_id == bindparam("site"),
            lists.status == ListStatus.HELD,
            lists.terminal_id != bindparam("but"),
            holder.last_seen_at < bindparam("over"),
            moved if moved_only else or_(unstarted, moved),
        )
        .order_by(lists.list_id)
        .with_for_update(of=t.pick_list, skip_locked=True)
    )

"""What is forgotten: labels that nobody needs any more and, after a while, deletions in the feed.

A terminal that was away for longer begins anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, func, select, update

from sync.store import tables as t
from sync.store.database import Database
from sync.store.orders.carrier_labels import forget_carrier_labels
from sync.store.unit_of_work import NOBODY, UnitOfWork

KEPT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Purged:
    """What was forgotten: entries of the feed dropped, and entries that no longer know who had them before."""

    site_id: str
    dropped: int
    settled: int


def keep(database: Database) -> list[Purged]:
    """Forget what is old, at every site."""
    with database.read() as conn:
        sites = list(conn.execute(select(t.feed_head.c.site_id).order_by(t.feed_head.c.site_id)).scalars())
    for site_id in sites:
        database.run(site_id, forget_carrier_labels)
    return [database.run(site_id, purge_feed) for site_id in sites]


def purge_feed(work: UnitOfWork) -> Purged:
    """Forget deletions, and who had a row before, where nothing has changed for 30 days.

    Cursors before the newest of them are reset from then on: `feed_head.purged`.
    """
    f = t.feed.c
    here = f.site_id == work.site_id
    gone: ColumnElement[bool] = f.deleted | (f.audience == NOBODY)
    moved = f.left != ","
    # Of changes from before the store kept the time nothing is known: their time begins now.
    work.conn.execute(update(t.feed).where(here, f.at.is_(None), gone | moved).values(at=work.now))
    old = here & (f.at <= work.now - timedelta(days=KEPT_DAYS))
    newest = work.conn.execute(select(func.max(f.n)).where(old, gone | moved)).scalar_one_or_none()
    if newest is None:
        return Purged(work.site_id, 0, 0)
    # The head is locked first, as every commit that changes the feed does: two never wait for each other.
    h = t.feed_head.c
    work.conn.execute(update(t.feed_head).where(h.site_id == work.site_id, h.purged < newest).values(purged=newest))
    dropped = work.conn.execute(delete(t.feed).where(old, gone, f.n <= newest)).rowcount
    settled = work.conn.execute(update(t.feed).where(old, moved, f.n <= newest).values(left=",")).rowcount
    return Purged(work.site_id, dropped, settled)

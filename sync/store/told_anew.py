"""What older versions told no terminal: put into the feed when a store is brought up to date or a site is made."""

from __future__ import annotations

from sqlalchemy import select

from sync.store import tables as t
from sync.store.site_files.reasons import reasons_of
from sync.store.unit_of_work import UnitOfWork


def tell_anew(work: UnitOfWork) -> None:
    """Zones and reasons that the feed of the site does not have yet. Safe to call again."""
    f, z = t.feed.c, t.zone.c
    rows = work.conn.execute(select(f.kind, f.key).where(f.site_id == work.site_id, f.kind.in_(("zone", "reason"))))
    told = {(row.kind, row.key) for row in rows}
    zones = work.conn.scalars(select(z.zone_id).where(z.site_id == work.site_id).order_by(z.zone_id))
    reasons = (reason.code for reason in reasons_of(work.conn, work.site_id))
    for kind, keys in (("zone", zones), ("reason", reasons)):
        for key in keys:
            if (kind, key) not in told:
                work.touch(kind, key)

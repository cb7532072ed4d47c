"""What a terminal's rows must add up to, so that it finds out by itself when its copy has gone wrong."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select

from sync.store import tables as t
from sync.store.changes import Reader, audiences_of, feed_span, incarnation, read_cursor
from sync.store.keeping.snapshots import check_site, told_rows
from sync.wire.digests import RowSums
from sync.wire.messages import Checksums

MOST_LEFT_OUT = 1000


def checksums(conn: Connection, reader: Reader) -> Checksums:
    """The sums at the reader's cursor, without the rows that have changed since. Raises `BadCursor`, `UnknownSite`."""
    check_site(conn, reader.site_id)
    here = incarnation(conn)
    after, reset = read_cursor(reader.cursor, here, feed_span(conn, reader.site_id))
    changed = [] if reset else _changed_since(conn, reader, after)
    if reset or len(changed) > MOST_LEFT_OUT:
        return Checksums(incarnation=here, cursor=reader.cursor or "", comparable=False, sums={}, left_out=[])
    sums = RowSums()
    for kind, key, data in told_rows(conn, reader, up_to=after):
        sums.add(kind, key, data)
    return Checksums(incarnation=here, cursor=f"{here}:{after}", comparable=True, sums=sums.by_part(), left_out=changed)


def _changed_since(conn: Connection, reader: Reader, after: int) -> list[str]:
    """Some more than `MOST_LEFT_OUT` at most. What never was the reader's does no harm among them."""
    f = t.feed.c
    audiences = audiences_of(reader)
    left = (f.left.contains(f",{audience},", autoescape=True) for audience in audiences[1:])
    found = conn.execute(
        select(f.kind, f.key)
        .where(f.site_id == reader.site_id, f.n > after, or_(f.audience.in_(audiences), *left))
        .limit(MOST_LEFT_OUT + 1)
    )
    return [f"{row.kind}/{row.key}" for row in found]

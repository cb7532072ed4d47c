"""Everything that one terminal is told, in one picture of the store: written as lines, compressed, with a proof."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator
from itertools import islice

import msgspec
from sqlalchemy import Connection, select

from sync.record.ids import SiteId
from sync.record.rows import ROW_KINDS
from sync.store import tables as t
from sync.store.changes import Reader, audiences_of, feed_span, incarnation
from sync.store.meeting import UnknownSite, stream_mark
from sync.store.views import encoded_rows
from sync.wire.messages import Change, SnapshotEnd, encode

_KEYS_AT_ONCE = 1000
_LINES_AT_ONCE = 500
_LEVEL = 4
"""Of compression: higher ones take much longer and save little."""
_GZIP = 31


def told_rows(conn: Connection, reader: Reader, *, up_to: int | None = None) -> Iterator[tuple[str, str, bytes]]:
    """Kind, key and encoded row of everything that the reader is told, some hundred rows in memory at a time.

    ``up_to``: only what has not changed since that place in the feed.
    """
    f = t.feed.c
    audiences = audiences_of(reader)
    unchanged = () if up_to is None else (f.n <= up_to,)
    for kind in ROW_KINDS:
        after = ""
        while True:
            keys = conn.execute(
                select(f.key)
                .where(f.site_id == reader.site_id, f.kind == kind, f.key > after)
                .where(f.audience.in_(audiences), ~f.deleted, *unchanged)
                .order_by(f.key)
                .limit(_KEYS_AT_ONCE)
            )
            found = keys.scalars().all()
            rows = encoded_rows(conn, reader.site_id, kind, found) if found else {}
            yield from ((kind, key, rows[key]) for key in found if key in rows)
            if len(found) < _KEYS_AT_ONCE:
                break
            after = found[-1]


def write_snapshot(conn: Connection, reader: Reader, write: Callable[[bytes], object]) -> None:
    """Give the reader's snapshot, gzipped lines, to ``write`` piece by piece. Raises `UnknownSite`.

    ``write`` must not wait for the terminal: a slow network would hold a transaction open.
    """
    check_site(conn, reader.site_id)
    here = incarnation(conn)
    span = feed_span(conn, reader.site_id)
    mark = stream_mark(conn, reader.site_id, reader.stream_id)
    packer = zlib.compressobj(_LEVEL, wbits=_GZIP)
    digest = hashlib.sha256()
    encoder = msgspec.json.Encoder()
    told = told_rows(conn, reader)
    count = 0
    while some := [Change(kind=kind, key=key, row=msgspec.Raw(row)) for kind, key, row in islice(told, _LINES_AT_ONCE)]:
        lines = encoder.encode_lines(some)
        digest.update(lines)
        write(packer.compress(lines))
        count += len(some)
    end = SnapshotEnd(count=count, incarnation=here, cursor=f"{here}:{span.head}", hwm=mark.hwm, head_h=mark.head_h)
    digest.update(end.said())
    end = msgspec.structs.replace(end, sha256=digest.hexdigest())
    write(packer.compress(b'{"end":' + encode(end) + b"}\n") + packer.flush())


def check_site(conn: Connection, site_id: SiteId) -> None:
    """Raises `UnknownSite`."""
    if conn.execute(select(t.site.c.site_id).where(t.site.c.site_id == site_id)).first() is None:
        raise UnknownSite(site_id)

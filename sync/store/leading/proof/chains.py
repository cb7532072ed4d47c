"""The chains: each stream's entries with their verdicts, the audit trail, the feed, the imported demand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC

from sqlalchemy import Connection, and_, func, or_, select

from sync.record.ids import SiteId
from sync.store import tables as t
from sync.store.leading.proof.reading import PAGE_ROWS, AnyRow, rows

_NOTHING = "0" * 64
_VERDICTS = ("accepted", "discrepancy", "duplicate", "quarantined", "refused")
_INTENTS = (
    "claimed_list@1",
    "claimed_tote@1",
    "released_list@1",
    "carton_closed@1",
    "claimed_ssccs@1",
    "claimed_sort@1",
    "released_sort@1",
    "claimed_count@1",
    "released_count@1",
)


def broken_streams(conn: Connection, site_id: SiteId) -> Iterator[str]:
    """Entries that are missing, changed or added, and verdicts that are not the ones that were given."""
    marks = {row.stream_id: (row.hwm, row.head_h) for row in rows(conn, t.stream, site_id)}
    at: tuple[str, int, str] = ("", 0, _NOTHING)
    for row in rows(conn, t.event, site_id):
        if row.stream_id != at[0]:
            yield from _end(marks, at)
            at = (row.stream_id, 0, _NOTHING)
        if row.seq != at[1] + 1:
            yield f"stream {row.stream_id}: entries {at[1] + 1} to {row.seq - 1} are missing"
        elif _hash(at[2], bytes(row.body)) != row.h:
            yield f"{_name(row)}: its body or its hash was changed"
        yield from _odd(row)
        at = (row.stream_id, row.seq, row.h)
    yield from _end(marks, at)
    for stream_id, (hwm, _) in marks.items():
        if hwm:
            yield f"stream {stream_id}: its mark says {hwm} entries, and there are none"
    yield from _counted_twice(conn, site_id)


def _end(marks: dict[str, tuple[int, str]], at: tuple[str, int, str]) -> Iterator[str]:
    stream_id, seq, h = at
    if not stream_id:
        return
    mark = marks.pop(stream_id, None)
    if mark is None:
        yield f"stream {stream_id}: {seq} entries, and no mark"
    elif mark != (seq, h):
        yield f"stream {stream_id}: its mark says {mark[0]} entries ({mark[1][:12]}), there are {seq} ({h[:12]})"


def _odd(row: AnyRow) -> Iterator[str]:
    """What one entry contradicts by itself."""
    verdict = row.verdict if row.reason is None else f"{row.verdict}:{row.reason}"
    if row.seal is not None and row.seal != hashlib.sha256(f"{row.h} {verdict}".encode()).hexdigest()[:32]:
        yield f"{_name(row)}: its verdict {verdict} is not the one that was given"
    if row.verdict not in _VERDICTS:
        yield f"{_name(row)}: there is no verdict {row.verdict!r}"
    if row.verdict == "refused" and row.kind not in _INTENTS:
        yield f"{_name(row)}: a fact is refused, and facts never are"
    try:
        body = json.loads(bytes(row.body))
        said = (body["event_id"], body["kind"])
    except (ValueError, TypeError, KeyError, RecursionError):
        said = (row.event_id, row.kind)  # unreadable: its verdict is quarantined, and the hash goes over the bytes
        if row.verdict != "quarantined":
            yield f"{_name(row)}: it cannot be read, and its verdict is {verdict}"
    if row.verdict != "quarantined" and said != (row.event_id, row.kind):
        yield f"{_name(row)}: its row says {row.kind} {row.event_id}, its body {said[1]} {said[0]}"


def _counted_twice(conn: Connection, site_id: SiteId) -> Iterator[str]:
    e = t.event.c
    effective = or_(
        e.verdict.in_(("accepted", "discrepancy")), e.replayed.like("accepted%"), e.replayed.like("discrepancy%")
    )
    twice = (
        select(e.event_id, func.count())
        .where(e.site_id == site_id, effective)
        .group_by(e.event_id)
        .having(func.count() > 1)
        .order_by(e.event_id)
    )
    for event_id, count in conn.execute(twice):
        yield f"event {event_id}: it took effect {count} times"
    first = t.event.alias("first")
    same = and_(first.c.site_id == e.site_id, first.c.event_id == e.event_id, first.c.verdict != "duplicate")
    orphans = (
        select(e.stream_id, e.seq, e.kind)
        .where(e.site_id == site_id, e.verdict == "duplicate", ~select(first.c.seq).where(same).exists())
        .order_by(e.stream_id, e.seq)
    )
    for row in conn.execute(orphans):
        yield f"{_name(row)}: it is a duplicate of an entry that is not there"


def broken_trail(conn: Connection, site_id: SiteId) -> Iterator[str]:
    """Rows of the audit trail that are missing, changed or added."""
    n, h = 0, _NOTHING
    for row in rows(conn, t.audit, site_id):
        if row.n != n + 1:
            yield f"audit trail: rows {n + 1} to {row.n - 1} are missing"
        elif _hash(h, _audit_bytes(site_id, row)) != row.h:
            yield f"audit trail, row {row.n} ({row.what} {row.about} by {row.who}): it was changed"
        n, h = row.n, row.h
    c = t.counter.c
    drawn = conn.execute(select(c.value).where(c.site_id == site_id, c.name == "audit")).scalar_one_or_none() or 0
    if drawn != n:
        yield f"audit trail: {drawn} rows were written, and the last one there is {n}"


def _audit_bytes(site_id: SiteId, row: AnyRow) -> bytes:
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    said = {"about": row.about, "at": at, "detail": row.detail, "n": row.n, "site": site_id}
    return json.dumps(said | {"what": row.what, "who": row.who}, sort_keys=True, separators=(",", ":")).encode()


def broken_feed(conn: Connection, site_id: SiteId) -> Iterator[str]:
    """Numbers of the change feed that no terminal could rely on."""
    f, head = t.feed.c, t.feed_head.c
    n = conn.execute(select(func.coalesce(func.max(head.n), 0)).where(head.site_id == site_id)).scalar_one()
    newest = conn.execute(select(func.coalesce(func.max(f.n), 0)).where(f.site_id == site_id)).scalar_one()
    if newest > n:
        yield f"feed: its head says {n}, and there is a change {newest}"
    twice = select(f.n).where(f.site_id == site_id).group_by(f.n).having(func.count() > 1).order_by(f.n)
    for number in conn.execute(twice).scalars():
        yield f"feed: change {number} is there more than once"


def broken_imports(conn: Connection, site_id: SiteId) -> Iterator[str]:
    """Imported order lines whose item or ordered pieces are not those that came in: the trail holds their digest."""
    a = t.audit.c
    wanted = select(a.detail, a.about).where(a.site_id == site_id, a.what == "import").order_by(a.n)
    for detail, name in conn.execute(wanted).all():
        found = hashlib.sha256()
        for row in _imported_lines(conn, site_id, detail["import_id"]):
            found.update(f"{row.order_line_id} {row.item_id} {row.ordered}\n".encode())
        if found.hexdigest() != detail["demand"]:
            yield f"import {detail['import_id']} ({name}): its order lines are not those that came in"


def _imported_lines(conn: Connection, site_id: SiteId, import_id: int) -> Iterator[AnyRow]:
    line, came = t.order_line.c, t.import_row.c
    of_import = and_(came.site_id == site_id, came.import_id == import_id, came.outcome == "order_line")
    last = 0
    while True:
        page = conn.execute(
            select(line.order_line_id, line.item_id, line.ordered)
            .where(line.site_id == site_id, line.order_line_id > last)
            .where(line.order_line_id.in_(select(came.target).where(of_import)))
            .order_by(line.order_line_id)
            .limit(PAGE_ROWS)
        ).all()
        yield from page
        if len(page) < PAGE_ROWS:
            return
        last = page[-1].order_line_id


def _hash(before: str, data: bytes) -> str:
    return hashlib.sha256(bytes.fromhex(before) + data).hexdigest()


def _name(row: AnyRow) -> str:
    return f"stream {row.stream_id}, entry {row.seq} ({row.kind})"

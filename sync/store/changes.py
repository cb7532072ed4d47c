"""The change feed that goes down: the newest state of each row behind one commit-ordered cursor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, or_, select

from sync.record.ids import SiteId, StreamId, TerminalId
from sync.store import tables as t
from sync.store.meeting import UnknownSite, stream_mark
from sync.store.unit_of_work import EVERYBODY, PACK_STATIONS, one_terminal
from sync.store.views import encoded_rows
from sync.wire.messages import MAX_PAGE, NO_ROW, Change, Changes

SCOPES = frozenset({PACK_STATIONS})
"""What a terminal may ask for beyond its own work."""
LARGE_ROWS = 16
"""Of labels from carriers, up to 64 KiB each, so many in a page."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks, and how far it has read. ``cursor`` as the last page gave it, or None."""

    site_id: SiteId
    terminal_id: TerminalId
    stream_id: StreamId
    scopes: tuple[str, ...]
    cursor: str | None


class BadCursor(ValueError):
    """A cursor that no store ever gave."""


def incarnation(conn: Connection) -> str:
    return str(conn.execute(select(t.store.c.incarnation)).scalar_one())


def changes(conn: Connection, reader: Reader, limit: int) -> Changes:
    """One page of what changed for the reader since its cursor. Raises `BadCursor`, `UnknownSite`."""
    if conn.execute(select(t.site.c.site_id).where(t.site.c.site_id == reader.site_id)).first() is None:
        raise UnknownSite(reader.site_id)
    span = feed_span(conn, reader.site_id)
    here = incarnation(conn)
    after, reset = read_cursor(reader.cursor, here, span)
    limit = min(limit, MAX_PAGE)
    audiences = audiences_of(reader)
    f = t.feed.c
    mine = f.audience.in_(audiences)
    # `left` holds the audiences that had the row before it moved on: they must forget it.
    was_mine = or_(*(f.left.contains(f",{audience},", autoescape=True) for audience in audiences[1:]))
    wanted = mine & ~f.deleted if after == 0 else mine | was_mine
    found = conn.execute(
        select(f.kind, f.key, f.n, f.audience, f.deleted)
        .where(f.site_id == reader.site_id, f.n > after, wanted)
        .order_by(f.n)
        .limit(limit + 1)
    ).all()
    page = found[: page_end([row.kind for row in found], limit)]
    more = len(found) > len(page)
    mark = stream_mark(conn, reader.site_id, reader.stream_id)
    return Changes(
        incarnation=here,
        cursor=f"{here}:{page[-1].n if more else span.head}",
        more=more,
        reset=reset,
        hwm=mark.hwm,
        head_h=mark.head_h,
        changes=with_rows(
            conn, reader.site_id, [(row.kind, row.key, row.audience in audiences and not row.deleted) for row in page]
        ),
        behind=span.head - page[-1].n if more else 0,
    )


@dataclass(frozen=True, slots=True)
class FeedSpan:
    """The newest change of a site, and up to which one deletions are forgotten."""

    head: int
    purged: int


def feed_span(conn: Connection, site_id: SiteId) -> FeedSpan:
    h = t.feed_head.c
    found = conn.execute(select(h.n, h.purged).where(h.site_id == site_id)).first()
    return FeedSpan(0, 0) if found is None else FeedSpan(int(found.n), int(found.purged))


def audiences_of(reader: Reader) -> list[str]:
    """Whose rows the reader is told."""
    return [EVERYBODY, one_terminal(reader.terminal_id), *(scope for scope in reader.scopes if scope in SCOPES)]


def read_cursor(cursor: str | None, here: str, span: FeedSpan) -> tuple[int, bool]:
    """Where to read on, and whether the reader must start again from nothing. Raises `BadCursor`."""
    if cursor is None:
        return 0, True
    there, _, number = cursor.partition(":")
    if not (number.isascii() and number.isdigit()) or len(number) > 18:
        raise BadCursor(cursor)
    if there != here or not span.purged <= int(number) <= span.head:
        return 0, True
    return int(number), False


def page_end(kinds: Sequence[str], limit: int) -> int:
    """How many of the changes make a page: ``limit``, and no more large ones than `LARGE_ROWS`."""
    large = [place for place, kind in enumerate(kinds) if kind == "carrier_label"]
    return min(limit, large[LARGE_ROWS]) if len(large) > LARGE_ROWS else limit


def knows_more(cursor: str | None, here: str, head: int) -> bool:
    """Whether somebody was told of a change that the store does not have: it was put back to an older picture."""
    named, _, number = (cursor or "").partition(":")
    return named == here and number.isascii() and number.isdigit() and int(number) > head


def with_rows(conn: Connection, site_id: SiteId, page: Sequence[tuple[str, str, bool]]) -> list[Change]:
    keys: dict[str, list[str]] = defaultdict(list)
    for kind, key, visible in page:
        if visible:
            keys[kind].append(key)
    rows = {kind: encoded_rows(conn, site_id, kind, wanted) for kind, wanted in keys.items()}
    return [
        Change(kind=kind, key=key, row=msgspec.Raw(row) if visible and (row := rows[kind].get(key)) else NO_ROW)
        for kind, key, visible in page
    ]

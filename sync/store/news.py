"""What is new in a site's feed, read once for all who follow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from sync.record.ids import SiteId, StreamId
from sync.store import tables as t
from sync.store.changes import FeedSpan, feed_span, incarnation, with_rows
from sync.store.meeting import Mark, stream_marks
from sync.store.unit_of_work import NOBODY
from sync.wire.messages import Change


@dataclass(frozen=True, slots=True)
class News:
    """What is new in a site's feed, in one picture of the store.

    ``changes`` are in order; None: there were more than were asked for. ``marks`` are those of the streams asked for.
    """

    incarnation: str
    span: FeedSpan
    changes: list[Changed] | None
    marks: dict[StreamId, Mark]


@dataclass(frozen=True, slots=True)
class Changed:
    """The newest state of a row, for whomever it concerns."""

    n: int
    change: Change
    audience: str
    left: frozenset[str]
    """Who had the row before and must forget it."""

    def told_to(self, audiences: Sequence[str]) -> Change | None:
        """What readers with these audiences are told; None: it is no matter of theirs."""
        if self.audience in audiences:
            return self.change
        if not self.left.isdisjoint(audiences[1:]):
            return Change(kind=self.change.kind, key=self.change.key)
        return None


def news(conn: Connection, site_id: SiteId, after: int | None, at_most: int, stream_ids: Sequence[StreamId]) -> News:
    """What changed after ``after``; None: nothing of it, only where the feed stands."""
    span = feed_span(conn, site_id)
    found = [] if after is None or span.head == after else _newer(conn, site_id, after, at_most + 1)
    return News(
        incarnation=incarnation(conn),
        span=span,
        changes=None if len(found) > at_most else _changed(conn, site_id, found),
        marks=stream_marks(conn, site_id, stream_ids),
    )


def _newer(conn: Connection, site_id: SiteId, after: int, at_most: int) -> Sequence[Any]:
    f = t.feed.c
    columns = (f.kind, f.key, f.n, f.audience, f.left, f.deleted)
    return conn.execute(select(*columns).where(f.site_id == site_id, f.n > after).order_by(f.n).limit(at_most)).all()


def _changed(conn: Connection, site_id: SiteId, found: Sequence[Any]) -> list[Changed]:
    page = [(row.kind, row.key, row.audience != NOBODY and not row.deleted) for row in found]
    return [
        Changed(row.n, change, row.audience, frozenset(filter(None, row.left.split(","))))
        for row, change in zip(found, with_rows(conn, site_id, page), strict=True)
    ]

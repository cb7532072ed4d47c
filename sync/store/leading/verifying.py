"""The record proved from the facts: stock, order lines, totes, cartons and lists follow from the ledgers' entries, the
journal of moves and the audit trail, and nothing of these was changed, added or taken away.

Nothing here is shared with what judges facts or reconciles a site: a mistake there is not made here again. Memory stays
bounded: rows are read piece by piece, and the sums are kept in a scratch file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from sync.record.ids import SiteId
from sync.store import tables as t
from sync.store.leading.proof import chains, facts, record
from sync.store.leading.proof.tally import Rule, Tally
from sync.store.leading.proof.trips import trip_differences


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much there is to verify, and the end of the audit trail: noted elsewhere, it proves the trail's length."""

    streams: int
    entries: int
    moves: int
    audit_rows: int
    audit_head: str


def extent(conn: Connection, site_id: SiteId) -> Extent:
    streams, entries, moves, audit_rows = (
        int(conn.execute(select(func.count()).select_from(table).where(table.c.site_id == site_id)).scalar_one())
        for table in (t.stream, t.event, t.stock_move, t.audit)
    )
    a = t.audit.c
    head = conn.execute(select(a.h).where(a.site_id == site_id).order_by(a.n.desc()).limit(1)).scalar_one_or_none()
    return Extent(streams=streams, entries=entries, moves=moves, audit_rows=audit_rows, audit_head=head or "")


def differences(conn: Connection, site_id: SiteId) -> Iterator[str]:
    """Every difference in words, with where it is and how much; none when the record is proved."""
    yield from chains.broken_streams(conn, site_id)
    yield from chains.broken_trail(conn, site_id)
    yield from chains.broken_feed(conn, site_id)
    yield from chains.broken_imports(conn, site_id)
    with closing(Tally()) as tally:
        yield from facts.check_facts(conn, site_id, tally)
        record.count_places(conn, site_id, tally)
        record.count_cartons(conn, site_id, tally)
        record.count_batches(conn, site_id, tally)
        yield from record.check_orders(conn, site_id, tally)
        record.check_cancelled(conn, site_id, tally)
        yield from record.check_lists(conn, site_id, tally)
        yield from trip_differences(conn, site_id)
        for one in tally.unequal():
            least = "at most " if one.rule is Rule.AT_MOST else ""
            yield f"{one.where}: {one.said} {one.what} by its row, {least}{one.follows} by the facts"

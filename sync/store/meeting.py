"""What the store knows of those who push and of what they bring, read and held before any of it is judged."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from sync.record.facts import Verdict, VerdictKind
from sync.record.ids import SiteId, StreamId, TerminalId
from sync.store import tables as t
from sync.store.access.enrolling import KnownTerminal, known_as
from sync.store.bench import Bench
from sync.store.contacts import note_contacts
from sync.store.entries import Incoming, Piece, entries_of
from sync.store.in_bulk import rows_with
from sync.store.prefetching import ask_for_lines
from sync.store.round_trip import RoundTrip, RowDict
from sync.store.statements import padded, rows_named, senders_seen, store_now, verdicts_of
from sync.store.unit_of_work import UnitOfWork
from sync.wire.messages import GENESIS


class UnknownSite(Exception):
    """The store has no site of that name."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a stream has come: its last sequence number and the hash there."""

    hwm: int
    head_h: str
    safe_seq: int = 0
    """Up to here it is in a backup that was read again."""


BEFORE_ALL = Mark(0, GENESIS)


def stream_mark(conn: Connection, site_id: SiteId, stream_id: StreamId) -> Mark:
    return stream_marks(conn, site_id, [stream_id])[stream_id]


def stream_marks(conn: Connection, site_id: SiteId, stream_ids: Sequence[StreamId]) -> dict[StreamId, Mark]:
    """The mark of each of these streams; one that the store has never heard of is at its beginning."""
    if not stream_ids:
        return {}
    found = rows_with(conn, site_id, t.stream.c.stream_id, stream_ids)
    return dict.fromkeys(stream_ids, BEFORE_ALL) | {row["stream_id"]: Mark(row["hwm"], row["head_h"]) for row in found}


@dataclass(slots=True)
class Met:
    """What was found."""

    bench: Bench
    entries: list[list[Incoming]]
    """Of each piece."""
    foreign: bool
    """Whether somebody brings what another one wrote."""
    standing: dict[TerminalId, KnownTerminal | None] = field(default_factory=dict)
    marks: dict[StreamId, Mark] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    """The verdicts of events that were judged before."""
    incarnation: str = ""
    head: int = 0
    """The newest change that the store has told of."""


def meet(work: UnitOfWork, pieces: Sequence[Piece]) -> Met:
    """Know who sends, since when and until now, and how far each stream has come, and hold their rows until the end.

    A stream that begins is made: a restored store accepts everything again from the first. Raises `UnknownSite`.
    """
    met = Met(Bench(work), [entries_of(piece) for piece in pieces], foreign=False)
    senders = sorted({piece.terminal_id for piece in pieces})
    streams = {"stream_id": sorted({piece.stream_id for piece in pieces})}
    everything = [item for entries in met.entries for item in entries]
    met.foreign = not {item.entry.stamp.terminal_id for item in everything if item.entry is not None} <= {*senders}
    dialect = work.conn.dialect.name

    def streams_stand(rows: list[RowDict]) -> None:
        met.marks = {row["stream_id"]: Mark(row["hwm"], row["head_h"], row["safe_seq"]) for row in rows}

    def senders_are(rows: list[RowDict]) -> None:
        met.standing = {row["terminal_id"]: known_as(row) for row in rows}

    def store_is(rows: list[RowDict]) -> None:
        for row in rows:
            met.incarnation, met.head = row["incarnation"], row["head"] or 0

    with work.round_trip() as trip:
        work.mark(trip)
        trip.ask(store_now(), {"site": work.site_id}, store_is)
        trip.ask(senders_seen(dialect), {"site": work.site_id, "senders": senders, "now": work.now}, senders_are)
        trip.ask(rows_named(dialect, t.stream, "stream_id"), {"site": work.site_id, **streams}, streams_stand)
        if not met.foreign:
            ask_about(met, trip, everything)
    strangers = set(senders) - set(met.standing)
    if strangers:
        _check_site(work)
        _make_known(work, strangers)
    note_contacts(work, {piece.terminal_id: piece.contact for piece in pieces if piece.contact is not None})
    begun = [
        stream_row(piece, BEFORE_ALL)
        for piece in sorted(pieces, key=lambda piece: piece.stream_id)
        if piece.stream_id not in met.marks and (piece.from_seq, piece.prev_h) == (1, GENESIS)
    ]
    if begun:
        work.upsert(t.stream, begun, update_columns=())
        with work.round_trip() as trip:
            trip.ask(rows_named(dialect, t.stream, "stream_id"), {"site": work.site_id, **streams}, streams_stand)
    return met


def stream_row(piece: Piece, mark: Mark) -> RowDict:
    return {
        "stream_id": piece.stream_id,
        "terminal_id": piece.terminal_id,
        "hwm": mark.hwm,
        "head_h": mark.head_h,
    }


def ask_about(met: Met, trip: RoundTrip, new: Sequence[Incoming]) -> None:
    def they_were(rows: list[RowDict]) -> None:
        met.known = _verdicts_of_known_events(rows)

    work = met.bench.work
    events = {"site": work.site_id, "event_id": sorted({item.event_id for item in new})}
    trip.ask(verdicts_of(work.conn.dialect.name), events, they_were, plan_anew=True)
    ask_for_lines(met.bench, trip, [item.entry for item in new if item.entry is not None])


def _check_site(work: UnitOfWork) -> None:
    known = work.conn.execute(select(t.site.c.site_id).where(t.site.c.site_id == work.site_id)).first()
    if known is None:
        raise UnknownSite(work.site_id)


def _verdicts_of_known_events(rows: Sequence[RowDict]) -> dict[str, str]:
    return {row["event_id"]: str(Verdict(kind=VerdictKind(row["verdict"]), reason=row["reason"])) for row in rows}


def hold_writers(work: UnitOfWork, new: Sequence[Incoming], held: Collection[TerminalId]) -> None:
    """Hold the rows of those who wrote what others send.

    So no event is judged twice at once: it has one writer, and whoever else sends it (a clone, a rescue) waits here.
    """
    writers = {item.entry.stamp.terminal_id for item in new if item.entry is not None} - set(held)
    if not writers:
        return
    _make_known(work, writers)
    c = t.terminal.c
    work.conn.execute(
        select(c.terminal_id)
        .where(c.site_id == work.site_id, c.terminal_id.in_(padded(sorted(writers))))
        .order_by(c.terminal_id)
        .with_for_update()
    )


def _make_known(work: UnitOfWork, terminals: Collection[TerminalId]) -> None:
    row = {"first_seen_at": work.now, "last_seen_at": work.now, "worker_id": None}
    work.upsert(t.terminal, [row | {"terminal_id": one} for one in sorted(terminals)], update_columns=())

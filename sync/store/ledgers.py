"""Ledgers that come up: each entry judged once, in the transaction that applies it, its verdict kept for ever."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sync.record.facts import Undone, Verdict, VerdictKind
from sync.record.ids import EventId, SiteId, StreamId, TerminalId
from sync.store import tables as t
from sync.store.access.enrolling import KnownTerminal, known_as
from sync.store.bench import Bench
from sync.store.contacts import note_contact
from sync.store.entries import FOR_ITSELF, Incoming, Piece, Trust, entries_of
from sync.store.judging.judge import judge
from sync.store.judging.lines_at_hand import NOT_ALLOWED
from sync.store.judging.undo import TOOK_EFFECT
from sync.store.prefetching import prefetch
from sync.store.statements import padded
from sync.store.unit_of_work import UnitOfWork
from sync.wire.messages import GENESIS, Judged

log = logging.getLogger("floorhand.store")


class Fork(Exception):
    """Somebody else has written under this stream: its entries differ from what the store holds."""


class Gap(Exception):
    """Entries are missing before the first one that came; ``hwm`` is the last that the store holds."""

    def __init__(self, hwm: int) -> None:
        super().__init__(f"the store holds this stream up to {hwm}")
        self.hwm = hwm


class Outdated(Exception):
    """The sender was let in as what it is no longer: its key, its scopes or its standing have changed."""


class UnknownSite(Exception):
    """The store has no site of that name."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a stream has come: its last sequence number and the hash there."""

    hwm: int
    head_h: str
    safe_seq: int = 0
    """Up to here it is in a backup that was read again."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A piece that was taken in: the mark after it and the verdict of every entry that was sent."""

    mark: Mark
    verdicts: list[Judged]


Refusal = Fork | Gap | Outdated
"""What becomes of a piece that is not taken in."""
_SEEN = (
    update(t.terminal)
    .where(
        t.terminal.c.site_id == bindparam("site"), t.terminal.c.terminal_id.in_(bindparam("senders", expanding=True))
    )
    .values(last_seen_at=bindparam("now"))
    .returning(t.terminal.c.terminal_id, t.terminal.c.public_key, t.terminal.c.scopes, t.terminal.c.revoked_at)
)
BEFORE_ALL = Mark(0, GENESIS)


def stream_mark(conn: Connection, site_id: SiteId, stream_id: StreamId) -> Mark:
    return stream_marks(conn, site_id, [stream_id])[stream_id]


def stream_marks(conn: Connection, site_id: SiteId, stream_ids: Sequence[StreamId]) -> dict[StreamId, Mark]:
    """The mark of each of these streams; one that the store has never heard of is at its beginning."""
    if not stream_ids:
        return {}
    c = t.stream.c
    found = conn.execute(
        select(c.stream_id, c.hwm, c.head_h).where(c.site_id == site_id, c.stream_id.in_(padded(stream_ids)))
    )
    return dict.fromkeys(stream_ids, BEFORE_ALL) | {row.stream_id: Mark(int(row.hwm), str(row.head_h)) for row in found}


def receive(
    work: UnitOfWork,
    stream_id: StreamId,
    terminal_id: TerminalId,
    from_seq: int,
    prev_h: str,
    bodies: Sequence[bytes],
    trust: Trust = FOR_ITSELF,
) -> tuple[Mark, list[Judged]]:
    """Take in a piece of a ledger; returns the mark after it and the verdict of every entry that was sent.

    Entries that the store has are answered with their stored verdicts. Raises `Fork`, `Gap`, `UnknownSite`.
    """
    piece = Piece(
        stream_id=stream_id, terminal_id=terminal_id, from_seq=from_seq, prev_h=prev_h, bodies=bodies, trust=trust
    )
    (answer,) = receive_all(work, [piece])
    if not isinstance(answer, Taken):
        raise answer
    return answer.mark, answer.verdicts


def receive_all(work: UnitOfWork, pieces: Sequence[Piece]) -> list[Taken | Refusal]:
    """Take in pieces of different ledgers, one after the other in one transaction; each gets its own answer.

    A piece that does not follow what the store holds changes nothing and is no matter of the others. No two pieces may
    be of one stream. Raises `UnknownSite`.
    """
    standing = _meet_senders(work, pieces)
    marks = _lock_streams(work, pieces)
    new: list[Incoming] = []
    answers: list[Taken | Refusal] = []
    for piece in pieces:
        if piece.known is not None and standing.get(piece.terminal_id) != piece.known:
            answers.append(Outdated())
            continue
        entries = entries_of(piece)
        answers.append(_compare(work, piece, entries, marks.get(piece.stream_id, BEFORE_ALL)))
        if isinstance(answers[-1], Taken):
            new += entries[len(answers[-1].verdicts) :]
    _hold_writers(work, new, {piece.terminal_id for piece in pieces})
    judged = iter(_judge_new(work, new))
    moved: dict[StreamId, Mark] = {}
    for piece, answer in zip(pieces, answers, strict=True):
        if isinstance(answer, Taken) and len(answer.verdicts) < len(piece.bodies):
            answer.verdicts.extend(islice(judged, len(piece.bodies) - len(answer.verdicts)))
            moved[piece.stream_id] = answer.mark
    _move_streams(work, moved)
    return answers


def _check_site(work: UnitOfWork) -> None:
    known = work.conn.execute(select(t.site.c.site_id).where(t.site.c.site_id == work.site_id)).first()
    if known is None:
        raise UnknownSite(work.site_id)


def _meet_senders(work: UnitOfWork, pieces: Sequence[Piece]) -> dict[TerminalId, KnownTerminal | None]:
    """Know who sends, since when and until now, and hold their rows until the end. Raises `UnknownSite`."""
    senders = sorted({piece.terminal_id for piece in pieces})
    seen = {"site": work.site_id, "senders": padded(senders), "now": work.now}
    standing = {row.terminal_id: known_as(row) for row in work.conn.execute(_SEEN, seen)}
    strangers = set(senders) - set(standing)
    if strangers:
        _check_site(work)
        _make_known(work, strangers)
    for piece in pieces:
        if piece.contact is not None:
            note_contact(work, piece.terminal_id, piece.contact)
    return standing


def _hold_writers(work: UnitOfWork, new: Sequence[Incoming], held: Collection[TerminalId]) -> None:
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


def _lock_streams(work: UnitOfWork, pieces: Sequence[Piece]) -> dict[StreamId, Mark]:
    """The marks of the streams. One that begins is made: a restored store accepts everything again from the first."""
    c = t.stream.c
    wanted = padded(sorted(piece.stream_id for piece in pieces))
    held = (
        select(c.stream_id, c.hwm, c.head_h, c.safe_seq)
        .where(c.site_id == work.site_id, c.stream_id.in_(wanted))
        .order_by(c.stream_id)
        .with_for_update()
    )
    marks = {row.stream_id: _mark(row) for row in work.conn.execute(held)}
    begun = [
        {"stream_id": piece.stream_id, "terminal_id": piece.terminal_id, "hwm": 0, "head_h": GENESIS}
        for piece in sorted(pieces, key=lambda piece: piece.stream_id)
        if piece.stream_id not in marks and (piece.from_seq, piece.prev_h) == (1, GENESIS)
    ]
    if begun:
        work.upsert(t.stream, begun, update_columns=())
        marks = {row.stream_id: _mark(row) for row in work.conn.execute(held)}
    return marks


def _mark(row: Any) -> Mark:
    return Mark(int(row.hwm), str(row.head_h), int(row.safe_seq))


def _move_streams(work: UnitOfWork, moved: dict[StreamId, Mark]) -> None:
    if moved:
        work.conn.execute(
            update(t.stream)
            .where(t.stream.c.site_id == work.site_id, t.stream.c.stream_id == bindparam("of_stream"))
            .values(hwm=bindparam("to_hwm"), head_h=bindparam("to_h")),
            [
                {"of_stream": stream_id, "to_hwm": mark.hwm, "to_h": mark.head_h}
                for stream_id, mark in sorted(moved.items())
            ],
        )


def _compare(work: UnitOfWork, piece: Piece, entries: Sequence[Incoming], mark: Mark) -> Taken | Refusal:
    """Where the piece stands to what the store holds: the verdicts that its first entries have already."""
    if piece.from_seq > mark.hwm + 1:
        return Gap(mark.hwm)
    after = Mark(entries[-1].seq, entries[-1].h, mark.safe_seq) if entries else mark
    if piece.from_seq == mark.hwm + 1:
        return Taken(after, []) if piece.prev_h == mark.head_h else Fork()
    stored = _stored(work, piece.stream_id, piece.from_seq - 1, after.hwm)
    known_before = stored.get(piece.from_seq - 1)
    if piece.prev_h != (GENESIS if piece.from_seq == 1 else known_before.h if known_before else ""):
        return Fork()
    known = [(item, stored[item.seq]) for item in entries if item.seq in stored]
    if any(item.h != old.h for item, old in known):
        return Fork()
    return Taken(
        after if after.hwm > mark.hwm else mark,
        [Judged(seq=item.seq, event_id=old.event_id, verdict=old.verdict, reason=old.reason) for item, old in known],
    )


def _stored(work: UnitOfWork, stream_id: StreamId, first: int, last: int) -> dict[int, Any]:
    e = t.event.c
    rows = work.conn.execute(
        select(e.seq, e.event_id, e.h, e.verdict, e.reason).where(
            e.site_id == work.site_id, e.stream_id == stream_id, e.seq.between(first, last)
        )
    )
    return {int(row.seq): row for row in rows}


def _judge_new(work: UnitOfWork, new: Sequence[Incoming]) -> list[Judged]:
    if not new:
        return []
    verdicts = _verdicts(work, new)
    work.insert(
        t.event,
        [
            {
                "stream_id": item.stream_id,
                "seq": item.seq,
                "event_id": item.event_id,
                "h": item.h,
                "kind": item.kind,
                "body": item.body,
                "received_at": work.now,
                "verdict": str(verdict.kind),
                "reason": verdict.reason,
                "undoes": _undoes(item, verdict),
                "seal": _seal(item.h, verdict),
            }
            for item, verdict in zip(new, verdicts, strict=True)
        ],
    )
    return [
        Judged(seq=item.seq, event_id=item.event_id, verdict=str(verdict.kind), reason=verdict.reason)
        for item, verdict in zip(new, verdicts, strict=True)
    ]


def _seal(h: str, verdict: Verdict) -> str:
    """Binds the verdict to the entry that got it: `floor store verify` tells when either was changed."""
    return hashlib.sha256(f"{h} {verdict}".encode()).hexdigest()[:32]


def _undoes(item: Incoming, verdict: Verdict) -> EventId | None:
    if item.entry is None or (verdict.kind is not VerdictKind.ACCEPTED and verdict.reason != NOT_ALLOWED):
        return None
    return item.entry.fact.undoes if isinstance(item.entry.fact, Undone) else None


def _verdicts(work: UnitOfWork, new: Sequence[Incoming]) -> list[Verdict]:
    """All in one go; where a rule breaks on one of them, again one by one, so that it alone is quarantined."""
    earlier = _verdicts_of_known_events(work, [item.event_id for item in new])
    try:
        with work.savepoint():
            bench, known = Bench(work), dict(earlier)
            prefetch(bench, [item.entry for item in new if item.entry is not None])
            bench.roster.fetch(item.entry.stamp.worker_id for item in new if item.entry is not None)
            verdicts = []
            for item in new:
                verdicts.append(_one(bench, item, known))
                _remember(bench, item, verdicts[-1], known)
            bench.flush()
            return verdicts
    except Exception as error:  # noqa: BLE001 - any rule may break on any input: it must cost one entry, not the stream
        _raise_if_transient(error)
    bench = Bench(work)
    return [_one_alone(bench, item, earlier) for item in new]


def judge_alone(work: UnitOfWork, item: Incoming, earlier: dict[str, str]) -> Verdict:
    """Judge one entry and apply it; ``earlier`` holds its verdict where it was judged before."""
    return _one_alone(Bench(work), item, earlier)


def _raise_if_transient(error: Exception) -> None:
    """What the database says of the data itself would come again for ever; all else may pass, and aborts the push."""
    if isinstance(error, DBAPIError | PoolTimeout) and not isinstance(error, DataError | IntegrityError):
        raise error


def _one(bench: Bench, item: Incoming, earlier: dict[str, str]) -> Verdict:
    if item.entry is not None and item.entry.stamp.site_id != bench.site_id:
        return Verdict(kind=VerdictKind.QUARANTINED, reason="other-site")
    if item.event_id in earlier:
        return Verdict(kind=VerdictKind.DUPLICATE, reason=earlier[item.event_id])
    if item.entry is None:
        return Verdict(kind=VerdictKind.QUARANTINED, reason=item.problem)
    if item.distrust is not None:
        return Verdict(kind=VerdictKind.QUARANTINED, reason=item.distrust)
    return judge(bench, item.entry)


def _remember(bench: Bench, item: Incoming, verdict: Verdict, earlier: dict[str, str]) -> None:
    """What later entries of the batch must know of this one: their database does not show it yet."""
    if verdict.kind is not VerdictKind.DUPLICATE:
        earlier[item.event_id] = str(verdict)
    if item.entry is not None and verdict.kind in TOOK_EFFECT:
        bench.judged[item.event_id] = item.entry
    if undone := _undoes(item, verdict):
        bench.undone.add(undone)


def _one_alone(bench: Bench, item: Incoming, earlier: dict[str, str]) -> Verdict:
    try:
        with bench.work.savepoint():
            verdict = _one(bench, item, earlier)
            bench.flush()
    except Exception as error:
        _raise_if_transient(error)
        log.error("the rule for %s broke on event %s", item.kind, item.event_id, exc_info=error)
        bench.forget()
        verdict = Verdict(kind=VerdictKind.QUARANTINED, reason="rule-broke")
    _remember(bench, item, verdict, earlier)
    return verdict


def _verdicts_of_known_events(work: UnitOfWork, event_ids: Sequence[str]) -> dict[str, str]:
    e = t.event.c
    rows = work.conn.execute(
        select(e.event_id, e.verdict, e.reason).where(
            e.site_id == work.site_id, e.event_id.in_(padded(event_ids)), e.verdict != VerdictKind.DUPLICATE
        )
    )
    return {row.event_id: str(Verdict(kind=VerdictKind(row.verdict), reason=row.reason)) for row in rows}

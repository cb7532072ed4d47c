"""Ledgers that come up: each entry judged once, in the transaction that applies it, its verdict kept for ever."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sync.record.facts import Undone, Verdict, VerdictKind
from sync.record.ids import EventId, StreamId, TerminalId
from sync.store import tables as t
from sync.store.bench import Bench
from sync.store.changes import knows_more
from sync.store.entries import FOR_ITSELF, Incoming, Piece, Trust
from sync.store.judging.judge import judge
from sync.store.judging.lines_at_hand import NOT_ALLOWED
from sync.store.judging.undo import TOOK_EFFECT
from sync.store.meeting import BEFORE_ALL, Mark, Met, UnknownSite, ask_about, hold_writers, meet, stream_row
from sync.store.prefetching import prefetch_rest
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


class Behind(Exception):
    """The sender was told of changes that the store does not have any more."""


class Outdated(Exception):
    """The sender was let in as what it is no longer: its key, its scopes or its standing have changed."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A piece that was taken in: the mark after it and the verdict of every entry that was sent."""

    incarnation: str
    """The store's."""
    mark: Mark
    verdicts: list[Judged]


Refusal = Fork | Gap | Outdated | Behind
"""What becomes of a piece that is not taken in."""


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
    try:
        return _take_in(work, pieces, _verdicts)
    except UnknownSite:
        raise
    except Exception as error:  # noqa: BLE001 - any rule may break on any input: it must cost one entry, not the stream
        _raise_if_transient(error)
    work.take_back()
    return _take_in(work, pieces, _verdicts_one_by_one)


def _take_in(
    work: UnitOfWork,
    pieces: Sequence[Piece],
    judge_all: Callable[[Bench, Sequence[Incoming], dict[str, str]], list[Verdict]],
) -> list[Taken | Refusal]:
    """All in few round trips: what is there, what else is needed, and everything that is to be written."""
    met = meet(work, pieces)
    new: list[Incoming] = []
    answers: list[Taken | Refusal] = []
    for piece, entries in zip(pieces, met.entries, strict=True):
        if piece.known is not None and met.standing.get(piece.terminal_id) != piece.known:
            answers.append(Outdated())
            continue
        if knows_more(piece.cursor, met.incarnation, met.head):
            answers.append(Behind())
            continue
        answers.append(_compare(work, piece, entries, met))
        if isinstance(answers[-1], Taken):
            new += entries[len(answers[-1].verdicts) :]
    if met.foreign:
        hold_writers(work, new, {piece.terminal_id for piece in pieces})
        with work.round_trip() as trip:
            ask_about(met, trip, new)
    prefetch_rest(met.bench, [item.entry for item in new if item.entry is not None])
    verdicts = judge_all(met.bench, new, met.known)
    judged = iter(_judged(new, verdicts))
    moved = []
    for piece, answer in zip(pieces, answers, strict=True):
        if isinstance(answer, Taken) and len(answer.verdicts) < len(piece.bodies):
            answer.verdicts.extend(islice(judged, len(piece.bodies) - len(answer.verdicts)))
            moved.append(stream_row(piece, answer.mark))
    with work.round_trip():
        met.bench.flush()
        _write_entries(work, new, verdicts)
        work.upsert(t.stream, sorted(moved, key=itemgetter("stream_id")), update_columns=("hwm", "head_h"))
        work.number_changes()
    return answers


def _compare(work: UnitOfWork, piece: Piece, entries: Sequence[Incoming], met: Met) -> Taken | Refusal:
    """Where the piece stands to what the store holds: the verdicts that its first entries have already."""
    mark = met.marks.get(piece.stream_id, BEFORE_ALL)
    if piece.from_seq > mark.hwm + 1:
        return Gap(mark.hwm)
    after = Mark(entries[-1].seq, entries[-1].h, mark.safe_seq) if entries else mark
    if piece.from_seq == mark.hwm + 1:
        return Taken(met.incarnation, after, []) if piece.prev_h == mark.head_h else Fork()
    stored = _stored(work, piece.stream_id, piece.from_seq - 1, after.hwm)
    known_before = stored.get(piece.from_seq - 1)
    if piece.prev_h != (GENESIS if piece.from_seq == 1 else known_before.h if known_before else ""):
        return Fork()
    known = [(item, stored[item.seq]) for item in entries if item.seq in stored]
    if any(item.h != old.h for item, old in known):
        return Fork()
    return Taken(
        met.incarnation,
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


def _write_entries(work: UnitOfWork, new: Sequence[Incoming], verdicts: Sequence[Verdict]) -> None:
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


def _judged(new: Sequence[Incoming], verdicts: Sequence[Verdict]) -> Iterator[Judged]:
    for item, verdict in zip(new, verdicts, strict=True):
        yield Judged(seq=item.seq, event_id=item.event_id, verdict=str(verdict.kind), reason=verdict.reason)


def _seal(h: str, verdict: Verdict) -> str:
    """Binds the verdict to the entry that got it: `floor store verify` tells when either was changed."""
    return hashlib.sha256(f"{h} {verdict}".encode()).hexdigest()[:32]


def _undoes(item: Incoming, verdict: Verdict) -> EventId | None:
    if item.entry is None or (verdict.kind is not VerdictKind.ACCEPTED and verdict.reason != NOT_ALLOWED):
        return None
    return item.entry.fact.undoes if isinstance(item.entry.fact, Undone) else None


def _verdicts(bench: Bench, new: Sequence[Incoming], known: dict[str, str]) -> list[Verdict]:
    """All in one go, in memory."""
    verdicts = []
    for item in new:
        verdicts.append(_one(bench, item, known))
        _remember(bench, item, verdicts[-1], known)
    return verdicts


def _verdicts_one_by_one(bench: Bench, new: Sequence[Incoming], known: dict[str, str]) -> list[Verdict]:
    """Where a rule breaks on one of them: so it alone is quarantined."""
    return [_one_alone(bench, item, known) for item in new]


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

"""Ledgers that come up: each entry judged once, in the transaction that applies it, its verdict kept for ever."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sync.record.facts import Entry, Undone, Verdict, VerdictKind
from sync.record.ids import EventId, SiteId, StreamId, TerminalId
from sync.store import tables as t
from sync.store.bench import Bench
from sync.store.judging.judge import judge
from sync.store.judging.undo import TOOK_EFFECT
from sync.store.unit_of_work import UnitOfWork
from sync.wire.codec import MalformedEntry, UnknownKind, chain, decode_entry
from sync.wire.messages import GENESIS, ID_PATTERN, Judged

log = logging.getLogger("floorhand.store")

SAFE_EVERYTHING = 0
"""`safe_seq` until verified backups exist: terminals keep everything for their own term."""
LONGEST_WORKER_ID = 64
_ID = re.compile(ID_PATTERN)
_KIND = re.compile(r"[a-z0-9_]{1,40}@[0-9]{1,6}")


class Fork(Exception):
    """Somebody else has written under this stream: its entries differ from what the store holds."""


class Gap(Exception):
    """Entries are missing before the first one that came; ``hwm`` is the last that the store holds."""

    def __init__(self, hwm: int) -> None:
        super().__init__(f"the store holds this stream up to {hwm}")
        self.hwm = hwm


class UnknownSite(Exception):
    """The store has no site of that name."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a stream has come: its last sequence number and the hash there."""

    hwm: int
    head_h: str


@dataclass(frozen=True, slots=True)
class _New:
    seq: int
    h: str
    body: bytes
    entry: Entry | None
    event_id: EventId
    kind: str
    problem: str | None


def stream_mark(conn: Any, site_id: SiteId, stream_id: StreamId) -> Mark:
    row = conn.execute(
        select(t.stream.c.hwm, t.stream.c.head_h).where(
            t.stream.c.site_id == site_id, t.stream.c.stream_id == stream_id
        )
    ).first()
    return Mark(0, GENESIS) if row is None else Mark(int(row.hwm), str(row.head_h))


def receive(
    work: UnitOfWork,
    stream_id: StreamId,
    terminal_id: TerminalId,
    from_seq: int,
    prev_h: str,
    bodies: Sequence[bytes],
) -> tuple[Mark, list[Judged]]:
    """Take in a piece of a ledger; returns the mark after it and the verdict of every entry that was sent.

    Entries that the store has are answered with their stored verdicts. Raises `Fork`, `Gap`, `UnknownSite`.
    """
    _check_site(work)
    _meet_terminals(work, terminal_id, ())
    mark = _lock_stream(work, stream_id, terminal_id)
    if from_seq > mark.hwm + 1:
        raise Gap(mark.hwm)
    stored = _stored(work, stream_id, from_seq - 1, from_seq + len(bodies) - 1)
    known_before = stored.get(from_seq - 1)
    if prev_h != (GENESIS if from_seq == 1 else known_before.h if known_before else ""):
        raise Fork
    answers: list[Judged] = []
    new: list[_New] = []
    h = prev_h
    for seq, body in enumerate(bodies, start=from_seq):
        h = chain(h, body)
        old = stored.get(seq)
        if old is None:
            new.append(_decode(seq, h, body))
        elif old.h != h:
            raise Fork
        else:
            answers.append(Judged(seq=seq, event_id=old.event_id, verdict=old.verdict, reason=old.reason))
    if new:
        _meet_terminals(work, terminal_id, {item.entry.stamp.terminal_id for item in new if item.entry is not None})
        answers += _judge_new(work, stream_id, new)
        mark = Mark(new[-1].seq, new[-1].h)
        work.conn.execute(
            update(t.stream)
            .where(t.stream.c.site_id == work.site_id, t.stream.c.stream_id == stream_id)
            .values(hwm=mark.hwm, head_h=mark.head_h)
        )
    return mark, answers


def _check_site(work: UnitOfWork) -> None:
    known = work.conn.execute(select(t.site.c.site_id).where(t.site.c.site_id == work.site_id)).first()
    if known is None:
        raise UnknownSite(work.site_id)


def _meet_terminals(work: UnitOfWork, sender: TerminalId, writers: Iterable[TerminalId]) -> None:
    """Know who sends and who wrote, and hold their rows until the end.

    So no event is judged twice at once: it has one writer, and whoever else sends it (a clone, a rescue) waits here.
    """
    for terminal_id in sorted({sender, *writers}):
        row = {"terminal_id": terminal_id, "first_seen_at": work.now, "last_seen_at": work.now, "worker_id": None}
        work.upsert(t.terminal, [row], update_columns=("last_seen_at",) if terminal_id == sender else ("terminal_id",))


def _lock_stream(work: UnitOfWork, stream_id: StreamId, terminal_id: TerminalId) -> Mark:
    """The stream, made when it is unknown: a restored store accepts everything again from the first entry."""
    row = {"stream_id": stream_id, "terminal_id": terminal_id, "hwm": 0, "head_h": GENESIS}
    work.upsert(t.stream, [row], update_columns=())
    found = work.conn.execute(
        select(t.stream.c.hwm, t.stream.c.head_h)
        .where(t.stream.c.site_id == work.site_id, t.stream.c.stream_id == stream_id)
        .with_for_update()
    ).one()
    return Mark(int(found.hwm), str(found.head_h))


def _stored(work: UnitOfWork, stream_id: StreamId, first: int, last: int) -> dict[int, Any]:
    e = t.event.c
    rows = work.conn.execute(
        select(e.seq, e.event_id, e.h, e.verdict, e.reason).where(
            e.site_id == work.site_id, e.stream_id == stream_id, e.seq.between(first, last)
        )
    )
    return {int(row.seq): row for row in rows}


def _decode(seq: int, h: str, body: bytes) -> _New:
    nameless = EventId(f"?{h[:31]}")
    try:
        entry = decode_entry(body)
    except UnknownKind as unknown:
        kind = str(unknown)
        return _New(seq, h, body, None, nameless, kind if _KIND.fullmatch(kind) else "?", "unknown-kind")
    except MalformedEntry:
        return _New(seq, h, body, None, nameless, "?", "malformed")
    if not _is_writable(entry):
        return _New(seq, h, body, None, nameless, entry.fact.kind, "malformed")
    return _New(seq, h, body, entry, entry.stamp.event_id, entry.fact.kind, None)


def _is_writable(entry: Entry) -> bool:
    """No database holds a text with a zero in it; only the barcode as read may have one, and it stays in the body."""
    stamp = entry.stamp
    said = [getattr(entry.fact, field.name) for field in fields(entry.fact) if field.name != "code"]
    return (
        all(map(_ID.fullmatch, (stamp.event_id, stamp.terminal_id)))
        and len(stamp.worker_id or "") <= LONGEST_WORKER_ID
        and not any("\0" in text for text in (*said, stamp.worker_id) if isinstance(text, str))
    )


def _judge_new(work: UnitOfWork, stream_id: StreamId, new: Sequence[_New]) -> list[Judged]:
    verdicts = _verdicts(work, new)
    work.insert(
        t.event,
        [
            {
                "stream_id": stream_id,
                "seq": item.seq,
                "event_id": item.event_id,
                "h": item.h,
                "kind": item.kind,
                "body": item.body,
                "received_at": work.now,
                "verdict": str(verdict.kind),
                "reason": verdict.reason,
                "undoes": _undoes(item, verdict),
            }
            for item, verdict in zip(new, verdicts, strict=True)
        ],
    )
    return [
        Judged(seq=item.seq, event_id=item.event_id, verdict=str(verdict.kind), reason=verdict.reason)
        for item, verdict in zip(new, verdicts, strict=True)
    ]


def _undoes(item: _New, verdict: Verdict) -> EventId | None:
    if item.entry is None or verdict.kind is not VerdictKind.ACCEPTED:
        return None
    return item.entry.fact.undoes if isinstance(item.entry.fact, Undone) else None


def _verdicts(work: UnitOfWork, new: Sequence[_New]) -> list[Verdict]:
    """All in one go; where a rule breaks on one of them, again one by one, so that it alone is quarantined."""
    earlier = _verdicts_of_known_events(work, [item.event_id for item in new])
    try:
        with work.savepoint():
            bench, known = Bench(work), dict(earlier)
            _prefetch(bench, new)
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


def _raise_if_transient(error: Exception) -> None:
    """What the database says of the data itself would come again for ever; all else may pass, and aborts the push."""
    if isinstance(error, DBAPIError | PoolTimeout) and not isinstance(error, DataError | IntegrityError):
        raise error


def _one(bench: Bench, item: _New, earlier: dict[str, str]) -> Verdict:
    if item.entry is None:
        return Verdict(kind=VerdictKind.QUARANTINED, reason=item.problem)
    if item.entry.stamp.site_id != bench.site_id:
        return Verdict(kind=VerdictKind.QUARANTINED, reason="other-site")
    if item.event_id in earlier:
        return Verdict(kind=VerdictKind.DUPLICATE, reason=earlier[item.event_id])
    return judge(bench, item.entry)


def _remember(bench: Bench, item: _New, verdict: Verdict, earlier: dict[str, str]) -> None:
    """What later entries of the batch must know of this one: their database does not show it yet."""
    if verdict.kind is not VerdictKind.DUPLICATE:
        earlier[item.event_id] = str(verdict)
    if item.entry is not None and verdict.kind in TOOK_EFFECT:
        bench.judged[item.event_id] = item.entry
    if undone := _undoes(item, verdict):
        bench.undone.add(undone)


def _one_alone(bench: Bench, item: _New, earlier: dict[str, str]) -> Verdict:
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
            e.site_id == work.site_id, e.event_id.in_(event_ids), e.verdict != VerdictKind.DUPLICATE
        )
    )
    return {row.event_id: str(Verdict(kind=VerdictKind(row.verdict), reason=row.reason)) for row in rows}


def _prefetch(bench: Bench, new: Sequence[_New]) -> None:
    """Read the lines of the batch and what they hang on in a few statements instead of one for each fact."""
    line_ids = {
        line_id for item in new if item.entry is not None and (line_id := getattr(item.entry.fact, "line_id", None))
    }
    if not line_ids:
        return
    bench.lines.fetch((line_id,) for line_id in line_ids)
    lines = [line for line_id in line_ids if (line := bench.lines.get(line_id)) is not None]
    bench.lists.fetch((line["list_id"],) for line in lines)
    bench.orders.fetch((line["order_id"],) for line in lines)
    bench.order_lines.fetch((line["order_line_id"],) for line in lines)
    bench.stock.fetch((line["location"], line["item_id"], line["lot"]) for line in lines)
    in_use = {
        line["line_id"]: pick_list["totes"][-1:] for line in lines if (pick_list := bench.lists.get(line["list_id"]))
    }
    bench.totes.fetch((tote,) for totes in in_use.values() for tote in totes)
    bench.tote_contents.fetch(
        (tote, line["order_line_id"], line["lot"]) for line in lines for tote in in_use[line["line_id"]]
    )

"""Two devices that write under one ledger's id: copies of one image. Nothing is lost by it, and somebody must know."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from sync.record.ids import StreamId, TerminalId
from sync.store import tables as t
from sync.store.unit_of_work import UnitOfWork
from sync.wire.codec import chain

KIND = "clone"


def note_clone(
    work: UnitOfWork, stream_id: StreamId, sender: TerminalId, from_seq: int, prev_h: str, bodies: Sequence[bytes]
) -> None:
    """What was sent is a fork: open a discrepancy that names both writers, once for each place where ledgers part."""
    seq, h, body = _first_other(work, stream_id, from_seq, prev_h, bodies)
    e, s = t.event.c, t.stream.c
    known: Any = work.conn.execute(
        select(e.body, e.event_id).where(e.site_id == work.site_id, e.stream_id == stream_id, e.seq == seq)
    ).first()
    owner = work.conn.execute(
        select(s.terminal_id).where(s.site_id == work.site_id, s.stream_id == stream_id)
    ).scalar_one_or_none()
    first = _writer(None if known is None else bytes(known.body), str(owner or "?"))
    second = _writer(body, sender)
    row = {
        "discrepancy_id": f"{KIND}:{stream_id}:{h[:16]}",
        "kind": KIND,
        "text": f"two devices write one ledger ({stream_id[:8]}, from entry {seq}): {first}; and {second}. "
        "The second goes on under a new name and nothing is lost. Take one of them out of use or set it up anew",
        "quantity": 0,
        "terminal_id": sender,
        "opened_at": work.now,
    }
    work.upsert(t.discrepancy, [row], update_columns=())


def _first_other(
    work: UnitOfWork, stream_id: StreamId, from_seq: int, prev_h: str, bodies: Sequence[bytes]
) -> tuple[int, str, bytes | None]:
    """The first entry sent that is not the one that the store holds, with the sender's hash there."""
    e = t.event.c
    last = from_seq + len(bodies) - 1
    rows = work.conn.execute(
        select(e.seq, e.h).where(e.site_id == work.site_id, e.stream_id == stream_id, e.seq.between(from_seq - 1, last))
    )
    stored = {int(row.seq): str(row.h) for row in rows}
    if from_seq > 1 and stored.get(from_seq - 1) != prev_h:
        return from_seq - 1, prev_h, None
    h = prev_h
    for seq, body in enumerate(bodies, start=from_seq):
        h = chain(h, body)
        if stored.get(seq) != h:
            return seq, h, body
    return last, h, bodies[-1]


def _writer(body: bytes | None, terminal_id: str) -> str:
    """Which device wrote an entry, by all that tells two copies apart."""
    try:
        said = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        said = {}
    names = ("worker_id", "boot_id") if isinstance(said, dict) else ()
    marks = [f"{name.removesuffix('_id')} {said[name]}" for name in names if _plain(said.get(name))]
    return " ".join([terminal_id, f"({', '.join(marks)})" if marks else ""]).strip()


def _plain(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 64 and value.isprintable()

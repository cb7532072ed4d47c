"""Entries of a ledger as they came, taken apart before anything is asked of the database."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

from sync.record.facts import Entry
from sync.record.ids import EventId, StreamId, TerminalId
from sync.store.access.enrolling import KnownTerminal
from sync.store.contacts import Contact
from sync.wire.codec import MalformedEntry, UnknownKind, chain, decode_entry
from sync.wire.messages import ID_PATTERN

LONGEST_WORKER_ID = 64
_ID = re.compile(ID_PATTERN)
_KIND = re.compile(r"[a-z0-9_]{1,40}@[0-9]{1,6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What the sender of a push may do: a revoked one is heard and not believed, a rescuer speaks for others."""

    is_revoked: bool
    may_rescue: bool


FOR_ITSELF = Trust(is_revoked=False, may_rescue=False)


@dataclass(frozen=True, slots=True)
class Incoming:
    """One entry that came. ``problem`` says why it cannot be judged (None: it can); ``entry`` is then None.

    ``distrust`` says why it must not be judged although it could be.
    """

    stream_id: StreamId
    seq: int
    h: str
    body: bytes
    entry: Entry | None
    event_id: EventId
    kind: str
    problem: str | None
    distrust: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of a ledger as one push brings it: bodies from ``from_seq`` on, ``prev_h`` the hash before them.

    ``contact``: what the sender said of itself besides; None: nothing. ``known``: as what the sender was let in; None:
    it is no matter. ``cursor``: how far the sender was told of changes; None: it does not say.
    """

    stream_id: StreamId
    terminal_id: TerminalId
    from_seq: int
    prev_h: str
    bodies: Sequence[bytes]
    trust: Trust
    contact: Contact | None = None
    known: KnownTerminal | None = None
    cursor: str | None = None


def entries_of(piece: Piece) -> list[Incoming]:
    entries: list[Incoming] = []
    h = piece.prev_h
    for seq, body in enumerate(piece.bodies, start=piece.from_seq):
        h = chain(h, body)
        entry, kind, problem = _decode(body)
        event_id = _name_of(body) if entry is None else entry.stamp.event_id
        distrust = None if entry is None else _distrust(entry, piece)
        entries.append(Incoming(piece.stream_id, seq, h, body, entry, event_id, kind, problem, distrust))
    return entries


def _name_of(body: bytes) -> EventId:
    """What cannot be read goes by its bytes: it is known again when it comes under another stream."""
    return EventId(f"?{hashlib.sha256(body).hexdigest()[:31]}")


def _distrust(entry: Entry, piece: Piece) -> str | None:
    if piece.trust.is_revoked:
        return "revoked"
    return None if piece.trust.may_rescue or entry.stamp.terminal_id == piece.terminal_id else "other-terminal"


def _decode(body: bytes) -> tuple[Entry | None, str, str | None]:
    """The entry, its kind, and why it cannot be judged."""
    try:
        entry = decode_entry(body)
    except UnknownKind as unknown:
        kind = str(unknown)
        return None, kind if _KIND.fullmatch(kind) else "?", "unknown-kind"
    except MalformedEntry:
        return None, "?", "malformed"
    return (entry, entry.fact.kind, None) if _is_writable(entry) else (None, entry.fact.kind, "malformed")


def _is_writable(entry: Entry) -> bool:
    """No database holds a text with a zero in it; only the barcode as read may have one, and it stays in the body."""
    stamp = entry.stamp
    said = [getattr(entry.fact, field.name) for field in fields(entry.fact) if field.name != "code"]
    return (
        all(map(_ID.fullmatch, (stamp.event_id, stamp.terminal_id)))
        and len(stamp.worker_id or "") <= LONGEST_WORKER_ID
        and not any("\0" in text for text in (*said, stamp.worker_id) if isinstance(text, str))
    )

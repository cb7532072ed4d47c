"""What happened at this terminal, in order: an append-only, gap-free, hash-chained ledger in one SQLite file.

The file holds the durable inbox too, because a scan is answered in the transaction that records what came of it. Its
schema is frozen: a body is JSON that names its own kind and version, and nothing else of an entry ever changes meaning.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sync.record.delivery import StorageFailed
from sync.record.facts import (
    CartonClosed,
    Entry,
    PackReported,
    PieceVerified,
    SignedIn,
    SignedOut,
    SsccAssigned,
)
from sync.record.ids import EventId, OrderId, Sscc, StreamId, ToteCode, WorkerId
from sync.terminal.durable_file import DurableFile
from sync.wire.codec import MalformedEntry, UnknownKind, chain, decode_entry, encode_entry
from sync.wire.messages import GENESIS, MAX_PUSH_BYTES, MAX_PUSH_ENTRIES

SCHEMA = """
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE, h TEXT NOT NULL,
    about TEXT, body BLOB NOT NULL
);
CREATE INDEX entry_about ON entry (about, seq) WHERE about IS NOT NULL;
CREATE TABLE verdict (
    event_id TEXT PRIMARY KEY, verdict TEXT NOT NULL, told INTEGER NOT NULL, lived_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX verdict_untold ON verdict (event_id) WHERE told = 0;
CREATE TABLE inbox (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL, symbology TEXT);
CREATE TABLE own_sscc (number INTEGER PRIMARY KEY, tote TEXT NOT NULL, closed_by TEXT);
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_ROOM_FOR_HEAD = 2048
"""Bytes of a push that are not entries."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the chain: the entry's number and the hash up to it."""

    seq: int
    h: str


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to append, with what it is ``about`` (``list:12``, ``tote:T-000193``, ``claim``), to find it by."""

    entry: Entry
    about: str | None
    order_id: OrderId | None = None
    """The order that is being packed from the fact's tote."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries that the store is not known to hold, as they are sent."""

    stream_id: StreamId
    from_seq: int
    prev_h: str
    bodies: tuple[bytes, ...]


class Ledger:
    """Not for several threads at once: the session's lock stands before it. Everything may raise `StorageFailed`."""

    def __init__(self, path: Path) -> None:
        self.file = DurableFile(path, SCHEMA, version=1, synchronous="FULL", verify=_verify_tail)
        if self.state("stream_id") is None:
            with self.file.transaction() as db:
                set_state(db, "stream_id", secrets.token_hex(16))

    def close(self) -> None:
        self.file.close()

    # The chain.

    def stream_id(self) -> StreamId:
        return StreamId(self.state("stream_id") or "")

    def base(self) -> Mark:
        """The last entry that was purged; the beginning, where none was."""
        return Mark(int(self.state("base_seq") or 0), self.state("base_h") or GENESIS)

    def head(self) -> Mark:
        found = self.file.row("SELECT seq, h FROM entry ORDER BY seq DESC LIMIT 1")
        return self.base() if found is None else Mark(*found)

    def hash_at(self, seq: int) -> str | None:
        """This chain's hash at ``seq``; None where it has none, or no longer."""
        base = self.base()
        if seq == base.seq:
            return base.h
        found = self.file.row("SELECT h FROM entry WHERE seq = ?", seq)
        return None if found is None else str(found[0])

    def append(self, new: Sequence[NewEntry], *, answers: int) -> None:
        """Make entries durable, all or none, and take inbox scan ``answers`` off with them."""
        encoded = [(item, encode_entry(item.entry)) for item in new]
        try:
            with self.file.transaction() as db:
                mark = self.head()
                for item, body in encoded:
                    mark = Mark(mark.seq + 1, chain(mark.h, body))
                    db.execute(
                        "INSERT INTO entry (seq, event_id, h, about, body) VALUES (?, ?, ?, ?, ?)",
                        (mark.seq, item.entry.stamp.event_id, mark.h, item.about, body),
                    )
                    _keep_marks(db, item)
                if answers:
                    db.execute("DELETE FROM inbox WHERE id = ?", (answers,))
        except StorageFailed:
            # A commit that failed in its last step may have reached the disk all the same. Opening the file again has
            # made durable what is in it: when the entries are there, they are recorded, and saying otherwise would
            # have them made twice.
            if not new or self._number(new[-1].entry.stamp.event_id) is None:
                raise

    def batch(self, *, at_most: int = MAX_PUSH_ENTRIES) -> Batch | None:
        """The oldest entries that the store is not known to hold; None when it holds all."""
        acked = self.acked()
        prev_h = self.hash_at(acked)
        bodies: list[bytes] = []
        room = MAX_PUSH_BYTES - _ROOM_FOR_HEAD
        for (body,) in self.file.rows("SELECT body FROM entry WHERE seq > ? ORDER BY seq LIMIT ?", acked, at_most):
            room -= len(body) + 1
            if bodies and room < 0:
                break
            bodies.append(body)
        if not bodies or prev_h is None:
            return None
        return Batch(self.stream_id(), acked + 1, prev_h, tuple(bodies))

    def acked(self) -> int:
        """Up to here the store holds every entry, and its verdict is known here."""
        return int(self.state("acked") or 0)

    def safe_seq(self) -> int:
        """Up to here the store has read the entries again in a backup of its own."""
        return int(self.state("safe_seq") or 0)

    def note_safe(self, seq: int) -> None:
        if seq != self.safe_seq():
            with self.file.transaction() as db:
                set_state(db, "safe_seq", str(seq))

    def start_new_stream(self, *, reflected_seq: int, incarnation: str) -> None:
        """Somebody else writes under this stream's id: all entries go on under a new one, with the same event ids.

        Those up to ``reflected_seq`` stay reflected in the rows of this incarnation, whatever the new numbers.
        """
        with self.file.transaction() as db:
            seqs = [seq for (seq,) in db.execute("SELECT seq FROM entry ORDER BY seq")]
            db.execute("UPDATE entry SET seq = -seq")
            mark = Mark(0, GENESIS)
            for seq in seqs:
                (body,) = db.execute("SELECT body FROM entry WHERE seq = ?", (-seq,)).fetchone()
                mark = Mark(mark.seq + 1, chain(mark.h, body))
                db.execute("UPDATE entry SET seq = ?, h = ? WHERE seq = ?", (mark.seq, mark.h, -seq))
            db.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'entry'", (mark.seq,))
            set_state(db, "stream_id", secrets.token_hex(16))
            set_state(db, "acked", "0")
            set_state(db, "safe_seq", "0")
            set_state(db, "base_seq", "0")
            set_state(db, "base_h", GENESIS)
            set_state(db, "reflected_floor", str(sum(seq <= reflected_seq for seq in seqs)))
            set_state(db, "floor_incarnation", incarnation)

    def reflected_floor(self, incarnation: str | None) -> int:
        """How many of the first entries were reflected under an earlier stream, in rows of this incarnation."""
        return int(self.state("reflected_floor") or 0) if self.state("floor_incarnation") == incarnation else 0

    def verify(self) -> Mark:
        """Walk the whole chain and return its head. Raises `StorageFailed` where a link is missing or does not fit."""
        mark = self.base()
        page = "SELECT seq, h, body FROM entry WHERE seq > ? ORDER BY seq LIMIT 1000"
        while some := self.file.rows(page, mark.seq):
            for seq, h, body in some:
                mark = _next_link(mark, seq, h, body)
        return mark

    # What is in it.

    def entry(self, event_id: EventId) -> Entry | None:
        found = self.file.row("SELECT body FROM entry WHERE event_id = ?", event_id)
        return None if found is None else readable(found[0])

    def about_of(self, event_id: EventId) -> str | None:
        found = self.file.row("SELECT about FROM entry WHERE event_id = ?", event_id)
        return None if found is None else found[0]

    def since(self, about: str, seq: int) -> Iterator[Entry]:
        """The entries behind ``seq`` about one thing, in order."""
        found = self.file.rows("SELECT body FROM entry WHERE about = ? AND seq > ? ORDER BY seq", about, seq)
        return (entry for (body,) in found if (entry := readable(body)) is not None)

    def has_between(self, about: str, after_seq: int, to_seq: int) -> bool:
        sql = "SELECT 1 FROM entry WHERE about = ? AND seq > ? AND seq <= ? LIMIT 1"
        return self.file.row(sql, about, after_seq, to_seq) is not None

    def first_about(self, about: str) -> int | None:
        """The number of the first entry about one thing."""
        found = self.file.row("SELECT min(seq) FROM entry WHERE about = ?", about)
        return None if found is None else found[0]

    def newest_first(self, about: str) -> Iterator[Entry]:
        """The entries about one thing, the last one first; read one by one, because few are asked for."""
        seq = self.head().seq + 1
        sql = "SELECT seq, body FROM entry WHERE about = ? AND seq < ? ORDER BY seq DESC LIMIT 1"
        while (found := self.file.row(sql, about, seq)) is not None:
            seq, body = found
            entry = readable(body)
            if entry is not None:
                yield entry

    # What its entries left standing.

    def signed_in(self) -> WorkerId | None:
        worker_id = self.state("signed_in")
        return WorkerId(worker_id) if worker_id else None

    def packing_begun(self) -> tuple[ToteCode, OrderId] | None:
        """The tote, and its order, that was last verified from or given a carton number."""
        begun = self.state("packing_tote")
        return (ToteCode(begun), OrderId(int(self.state("packing_order") or 0))) if begun else None

    def packing_first(self) -> EventId | None:
        """The first entry of that packing."""
        first = self.state("packing_first")
        return EventId(first) if first else None

    def last_number(self, first: int, last: int) -> int | None:
        """The highest carton number used between two, both included. It outlives the entries."""
        found = self.file.row("SELECT max(number) FROM own_sscc WHERE number BETWEEN ? AND ?", first, last)
        return None if found is None else found[0]

    def own_sscc(self, sscc: Sscc) -> tuple[ToteCode, EventId | None] | None:
        """The tote that one of our own SSCCs was assigned to, and the entry that closed its carton."""
        found = self.file.row("SELECT tote, closed_by FROM own_sscc WHERE number = ?", carton_number(sscc))
        return None if found is None else (ToteCode(found[0]), found[1])

    def state(self, name: str) -> str | None:
        found = self.file.row("SELECT value FROM state WHERE name = ?", name)
        return None if found is None else str(found[0])

    def _number(self, event_id: EventId) -> int | None:
        found = self.file.row("SELECT seq FROM entry WHERE event_id = ?", event_id)
        return None if found is None else int(found[0])


def set_state(db: sqlite3.Connection, name: str, value: str) -> None:
    db.execute("INSERT INTO state VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value))


def carton_number(sscc: Sscc) -> int:
    """The SSCC without its check digit: consecutive serial references are consecutive numbers."""
    return int(sscc[:17])


def readable(body: bytes) -> Entry | None:
    """The entry of a body; None for a kind that a newer release wrote."""
    try:
        return decode_entry(body)
    except (UnknownKind, MalformedEntry):
        return None


def _keep_marks(db: sqlite3.Connection, new: NewEntry) -> None:
    fact = new.entry.fact
    match fact:
        case SignedIn():
            set_state(db, "signed_in", new.entry.stamp.worker_id or "")
        case SignedOut():
            set_state(db, "signed_in", "")
        case SsccAssigned():
            db.execute("INSERT OR REPLACE INTO own_sscc VALUES (?, ?, NULL)", (carton_number(fact.sscc), fact.tote))
        case CartonClosed():
            closed_by = (new.entry.stamp.event_id, carton_number(fact.sscc))
            db.execute("UPDATE own_sscc SET closed_by = ? WHERE number = ?", closed_by)
        case _:
            pass
    if isinstance(fact, PieceVerified | PackReported | SsccAssigned) and new.order_id is not None:
        begun = {"packing_tote": str(fact.tote), "packing_order": str(new.order_id)}
        before = dict(db.execute("SELECT name, value FROM state WHERE name IN ('packing_tote', 'packing_order')"))
        if before != begun:
            begun["packing_first"] = new.entry.stamp.event_id
        for name, value in begun.items():
            set_state(db, name, value)


def _verify_tail(db: sqlite3.Connection) -> None:
    """The last entries must be links of one chain: a torn or mixed-up file shows there first."""
    rows = db.execute("SELECT seq, h, body FROM entry ORDER BY seq DESC LIMIT 50").fetchall()
    if rows:
        mark = Mark(*rows[-1][:2])
        for seq, h, body in reversed(rows[:-1]):
            mark = _next_link(mark, seq, h, body)


def _next_link(mark: Mark, seq: int, h: str, body: bytes) -> Mark:
    link = Mark(mark.seq + 1, chain(mark.h, body))
    if link != Mark(seq, h):
        raise StorageFailed(
            f"The ledger of this terminal is damaged at entry {seq}. Nothing was recorded. "
            "Keep the device: what it has not delivered can still be rescued from it. Take another one."
        )
    return link

"""The ledger of a terminal that no longer delivers by itself: dead, lost and found, or replaced.

The folder is only read. What is delivered goes up under a stream of its own, made of the ledger's first entry, so that
it may be delivered any number of times, and the terminal itself may still come back: the store knows facts by their id.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from sync.record.delivery import StorageFailed
from sync.record.ids import StreamId
from sync.terminal.client import Forked, Gap, Owing, Refused, StoreClient
from sync.terminal.connection import Interrupted, Unknown
from sync.terminal.ledger import Batch
from sync.wire.codec import chain
from sync.wire.messages import GENESIS, MAX_PUSH_BYTES, MAX_PUSH_ENTRIES, Pushed

_ROOM_FOR_HEAD = 4096


class NotRescued(Exception):
    """Nothing more was delivered; the text says why and what to do. What was delivered before is at the store."""


@dataclass(frozen=True, slots=True)
class Entry:
    seq: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Salvage:
    """What could be read of a ledger: entries that are as they were written, and the numbers of those that are not."""

    entries: tuple[Entry, ...]
    damaged: tuple[int, ...]
    problem: str | None = None
    """What else is wrong with the file."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many entries the store holds now, by verdict."""

    stream_id: StreamId
    verdicts: Counter[str] = field(default_factory=Counter)


def read_ledger(folder: Path) -> Salvage:
    """Read what is readable in a terminal's folder, without changing anything there. Raises `StorageFailed`."""
    file = folder / "ledger.sqlite"
    if not file.exists():
        raise StorageFailed(f"There is no ledger in {folder}. Name the folder that holds ledger.sqlite.")
    with tempfile.TemporaryDirectory(prefix="floorhand-rescue-") as scratch:
        # In a copy: the newest entries are in the log beside the file, and taking them in writes.
        for end in ("", "-wal"):
            source = file.with_name(file.name + end)
            try:
                if source.exists():
                    shutil.copyfile(source, Path(scratch) / source.name)
            except OSError as error:
                raise StorageFailed(
                    f"{source} cannot be read ({error.strerror}). Copy the folder from the device again, or read it "
                    "with a tool that skips bad blocks."
                ) from error
        with closing(sqlite3.connect(Path(scratch) / file.name)) as db:
            return _salvaged(db)


def _salvaged(db: sqlite3.Connection) -> Salvage:
    try:
        state = dict(db.execute("SELECT name, value FROM state WHERE name IN ('base_seq', 'base_h')"))
        problem = None
    except sqlite3.DatabaseError as error:
        state, problem = {}, f"its notes about itself are damaged ({error})"
    base = (int(state.get("base_seq", 0)), state.get("base_h", GENESIS))
    try:
        last = _last_seq(db)
    except sqlite3.DatabaseError as error:
        return Salvage((), (), f"nothing in it can be read ({error})")
    read = {seq: row for seq in range(base[0] + 1, last + 1) if (row := _row(db, seq)) is not None}
    whole = set(_proven(read, base))
    damaged = tuple(seq for seq in range(base[0] + 1, last + 1) if seq not in whole)
    return Salvage(tuple(Entry(seq, read[seq][1]) for seq in sorted(whole)), damaged, problem)


def _last_seq(db: sqlite3.Connection) -> int:
    """The number of the last entry ever written; where that is lost, of the last that is found."""
    found: list[int] = []
    failed: sqlite3.DatabaseError | None = None
    for sql in ("SELECT seq FROM sqlite_sequence WHERE name = 'entry'", "SELECT max(seq) FROM entry"):
        try:
            found += [int(row[0]) for row in db.execute(sql) if row[0] is not None]
        except sqlite3.DatabaseError as error:
            failed = error
    if failed is not None and not found:
        raise failed
    return max(found, default=0)


def _row(db: sqlite3.Connection, seq: int) -> tuple[str, bytes] | None:
    try:
        row = db.execute("SELECT h, body FROM entry WHERE seq = ?", (seq,)).fetchone()
        return None if row is None else (str(row[0]), bytes(row[1]))
    except (sqlite3.DatabaseError, TypeError, ValueError):
        return None


def _proven(read: dict[int, tuple[str, bytes]], base: tuple[int, str]) -> Iterator[int]:
    """The entries whose hash fits, by their own or, where only that is damaged, by the next one's."""
    reckoned: dict[int, str] = {base[0]: base[1]}
    for seq in sorted(read):
        h, body = read[seq]
        before = {hash_ for hash_ in (reckoned.get(seq - 1), read.get(seq - 1, (None,))[0]) if hash_ is not None}
        links = {link for hash_ in before if (link := _link(hash_, body)) is not None}
        follows = read.get(seq + 1)
        by_next = {link for link in links if follows is not None and _link(link, follows[1]) == follows[0]}
        proof = h if h in links else next(iter(by_next), None)
        if proof is not None:
            reckoned[seq] = proof
            yield seq


def _link(h: str, body: bytes) -> str | None:
    try:
        return chain(h, body)
    except ValueError:
        return None  # the hash before it is no longer one


def deliver(salvage: Salvage, client: StoreClient, progress: Callable[[int, int], None]) -> Delivered:
    """Send all that was read; safe to repeat. ``progress`` is told how many of how many went. Raises `NotRescued`."""
    bodies = [entry.body for entry in salvage.entries]
    if not bodies:
        return Delivered(StreamId(""))
    # After a different salvage of the same ledger (more was readable, or more was purged) the stream does not fit:
    # then it is made of all that goes up.
    streams = (_stream_of(bodies[:1]), _stream_of(bodies))
    for stream_id in streams:
        delivered = _deliver_as(StreamId(stream_id), bodies, client, progress)
        if delivered is not None:
            return delivered
    raise NotRescued("The store holds other facts under the names of this rescue. Call the makers of this program.")


def _stream_of(bodies: Sequence[bytes]) -> str:
    digest = hashlib.sha256(b"floorhand rescue")
    for body in bodies:
        digest.update(hashlib.sha256(body).digest())
    return digest.hexdigest()[:32]


def _deliver_as(
    stream_id: StreamId, bodies: Sequence[bytes], client: StoreClient, progress: Callable[[int, int], None]
) -> Delivered | None:
    """None: the store holds something else under that id."""
    delivered, sent, h = Delivered(stream_id), 0, GENESIS
    while sent < len(bodies):
        piece = _next_piece(bodies, sent)
        answer = client.push(Batch(stream_id, sent + 1, h, piece), Owing(len(bodies) - sent))
        for body in piece:
            h = chain(h, body)
        match answer:
            case Forked():
                return None
            case Pushed() if len(answer.verdicts) == len(piece):
                delivered.verdicts.update(one.verdict for one in answer.verdicts)
            case Refused(_, reason):
                raise NotRescued(f"The store does not take this ledger: {reason}")
            case Unknown(reason):
                raise NotRescued(
                    f"The store cannot be reached: {reason}. Start the rescue again; it goes on by itself."
                )
            case Pushed() | Gap() | Interrupted():
                raise NotRescued("The store's answer does not fit what was sent. Start the rescue again.")
        sent += len(piece)
        progress(sent, len(bodies))
    return delivered


def _next_piece(bodies: Sequence[bytes], sent: int) -> tuple[bytes, ...]:
    piece: list[bytes] = []
    room = MAX_PUSH_BYTES - _ROOM_FOR_HEAD
    for body in bodies[sent : sent + MAX_PUSH_ENTRIES]:
        room -= len(body) + 1
        if piece and room < 0:
            break
        piece.append(body)
    return tuple(piece)

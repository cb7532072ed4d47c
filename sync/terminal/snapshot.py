"""A snapshot of the store as it comes in: written into a new replica file, believed only when it is whole."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import msgspec

from sync.record.delivery import StorageFailed
from sync.record.rows import ROW_KINDS
from sync.terminal.client import BrokenOff, position
from sync.terminal.replica import SCHEMA, VERSION, Picture, lookups_of
from sync.wire.codec import UNREADABLE, decode_row
from sync.wire.messages import SnapshotEnd, SnapshotLine

LONGEST_LINE_BYTES = 1024 * 1024


class SnapshotFile:
    """Takes the lines of a snapshot; ``path`` is a replica only after `seal`.

    `take` and `end` raise `BrokenOff` where the lines are not whole, everything may raise `StorageFailed`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.unreadable = 0
        """How many rows of known kinds cannot be read by this release; they are left out."""
        self._rest = b""
        self._digest = hashlib.sha256()
        self._count = 0
        self._end: SnapshotEnd | None = None
        self._decoder = msgspec.json.Decoder(SnapshotLine)
        try:
            path.unlink(missing_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            # Nobody reads it before it is whole: it needs no journal, and is forced to the disk once, at the end.
            self._db.execute("PRAGMA journal_mode = OFF")
            self._db.execute("PRAGMA synchronous = OFF")
            self._db.executescript(f"{SCHEMA} PRAGMA user_version = {VERSION};")
            self._db.execute("BEGIN")
        except (OSError, sqlite3.Error) as error:
            raise _no_room(error) from error

    def take(self, piece: bytes) -> None:
        lines, feed, self._rest = (self._rest + piece).rpartition(b"\n")
        if len(self._rest) > LONGEST_LINE_BYTES:
            raise BrokenOff("a line of it does not end")
        if feed:
            self._take_lines(lines + feed)

    def end(self) -> SnapshotEnd:
        """What the last line says, once every line before it has come as it was sent."""
        end = self._end
        if end is None or self._rest:
            raise BrokenOff("it was cut")
        self._digest.update(end.said())
        if (end.count, end.sha256) != (self._count, self._digest.hexdigest()):
            raise BrokenOff("it was changed on the way")
        if position(end.cursor, end.incarnation) is None or end.hwm < 0:
            raise BrokenOff("its end makes no sense")
        return end

    def seal(self, picture: Picture) -> None:
        """Make the file a replica that is on stable storage."""
        try:
            self._db.execute(
                "UPDATE state SET live = 1, incarnation = ?, cursor = ?, stream_id = ?, reflected_seq = ?",
                (picture.incarnation, picture.cursor, picture.stream_id, picture.reflected_seq),
            )
            self._db.execute("COMMIT")
            self._db.close()
            with self.path.open("rb+") as file:
                os.fsync(file.fileno())
        except (OSError, sqlite3.Error) as error:
            raise _no_room(error) from error

    def drop(self) -> None:
        """Leave nothing behind; safe to call at any time."""
        self._db.close()
        self.path.unlink(missing_ok=True)

    def _take_lines(self, lines: bytes) -> None:
        if self._end is not None:
            raise BrokenOff("something comes behind its end")
        try:
            said = self._decoder.decode_lines(lines)
        except UNREADABLE as error:
            raise BrokenOff("a line of it cannot be read") from error
        if said and said[-1].end is not None:
            # The proof is over all lines before the one that it stands in.
            self._end = said.pop().end
            lines = lines[: lines.rfind(b"\n", 0, -1) + 1]
        self._digest.update(lines)
        self._count += len(said)
        self._write(said)

    def _write(self, said: Sequence[SnapshotLine]) -> None:
        rows: list[tuple[str, str, bytes]] = []
        lookups: list[tuple[str, str, str, str]] = []
        for line in said:
            if line.kind not in ROW_KINDS or not line.row:
                continue
            try:
                row = decode_row(line.kind, line.row)
            except UNREADABLE:
                self.unreadable += 1
                continue
            if row is not None:
                rows.append((line.kind, line.key, bytes(line.row)))
                lookups += [(name, value, line.kind, line.key) for name, value in lookups_of(row)]
        try:
            self._db.executemany("INSERT OR REPLACE INTO row VALUES (1, ?, ?, ?)", rows)
            self._db.executemany("INSERT OR REPLACE INTO lookup VALUES (1, ?, ?, ?, ?)", lookups)
        except sqlite3.Error as error:
            raise _no_room(error) from error


def _no_room(error: Exception) -> StorageFailed:
    return StorageFailed(
        f"A new copy of the store's data cannot be written ({error}). The terminal goes on with the one it has. "
        "Free space on the device."
    )

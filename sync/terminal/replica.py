"""What the store said, row by row, in an SQLite file of its own: it can be lost and fetched again, the ledger cannot.

Rows carry a generation. A reset fills a new generation page by page and then makes it the live one in one step, so that
a terminal works with the old picture until the new one is whole. Pages of a longer catch-up wait in the same way,
because rows of the first page may hold facts that only the last page says are reflected.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from sync.record.delivery import StorageFailed
from sync.record.ids import BadgeCode, Gtin, PickListId, StreamId, TerminalId
from sync.record.picking import Walk
from sync.record.rows import (
    ROW_KINDS,
    CarrierLabelRow,
    CountStatus,
    CountTaskRow,
    CubbyRow,
    ItemRow,
    ListKind,
    ListOrderRow,
    ListStatus,
    PackingRow,
    PickLineRow,
    PickListRow,
    Row,
    SiteRow,
    SortingRow,
    SsccRangeRow,
    WorkerRow,
)
from sync.terminal.durable_file import DurableFile, sync_folder
from sync.wire.codec import decode_row
from sync.wire.messages import Change

SCHEMA = """
CREATE TABLE row (
    generation INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, data BLOB, PRIMARY KEY (generation, kind, key)
) WITHOUT ROWID;
CREATE TABLE lookup (
    generation INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
    PRIMARY KEY (generation, name, value, kind, key)
) WITHOUT ROWID;
CREATE INDEX lookup_of ON lookup (generation, kind, key);
CREATE TABLE state (
    live INTEGER NOT NULL, incarnation TEXT, cursor TEXT, stream_id TEXT NOT NULL, reflected_seq INTEGER NOT NULL
);
INSERT INTO state VALUES (1, NULL, NULL, '', 0);
"""
VERSION = 1
_SWEEP = 500


@dataclass(frozen=True, slots=True)
class Picture:
    """How far the replica is: a cursor, and which of the terminal's own facts its rows already contain."""

    incarnation: str | None
    cursor: str | None
    stream_id: StreamId
    reflected_seq: int


@dataclass(frozen=True, slots=True)
class NewRow:
    """A change made ready outside of any transaction: ``data`` is None for a deletion."""

    kind: str
    key: str
    data: bytes | None
    row: Row | None
    lookups: tuple[tuple[str, str], ...]


def make_ready(changes: Sequence[Change]) -> tuple[list[NewRow], int]:
    """The changes of known kinds, and how many rows of known kinds could not be read (they are left out as deleted)."""
    ready: list[NewRow] = []
    unreadable = 0
    for change in changes:
        if change.kind not in ROW_KINDS:
            continue
        row: Row | None = None
        if change.row:
            try:
                row = decode_row(change.kind, change.row)
            except (msgspec.DecodeError, UnicodeDecodeError):
                unreadable += 1
        data = None if row is None else bytes(change.row)
        ready.append(NewRow(change.kind, change.key, data, row, () if row is None else lookups_of(row)))
    return ready, unreadable


class Replica:
    """Not for several threads at once: the session's lock stands before it. Everything may raise `StorageFailed`."""

    def __init__(self, path: Path) -> None:
        try:
            self.file = self._open(path)
        except StorageFailed:
            # Nothing in it is ours alone: a damaged replica is put aside and fetched again.
            for end in ("", "-wal", "-shm"):
                damaged = path.with_name(path.name + end)
                if damaged.exists():
                    damaged.replace(path.with_name(f"{path.name}{end}.damaged"))
            self.file = self._open(path)
        self._staging: int | None = None

    @staticmethod
    def _open(path: Path) -> DurableFile:
        return DurableFile(path, SCHEMA, version=VERSION, synchronous="NORMAL", verify=_verify)

    def replace_by(self, new: Path) -> None:
        """Put another replica, closed and on stable storage, in the place of this one, in one step."""
        path = self.file.path
        self.file.close()
        self._staging = None
        try:
            # The log of the old file must not be taken for the new one's; closing has emptied it.
            for end in ("-wal", "-shm"):
                path.with_name(path.name + end).unlink(missing_ok=True)
            new.replace(path)
            sync_folder(path.parent)
        finally:
            self.file = self._open(path)

    def rows_behind(self, kind: str, key: str, count: int) -> list[tuple[str, str, bytes]]:
        """Kind, key and data of some rows in their order, those behind ``kind`` and ``key``."""
        found = self.file.rows(
            "SELECT kind, key, CAST(data AS BLOB) FROM row "
            "WHERE generation = (SELECT live FROM state) AND (kind, key) > (?, ?) "
            "AND data IS NOT NULL ORDER BY kind, key LIMIT ?",
            kind,
            key,
            count,
        )
        return [(kind, key, bytes(data)) for kind, key, data in found]

    def close(self) -> None:
        self.file.close()

    def picture(self) -> Picture:
        incarnation, cursor, stream_id, reflected_seq = self.file.rows(
            "SELECT incarnation, cursor, stream_id, reflected_seq FROM state"
        )[0]
        return Picture(incarnation, cursor, StreamId(stream_id), reflected_seq)

    # Reading.

    def get(self, kind: str, key: str) -> Row | None:
        found = self.file.row(
            "SELECT data FROM row "
            "WHERE generation = (SELECT live FROM state) AND kind = ? AND key = ? AND data IS NOT NULL",
            kind,
            key,
        )
        return None if found is None else decode_row(kind, found[0])

    def all(self, kind: str) -> list[Row]:
        """Every row of a kind, by key. For small kinds and for demos: nothing that a scan waits for."""
        found = self.file.rows(
            "SELECT data FROM row WHERE generation = (SELECT live FROM state) AND kind = ? AND data IS NOT NULL", kind
        )
        return [row for (data,) in found if (row := decode_row(kind, data)) is not None]

    def find(self, name: str, value: str) -> Iterator[Row]:
        found = self.file.rows(
            "SELECT kind, data FROM lookup JOIN row USING (generation, kind, key) "
            "WHERE generation = (SELECT live FROM state) AND name = ? AND value = ?",
            name,
            value,
        )
        return (row for kind, data in found if (row := decode_row(kind, data)) is not None)

    def count(self, name: str, value: str) -> int:
        found = self.file.row(
            "SELECT count(*) FROM lookup WHERE generation = (SELECT live FROM state) AND name = ? AND value = ?",
            name,
            value,
        )
        return 0 if found is None else int(found[0])

    def values(self, name: str) -> list[str]:
        """The different values that rows are found by under a name, in order."""
        of_live = "generation = (SELECT live FROM state)"
        sql = f"SELECT DISTINCT value FROM lookup WHERE {of_live} AND name = ? ORDER BY value"  # noqa: S608 - constants
        return [value for (value,) in self.file.rows(sql, name)]

    def site(self) -> SiteRow | None:
        return next((row for row in self.find("site", "") if isinstance(row, SiteRow)), None)

    def worker_by_badge(self, badge: BadgeCode) -> WorkerRow | None:
        return next((row for row in self.find("badge", badge) if isinstance(row, WorkerRow)), None)

    def item_by_gtin(self, gtin: Gtin) -> ItemRow | None:
        return next((row for row in self.find("gtin", gtin) if isinstance(row, ItemRow)), None)

    def held_lists(self, terminal_id: TerminalId) -> list[PickListRow]:
        """The lists that the store says this terminal holds."""
        return [row for row in self.find("held_by", terminal_id) if isinstance(row, PickListRow)]

    def walk(self, head: PickListRow) -> Walk:
        lines = (row for row in self.find("line_of", str(head.list_id)) if isinstance(row, PickLineRow))
        orders = self.orders_of(head.list_id) if head.kind is ListKind.BATCH else ()
        return Walk(head, tuple(sorted(lines, key=lambda line: line.line_id)), orders)

    def orders_of(self, list_id: PickListId) -> tuple[ListOrderRow, ...]:
        """The orders of a batch, by position."""
        rows = [row for row in self.find("order_of", str(list_id)) if isinstance(row, ListOrderRow)]
        return tuple(sorted(rows, key=lambda row: (row.position, row.order_id)))

    def open_list_count(self) -> int:
        return self.count("list_status", ListStatus.OPEN)

    def list_of_line(self, line_id: int) -> PickListId | None:
        row = self.get("pick_line", str(line_id))
        return row.list_id if isinstance(row, PickLineRow) else None

    def sscc_ranges(self, terminal_id: TerminalId) -> list[SsccRangeRow]:
        rows = [row for row in self.find("sscc_range", terminal_id) if isinstance(row, SsccRangeRow)]
        return sorted(rows, key=lambda row: (row.first, row.range_id))

    # Taking over what the store says.

    def stage(self, rows: Sequence[NewRow], *, first: bool) -> None:
        """Put a page aside that is not the last one; ``first``: of a new catch-up."""
        with self.file.transaction() as db:
            staging = _unused(db) if first or self._staging is None else self._staging
            _write(db, staging, rows)
        self._staging = staging

    def finish(self, rows: Sequence[NewRow], picture: Picture, *, reset: bool) -> None:
        """Take over the last page and all that was staged before it, with the cursor, in one transaction."""
        with self.file.transaction() as db:
            live = _live(db)
            if reset:
                live = _unused(db) if self._staging is None else self._staging
                _write(db, live, rows)
            elif self._staging is not None:
                _write(db, self._staging, rows)
                _merge(db, live=live, staging=self._staging)
            else:
                _write(db, live, rows)
            db.execute(
                "UPDATE state SET live = ?, incarnation = ?, cursor = ?, stream_id = ?, reflected_seq = ?",
                (live, picture.incarnation, picture.cursor, picture.stream_id, picture.reflected_seq),
            )
        self._staging = None

    def forget_staged(self) -> None:
        """A catch-up was broken off; `sweep` drops what was staged of it."""
        self._staging = None

    def sweep(self) -> bool:
        """Drop some rows that are no longer live; True: there may be more. Not while a catch-up is being staged."""
        if self._staging is not None:
            return False
        with self.file.transaction() as db:
            rows = db.execute(
                "SELECT generation, kind, key FROM row WHERE generation != (SELECT live FROM state) LIMIT ?", (_SWEEP,)
            ).fetchall()
            db.executemany("DELETE FROM lookup WHERE generation = ? AND kind = ? AND key = ?", rows)
            db.executemany("DELETE FROM row WHERE generation = ? AND kind = ? AND key = ?", rows)
        return len(rows) == _SWEEP


def _live(db: sqlite3.Connection) -> int:
    (live,) = db.execute("SELECT live FROM state").fetchone()
    return int(live)


def _unused(db: sqlite3.Connection) -> int:
    (highest,) = db.execute("SELECT max(generation) FROM row").fetchone()
    return max(highest or 0, _live(db)) + 1


def _write(db: sqlite3.Connection, generation: int, rows: Sequence[NewRow]) -> None:
    keys = [(generation, row.kind, row.key) for row in rows]
    db.executemany("DELETE FROM lookup WHERE generation = ? AND kind = ? AND key = ?", keys)
    db.executemany(
        "INSERT OR REPLACE INTO row VALUES (?, ?, ?, ?)",
        [(generation, row.kind, row.key, row.data) for row in rows],
    )
    db.executemany(
        "INSERT OR REPLACE INTO lookup VALUES (?, ?, ?, ?, ?)",
        [(generation, name, value, row.kind, row.key) for row in rows for name, value in row.lookups],
    )
    gone = [(generation, row.kind, row.key) for row in rows if row.data is None]
    if generation == _live(db):
        db.executemany("DELETE FROM row WHERE generation = ? AND kind = ? AND key = ?", gone)


def _merge(db: sqlite3.Connection, *, live: int, staging: int) -> None:
    of_both = {"live": live, "staging": staging}
    staged = "(kind, key) IN (SELECT kind, key FROM row WHERE generation = :staging"
    for statement in (
        f"DELETE FROM lookup WHERE generation = :live AND {staged})",  # noqa: S608 - put together from constants
        f"DELETE FROM row WHERE generation = :live AND {staged} AND data IS NULL)",  # noqa: S608 - as above
        "REPLACE INTO row SELECT :live, kind, key, data FROM row WHERE generation = :staging AND data IS NOT NULL",
        "INSERT INTO lookup SELECT :live, name, value, kind, key FROM lookup WHERE generation = :staging",
    ):
        db.execute(statement, of_both)


def _verify(db: sqlite3.Connection) -> None:
    if db.execute("SELECT count(*) FROM state").fetchone() != (1,):
        raise StorageFailed("The replica has lost its cursor. It is fetched again from the store.")


def lookups_of(row: Row) -> tuple[tuple[str, str], ...]:  # noqa: C901 - a table: one row for each kind
    """By what a row is found besides its key."""
    match row:
        case SiteRow():
            return (("site", ""),)
        case WorkerRow():
            return (("badge", row.badge),)
        case ItemRow():
            return tuple(("gtin", barcode.gtin) for barcode in row.barcodes)
        case PickListRow() if row.status is ListStatus.HELD and row.terminal_id is not None:
            return (("list_status", row.status), ("held_by", row.terminal_id), *_of_zone(row))
        case PickListRow():
            return (("list_status", row.status), *_of_zone(row))
        case PickLineRow():
            return (("line_of", str(row.list_id)),)
        case ListOrderRow():
            return (("order_of", str(row.list_id)),)
        case SsccRangeRow():
            return (("sscc_range", row.terminal_id),)
        case PackingRow():
            return (("packing_of", str(row.order_id)),)
        case CarrierLabelRow():
            return (("carrier_label_of", str(row.order_id)),)
        case SortingRow() if row.terminal_id is not None:
            return (("sorted_by", row.terminal_id),)
        case CubbyRow() if row.stands_at is not None:
            return (("wall", row.wall), ("wall_at", row.stands_at))
        case CubbyRow():
            return (("wall", row.wall),)
        case CountTaskRow() if row.status is CountStatus.HELD and row.terminal_id is not None:
            return (("count_status", row.status), ("count_held_by", row.terminal_id))
        case CountTaskRow():
            return (("count_status", row.status),)
        case _:
            return ()


def _of_zone(row: PickListRow) -> tuple[tuple[str, str], ...]:
    if row.zone_id is None or row.status not in (ListStatus.WAITING, ListStatus.OPEN, ListStatus.HELD):
        return ()
    picked = ("zone_work", row.zone_id)
    return (picked, ("zone_open", row.zone_id)) if row.status is ListStatus.OPEN else (picked,)

"""One SQLite file with one connection: a commit survives a power cut, and a handle that failed is never trusted."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from sync.record.delivery import StorageFailed

# Checkpoints run inside commits: a short log keeps the longest commit short.
_CHECKPOINT_PAGES = 256


class DurableFile:
    """``FULL``: a commit is on stable storage. ``NORMAL``: a power cut may cost the last commits, never consistency.

    Opening creates the file where there is none, with ``schema``. A file of another ``version`` is refused: the schema
    of a ledger is frozen. ``verify`` looks at what was opened and raises `StorageFailed` when it is not whole.
    """

    def __init__(
        self,
        path: Path,
        schema: str,
        *,
        version: int,
        synchronous: Literal["FULL", "NORMAL"],
        verify: Callable[[sqlite3.Connection], None] | None = None,
    ) -> None:
        self.path = path
        self._schema = schema
        self._version = version
        self._synchronous = synchronous
        self._verify = verify
        self._closed = False
        self._db: sqlite3.Connection | None = None
        self._db = self._open()

    def connection(self) -> sqlite3.Connection:
        """The connection to read with; opened again when the last one was given up. Raises `StorageFailed`."""
        if self._closed:
            raise StorageFailed("The terminal's record is closed. Nothing was recorded. Start the terminal again.")
        if self._db is None:
            self._db = self._open(after_fault=True)
        return self._db

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of the block or nothing of it. Raises `StorageFailed`; then the handle is closed, the file verified."""
        db = self.connection()
        try:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
        except sqlite3.Error as error:
            self._give_up()
            raise _storage_failed(self.path, error) from error
        except BaseException:
            if self._db is db:
                db.execute("ROLLBACK")
            raise

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query finds; call it inside a transaction too. Raises `StorageFailed`."""
        db = self.connection()
        try:
            return db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            self._give_up()
            raise _storage_failed(self.path, error) from error

    def row(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        """The first row that a query finds. Raises `StorageFailed`."""
        return next(iter(self.rows(sql, *values)), None)

    def close(self) -> None:
        self._closed = True
        self._give_up()

    def _give_up(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            try:
                db.close()
            except sqlite3.Error:
                return  # the handle is not used again, and the file is verified before it is

    def _open(self, *, after_fault: bool = False) -> sqlite3.Connection:
        try:
            db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise _storage_failed(self.path, error) from error
        try:
            self._prepare(db, after_fault=after_fault)
        except sqlite3.Error as error:
            db.close()
            raise _storage_failed(self.path, error) from error
        except StorageFailed:
            db.close()
            raise
        return db

    def _prepare(self, db: sqlite3.Connection, *, after_fault: bool) -> None:
        db.execute("PRAGMA busy_timeout = 5000")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA synchronous = {self._synchronous}")
        db.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        found: int = db.execute("PRAGMA user_version").fetchone()[0]
        if found == 0:
            db.executescript(f"BEGIN IMMEDIATE; {self._schema} PRAGMA user_version = {self._version}; COMMIT;")
        elif found != self._version:
            raise StorageFailed(
                f"{self.path.name} was written by another release (form {found}, this one knows {self._version}). "
                "Nothing was recorded. Install the release that wrote it and let it deliver first."
            )
        if after_fault:
            # What a failed commit left in the log is made durable now or reported: it must not surface later.
            busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            problem = db.execute("PRAGMA quick_check(1)").fetchone()[0]
            if busy or problem != "ok":
                raise StorageFailed(
                    f"{self.path.name} is damaged ({problem}). Nothing was recorded. "
                    "Keep the device: what it has not delivered can still be rescued from it."
                )
        if self._verify is not None:
            self._verify(db)


def sync_folder(folder: Path) -> None:
    """Make what was renamed in a folder durable: without it a power cut could undo the renaming."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _storage_failed(path: Path, error: sqlite3.Error) -> StorageFailed:
    return StorageFailed(
        f"Cannot write {path.name} ({error}). Nothing was recorded. "
        "Do the last step again; if it fails again, free space on the device or take another one."
    )

"""The one place that opens the store's database: an SQLite file or PostgreSQL, by SQLAlchemy URL."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from sync.record.ids import SiteId
from sync.store.round_trip import forget_prepared
from sync.store.unit_of_work import UnitOfWork

_T = TypeVar("_T")
TRIES = 4
WAL_TRIES = 100
WAL_PAUSE_S = 0.1
LOST_TO_ANOTHER = ("40001", "40P01")
"""PostgreSQL's states of a transaction that lost to another one and wrote nothing: serialisation, deadlock."""
POOL = 5
"""Connections that a process keeps to PostgreSQL, and as many again for a rush: eight workers fit in its usual 100."""
POOL_WAIT_S = 10
CONNECT_S = 10
LOCK_WAIT_S = 3
"""One who holds a row and does not get on costs those who want that row a 503, and nobody else anything."""
STATEMENT_S = 20
IDLE_IN_TRANSACTION_S = 120
"""PostgreSQL ends a transaction that does nothing for so long (a client that was stopped) and frees what it holds."""


class UnusableDatabase(Exception):
    """The URL names no database that the store can use; the text says which ones it can."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Database:
    """A store's database. Write transactions commit when their block ends well and roll back otherwise."""

    def __init__(self, url: str, *, now: Callable[[], datetime] = utc_now, serving: bool = False) -> None:
        """``serving``: many wait for it, so that no statement may take long or wait long for another's lock."""
        self.url = url
        self.engine = open_engine(url, serving=serving)
        self.now = now

    @contextmanager
    def write(self, site_id: SiteId) -> Iterator[UnitOfWork]:
        """One write transaction for one site. On SQLite it is alone; on PostgreSQL rows are locked as they are read."""
        with self.engine.connect().execution_options(floorhand_write=True) as conn, conn.begin():
            work = UnitOfWork(conn, site_id, self.now())
            yield work
            work.number_changes()

    def run(self, site_id: SiteId, job: Callable[[UnitOfWork], _T]) -> _T:
        """``job`` in a write transaction, again from its beginning when it lost to another one (a deadlock)."""
        for tries_left in reversed(range(TRIES)):
            try:
                with self.write(site_id) as work:
                    return job(work)
            except OperationalError as error:
                if not tries_left or getattr(error.orig, "sqlstate", None) not in LOST_TO_ANOTHER:
                    raise
        raise AssertionError("unreachable")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent picture of the whole store."""
        options: dict[str, Any] = {}
        if self.engine.dialect.name == "postgresql":
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self.engine.connect().execution_options(**options) as conn, conn.begin():
            yield conn

    def close(self) -> None:
        self.engine.dispose()


def open_engine(url: str, *, serving: bool = False) -> Engine:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise UnusableDatabase(
            f"{url!r} is no database URL. Give sqlite:////path/to/file or postgresql://..."
        ) from error
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise UnusableDatabase(f"{url} keeps nothing. Give a file: sqlite:////path/to/file")
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(url)
    if parsed.get_backend_name() == "postgresql":
        return _open_postgresql(parsed, serving=serving)
    raise UnusableDatabase(
        f"{parsed.get_backend_name()} is not supported. Give sqlite:////path/to/file or postgresql://..."
    )


def _open_postgresql(url: URL, *, serving: bool) -> Engine:
    # Nothing here takes so long that compiling it would pay.
    settings = {"idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_S}s", "jit": "off"}
    if serving:
        settings |= {"lock_timeout": f"{LOCK_WAIT_S}s", "statement_timeout": f"{STATEMENT_S}s"}
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=POOL,
        max_overflow=POOL,
        pool_timeout=POOL_WAIT_S,
        json_deserializer=msgspec.json.decode,
        use_native_hstore=False,  # it would be looked for on every new connection
        connect_args={
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
            "connect_timeout": CONNECT_S,
        },
    )

    @event.listens_for(engine, "rollback")
    def _rolled_back(conn: Connection) -> None:
        forget_prepared(conn)

    @event.listens_for(engine, "rollback_savepoint")
    def _taken_back(conn: Connection, _name: str, _context: object) -> None:
        forget_prepared(conn)

    return engine


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """SQLite waits for nobody when it changes the journal of a new file: two that open it at once must try again."""
    for tries_left in reversed(range(WAL_TRIES)):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not tries_left or "locked" not in str(error):
                raise
            time.sleep(WAL_PAUSE_S)
        else:
            return


def _open_sqlite(url: str) -> Engine:
    # One connection for each process: SQLite before 3.51.3 can corrupt a WAL file that is reset under two of them.
    engine = create_engine(url, pool_size=1, max_overflow=0, pool_timeout=60, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _configure(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # transactions begin where `_begin` says, not where the driver guesses
        cursor = raw.cursor()
        cursor.execute("PRAGMA busy_timeout = 30000")
        _write_ahead(cursor)
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        write = conn.get_execution_options().get("floorhand_write", False)
        conn.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine

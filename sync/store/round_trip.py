"""Statements that go to the database together: their answers are waited for once, not one by one.

To SQLite nothing has to travel: there a statement runs when it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import ReturningUpdate

from sync.store.pipeline import Pipeline, Prepared, numbered

RowDict = dict[str, Any]
Statement = Select[Any] | ReturningUpdate[Any]

_PREPARED = "floorhand_prepared"
_PLANS_KEPT = ("SET LOCAL plan_cache_mode = force_generic_plan", "SET LOCAL enable_seqscan = off")
_PLANS_AS_USUAL = ("SET LOCAL plan_cache_mode TO DEFAULT", "SET LOCAL enable_seqscan TO DEFAULT")
"""To plan anew what looks up a few rows by their keys takes PostgreSQL longer than to find them; and a plan that is
kept goes by an index, although the table was empty when it was made."""


class RoundTrip:
    """Takes statements until its block ends; then whoever asked is told the answer, in order."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._answers: list[Callable[[], None]] = []
        self._asks = False
        self._pipeline = (
            Pipeline(conn.connection.driver_connection, conn.connection.info.setdefault(_PREPARED, Prepared()))  # type: ignore[arg-type]
            if conn.dialect.name == "postgresql"
            else None
        )

    def ask(
        self,
        statement: Statement,
        values: Mapping[str, Any],
        heard: Callable[[list[RowDict]], None],
        *,
        plan_anew: bool = False,
    ) -> None:
        """``statement`` looks up rows by keys that an index has, and stays: it is put into words once.

        ``plan_anew``: of a table that grows from nothing and has several indexes: to its first rows any is as good.
        """
        if self._pipeline is None:
            rows = [dict(row) for row in self._conn.execute(statement, values).mappings()]
            self._answers.append(lambda: heard(rows))
            return
        if not self._asks:
            self._asks = True
            self._say_all(_PLANS_KEPT)
        said = _in_words(statement, self._conn.dialect)
        in_order = [values[name] if name in values else said.given[name] for name in said.names]
        self._pipeline.say(said.text, in_order, said.columns, lambda rows: heard(said.read(rows)), plan_anew=plan_anew)

    def say(self, text: str, values: Sequence[Any] = ()) -> None:
        """A statement in words that gives nothing back."""
        if self._pipeline is None:
            self._conn.exec_driver_sql(text, tuple(values))
        else:
            self._pipeline.say(numbered(text)[0], values)

    def _say_all(self, texts: Sequence[str]) -> None:
        for text in texts:
            self.say(text)

    def end(self) -> None:
        if self._pipeline is not None:
            if self._asks:
                self._say_all(_PLANS_AS_USUAL)
            self._pipeline.run()
        for answer in self._answers:
            answer()


def forget_prepared(conn: Connection) -> None:
    """When psycopg takes something back it has the server forget all prepared statements, ours among them."""
    if not (conn.closed or conn.invalidated):
        conn.connection.info.pop(_PREPARED, None)


@contextmanager
def round_trip(conn: Connection) -> Iterator[RoundTrip]:
    """Raises what SQLAlchemy would raise."""
    if not conn.in_transaction():
        conn.begin()  # SQLAlchemy would not know that one is to be ended
    trip = RoundTrip(conn)
    if conn.dialect.name != "postgresql":
        yield trip
        trip.end()
        return
    driver: Any = conn.connection.driver_connection
    errors: Any = conn.dialect.loaded_dbapi.Error
    try:
        yield trip
        trip.end()
    except errors as error:
        forget_prepared(conn)
        is_gone = conn.dialect.is_disconnect(error, driver, None)
        if is_gone:
            # Those that wait in the pool have died of the same: as SQLAlchemy does with its own statements.
            conn.engine.pool._invalidate(conn.connection, error)  # noqa: SLF001 - there is no other way to say it
            conn.invalidate(error)
        raise DBAPIError.instance(
            None, None, error, errors, connection_invalidated=is_gone, dialect=conn.dialect
        ) from error


@dataclass(frozen=True, slots=True)
class _Said:
    """A statement in words."""

    text: str
    names: tuple[str, ...]
    """Of its values, in order."""
    given: Mapping[str, Any]
    """Values that stand in it already."""
    columns: tuple[str, ...]
    readers: Sequence[tuple[str, Callable[[Any], Any]]]
    """Columns of which a value is not what the driver makes of it."""

    def read(self, rows: list[RowDict]) -> list[RowDict]:
        for name, reader in self.readers:
            for row in rows:
                row[name] = reader(row[name])
        return rows


@cache
def _in_words(statement: Statement, dialect: Dialect) -> _Said:
    compiled: Any = statement.compile(dialect=dialect)
    text, names = numbered(str(compiled))
    columns = [
        (column.name, column.type.dialect_impl(dialect).result_processor(dialect, None))
        for column in statement.exported_columns
    ]
    return _Said(
        text,
        names,
        given={name: bind.value for name, bind in compiled.binds.items() if bind.value is not None},
        columns=tuple(name for name, _ in columns),
        readers=[(name, reader) for name, reader in columns if reader is not None],
    )

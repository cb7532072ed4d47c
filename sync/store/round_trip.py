"""Statements that go to the database together: their answers are waited for once, not one by one.

PostgreSQL gets them from its driver itself, in the driver's pipeline: SQLAlchemy would wait for each, and takes several
times as long over it. To SQLite nothing has to travel: there a statement runs when it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import ReturningUpdate

RowDict = dict[str, Any]
Statement = Select[Any] | ReturningUpdate[Any]


class RoundTrip:
    """Takes statements until its block ends; then whoever asked is told the answer, in order."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._driver: Any = conn.connection.driver_connection
        self._answers: list[Callable[[], None]] = []

    def ask(
        self,
        statement: Statement,
        values: Mapping[str, Any],
        heard: Callable[[list[RowDict]], None],
        *,
        plan_anew: bool = False,
    ) -> None:
        """``statement`` must be one that stays (see `sync.store.statements`): it is put into words once.

        ``plan_anew``: of a table that grows from nothing; the plan of its first rows would be kept for thousands.
        """
        if self._conn.dialect.name != "postgresql":
            rows = [dict(row) for row in self._conn.execute(statement, values).mappings()]
            self._answers.append(lambda: heard(rows))
            return
        text, given, columns = _in_words(statement, self._conn.dialect)
        cursor = self._driver.cursor()
        cursor.execute(text, {**given, **values}, prepare=False if plan_anew else None)
        self._answers.append(lambda: heard(_rows(columns, cursor.fetchall())))

    def say(self, text: str, values: Sequence[Any] = ()) -> None:
        """A statement in words that gives nothing back."""
        if self._conn.dialect.name != "postgresql":
            self._conn.exec_driver_sql(text, tuple(values))
        else:
            self._driver.execute(text, values)

    def hear(self) -> None:
        for answer in self._answers:
            answer()


@contextmanager
def round_trip(conn: Connection) -> Iterator[RoundTrip]:
    """Raises what SQLAlchemy would raise."""
    trip = RoundTrip(conn)
    if conn.dialect.name != "postgresql":
        yield trip
        trip.hear()
        return
    driver: Any = conn.connection.driver_connection
    errors: Any = conn.dialect.loaded_dbapi.Error
    try:
        with driver.pipeline():
            yield trip
        trip.hear()
    except errors as error:
        is_gone = conn.dialect.is_disconnect(error, driver, None)
        if is_gone:
            # Those that wait in the pool have died of the same: as SQLAlchemy does with its own statements.
            conn.engine.pool._invalidate(conn.connection, error)  # noqa: SLF001 - there is no other way to say it
            conn.invalidate(error)
        raise DBAPIError.instance(
            None, None, error, errors, connection_invalidated=is_gone, dialect=conn.dialect
        ) from error


@cache
def _in_words(statement: Statement, dialect: Dialect) -> tuple[str, Mapping[str, Any], list[tuple[str, Any]]]:
    """The text, the values that stand in it already, and what comes back: names, and how each value is read."""
    compiled: Any = statement.compile(dialect=dialect)
    given = {name: bind.value for name, bind in compiled.binds.items() if bind.value is not None}
    columns = [
        (column.name, column.type.dialect_impl(dialect).result_processor(dialect, None))
        for column in statement.exported_columns
    ]
    return str(compiled), given, columns


def _rows(columns: Sequence[tuple[str, Any]], found: Sequence[Sequence[Any]]) -> list[RowDict]:
    return [
        {name: value if read is None else read(value) for (name, read), value in zip(columns, row, strict=True)}
        for row in found
    ]

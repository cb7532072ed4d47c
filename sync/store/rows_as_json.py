"""Rows as one JSON document: PostgreSQL takes any number of them in one statement, which always has the same text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Column, LargeBinary, Table
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from sync.store.table_parts.columns import UtcDateTime
from sync.store.tables import feed

_quote = PGDialect_psycopg().identifier_preparer.quote  # type: ignore[no-untyped-call]


def document(table: Table, rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows for `inserting_document`. Raises ValueError where they have not all the same columns."""
    if any(row.keys() != rows[0].keys() for row in rows):
        raise ValueError(f"rows of {table.name} have not all the same columns")
    read = _readers(table, tuple(rows[0]))
    made = [{**row, **{name: into(row[name]) for name, into in read}} for row in rows] if read else rows
    return msgspec.json.encode(made).decode()


@cache
def inserting_document(table: Table, names: tuple[str, ...], update_columns: tuple[str, ...] | None) -> str:
    """Inserts the rows of a document.

    Where the primary key exists it sets ``update_columns`` or, without any, leaves the row (None: it is an error).
    """
    columns = ", ".join(map(_quote, names))
    into = _quote(table.name)
    source = f"json_populate_recordset(NULL::{into}, %s::json)"
    insert = f"INSERT INTO {into} ({columns}) SELECT {columns} FROM {source}"  # noqa: S608 - names of our own tables
    if update_columns is None:
        return insert
    sets = ", ".join(f"{_quote(name)} = excluded.{_quote(name)}" for name in update_columns)
    return f"{insert} ON CONFLICT ({_keys(table)}) DO {f'UPDATE SET {sets}' if sets else 'NOTHING'}"


@cache
def numbering_document() -> str:
    """Moves the head of a site's feed on by so many and gives the rows of a document (``n`` from 1) their numbers.

    Whoever saw a row before and does not now stands in its ``left`` from then on.
    """
    names = [column.name for column in feed.columns]
    columns = ", ".join(map(_quote, names))
    values = ", ".join("(SELECT n FROM head) + row.n" if name == "n" else f"row.{_quote(name)}" for name in names)
    return f"""
        WITH head AS (UPDATE feed_head SET n = n + %s WHERE site_id = %s RETURNING n - %s AS n)
        INSERT INTO feed ({columns})
        SELECT {values} FROM json_populate_recordset(NULL::feed, %s::json) AS row
        ON CONFLICT ({_keys(feed)}) DO UPDATE SET
            n = excluded.n, audience = excluded.audience, deleted = excluded.deleted, at = excluded.at,
            "left" = CASE WHEN feed.audience <> excluded.audience THEN feed."left" || feed.audience || ','
                     ELSE feed."left" END"""  # noqa: S608 - names of our own columns


def _keys(table: Table) -> str:
    return ", ".join(_quote(column.name) for column in table.primary_key)


@cache
def _readers(table: Table, names: tuple[str, ...]) -> list[tuple[str, Callable[[Any], Any]]]:
    found = ((name, _reader(table.c[name])) for name in names)
    return [(name, into) for name, into in found if into is not None]


def _reader(column: Column[Any]) -> Callable[[Any], Any] | None:
    match column.type:
        case LargeBinary():
            return lambda value: None if value is None else f"\\x{value.hex()}"
        case UtcDateTime():
            return _zoned
        case _:
            return None


def _zoned(value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise ValueError(f"a time without a zone reached the record: {value.isoformat()}")
    return value

"""The statements that every push makes, each built once: building one costs more than the database takes to run it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Table,
    and_,
    bindparam,
    case,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert, ReturningUpdate

from sync.store.tables import feed, feed_head

_T = TypeVar("_T")


@cache
def rows_among(table: Table, names: tuple[str, ...]) -> Select[Any]:
    """Rows of the site ``site`` with one of ``keys`` in the columns ``names``, locked in the order of their own keys.

    ``keys`` are values where it is one column, tuples otherwise. The site is left out of the rows.
    """
    columns = [table.c[name] for name in names]
    keys: BindParameter[Any] = bindparam("keys", expanding=True)
    return _locked(table, columns[0].in_(keys) if len(columns) == 1 else tuple_(*columns).in_(keys))


@cache
def rows_where(table: Table, names: tuple[str, ...]) -> Select[Any]:
    """Rows of the site ``site`` that have the values of these names, locked in the order of their keys."""
    return _locked(table, and_(*(table.c[name] == bindparam(name) for name in names)))


def _locked(table: Table, condition: ColumnElement[bool]) -> Select[Any]:
    return (
        select(*(column for column in table.c if column.name != "site_id"))
        .where(table.c.site_id == bindparam("site"), condition)
        .order_by(*(column for column in table.primary_key if column.name != "site_id"))
        .with_for_update()
    )


@cache
def inserting(table: Table) -> Insert:
    return insert(table)


@cache
def upserting(dialect: str, table: Table, update_columns: tuple[str, ...]) -> Insert:
    """Insert or, where the primary key exists, set ``update_columns``."""
    keys = [column.name for column in table.primary_key]
    upsert = _insert(dialect, table)
    return (
        upsert.on_conflict_do_update(index_elements=keys, set_={name: upsert.excluded[name] for name in update_columns})
        if update_columns
        else upsert.on_conflict_do_nothing(index_elements=keys)
    )


@cache
def drawing_numbers() -> ReturningUpdate[Any]:
    """Move the head of the feed of ``site`` on by ``count``; returns where it stands then."""
    return (
        update(feed_head)
        .where(feed_head.c.site_id == bindparam("site"))
        .values(n=feed_head.c.n + bindparam("count"))
        .returning(feed_head.c.n)
    )


@cache
def numbering(dialect: str) -> Insert:
    """A change of a row in the feed. Whoever saw the row before and does not now stands in ``left`` from then on."""
    upsert = _insert(dialect, feed)
    moved = feed.c.audience != upsert.excluded.audience
    new = {name: upsert.excluded[name] for name in ("n", "audience", "deleted", "at")}
    left = case((moved, feed.c.left + feed.c.audience + ","), else_=feed.c.left)
    return upsert.on_conflict_do_update(index_elements=["site_id", "kind", "key"], set_={**new, "left": left})


def padded(keys: Sequence[_T]) -> list[_T]:
    """``keys`` made as many as the next power of two by naming the last one again.

    A condition ``IN`` over them then has one of few texts, and the database need not plan it anew each time.
    """
    size = 1 << (len(keys) - 1).bit_length()
    return [*keys, *([keys[-1]] * (size - len(keys)))]


def _insert(dialect: str, table: Table) -> postgresql.Insert:
    if dialect == "postgresql":
        return postgresql.insert(table)
    return cast(postgresql.Insert, sqlite.insert(table))  # it is used alike

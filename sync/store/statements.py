"""The statements that every push makes, each built once: building one costs more than the database takes to run it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    ColumnElement,
    Integer,
    Select,
    String,
    Table,
    and_,
    any_,
    bindparam,
    case,
    func,
    insert,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert, ReturningUpdate

from sync.record.facts import VerdictKind
from sync.store.tables import event, feed, feed_head, order_line, pick_line, pick_list, store, terminal, worker

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


def _locked_where(dialect: str, table: Table, names: Sequence[str], named: Select[Any]) -> Select[Any]:
    """Rows that have in these columns what ``named`` finds, locked in the order of these columns.

    On PostgreSQL each is looked up for itself: where it does not know how many are asked for, it thinks that they are
    found sooner by reading all of a site.
    """
    columns = [table.c[name] for name in names]
    if dialect != "postgresql":
        return _locked(table, columns[0].in_(named) if len(columns) == 1 else tuple_(*columns).in_(named))
    each = named.distinct().order_by(*named.selected_columns).subquery("named")
    fits = and_(*(column == each.c[name] for name, column in zip(names, columns, strict=True)))
    found = _locked(table, fits).offset(0).lateral("found")
    return select(found).select_from(each).join(found, true())


@cache
def rows_named(dialect: str, table: Table, *names: str) -> Select[Any]:
    """Rows of the site ``site`` with values among the lists of these names, locked in the order of their keys."""
    return _locked(table, and_(*(among(dialect, table.c[name], name) for name in names)))


@cache
def rows_of_lines(dialect: str, table: Table, *names: str) -> Select[Any]:
    """Rows that the pick lines ``line_id`` (a list) name by these columns, locked in the order of their keys."""
    line = pick_line.c
    named = select(*(line[name] for name in names)).where(
        line.site_id == bindparam("site"), among(dialect, line.line_id, "line_id")
    )
    return _locked_where(dialect, table, names, named)


@cache
def order_lines_of_lists(dialect: str) -> Select[Any]:
    """What the lines of the pick lists ``list_id`` (a list) are for, locked in the order of their keys."""
    line = pick_line.c
    of_lists = select(line.order_line_id).where(
        line.site_id == bindparam("site"), among(dialect, line.list_id, "list_id")
    )
    return _locked_where(dialect, order_line, ("order_line_id",), of_lists)


@cache
def lists_of_trips(dialect: str) -> Select[Any]:
    """All lists of the trips of which the pick lists ``list_id`` (a list) are, locked in the order of their keys."""
    c = pick_list.c
    trips = select(c.trip_id).where(
        c.site_id == bindparam("site"), among(dialect, c.list_id, "list_id"), c.trip_id.is_not(None)
    )
    return _locked_where(dialect, pick_list, ("trip_id",), trips)


@cache
def workers_named(dialect: str) -> Select[Any]:
    """Who the workers ``worker_id`` (a list) of the site ``site`` are and what they may do."""
    c = worker.c
    return select(c.worker_id, c.name, c.roles, c.active).where(
        c.site_id == bindparam("site"), among(dialect, c.worker_id, "worker_id")
    )


@cache
def senders_seen(dialect: str) -> ReturningUpdate[Any]:
    """The terminals ``senders`` (a list) of the site ``site`` are heard of ``now``; gives what they are."""
    c = terminal.c
    return (
        update(terminal)
        .where(c.site_id == bindparam("site"), among(dialect, c.terminal_id, "senders"))
        .values(last_seen_at=bindparam("now"))
        .returning(c.terminal_id, c.public_key, c.scopes, c.revoked_at)
    )


@cache
def verdicts_of(dialect: str) -> Select[Any]:
    """What was said of the events ``event_id`` (a list) of the site ``site`` when they were judged."""
    c = event.c
    judged = select(c.event_id, c.verdict, c.reason).where(
        c.site_id == bindparam("site"), c.verdict != str(VerdictKind.DUPLICATE)
    )
    if dialect != "postgresql":
        return judged.where(among(dialect, c.event_id, "event_id"))
    # Each looked up for itself: of a table that PostgreSQL has not counted yet it thinks that several are found sooner
    # by reading all of a site.
    ids = func.unnest(bindparam("event_id", type_=postgresql.ARRAY(String())))
    asked = ids.table_valued("event_id").render_derived(name="asked")
    found = judged.where(c.event_id == asked.c.event_id).offset(0).lateral("found")
    return select(found).select_from(asked).join(found, true())


@cache
def store_now() -> Select[Any]:
    """Its incarnation, and the newest change of ``site``."""
    head = select(feed_head.c.n).where(feed_head.c.site_id == bindparam("site")).scalar_subquery()
    return select(store.c.incarnation, head.label("head"))


def among(dialect: str, column: Column[Any], name: str) -> ColumnElement[bool]:
    """The value is in the list ``name``, which PostgreSQL takes as one value: the text is the same for any list."""
    if dialect != "postgresql":
        return column.in_(bindparam(name, expanding=True))
    kind = BigInteger() if isinstance(column.type, Integer) else String()
    return column == any_(bindparam(name, type_=postgresql.ARRAY(kind)))


@cache
def inserting(table: Table) -> Insert:
    return insert(table)


@cache
def upserting(table: Table, update_columns: tuple[str, ...]) -> Insert:
    """Insert into SQLite or, where the primary key exists, set ``update_columns``."""
    keys = [column.name for column in table.primary_key]
    upsert = sqlite.insert(table)
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
def numbering() -> Insert:
    """A change of a row in SQLite's feed. Whoever saw the row and does not now stands in ``left`` from then on."""
    upsert = sqlite.insert(feed)
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

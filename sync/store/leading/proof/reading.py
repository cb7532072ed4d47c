"""Reading whole tables of a site piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, select, tuple_

from sync.record.ids import SiteId

AnyRow = Row[*tuple[Any, ...]]
PAGE_ROWS = 500


def pages(conn: Connection, table: Table, site_id: SiteId) -> Iterator[Sequence[AnyRow]]:
    """The rows of a site by primary key, at most `PAGE_ROWS` at a time."""
    keys = [column for column in table.primary_key if column.name != "site_id"]
    asked = select(table).where(table.c.site_id == site_id).order_by(*keys).limit(PAGE_ROWS)
    page: Sequence[AnyRow] = conn.execute(asked).all()
    while page:
        yield page
        last = [getattr(page[-1], key.name) for key in keys]
        behind = tuple_(*keys) > tuple_(*last) if len(keys) > 1 else keys[0] > last[0]
        page = conn.execute(asked.where(behind)).all() if len(page) == PAGE_ROWS else ()


def rows(conn: Connection, table: Table, site_id: SiteId) -> Iterator[AnyRow]:
    for page in pages(conn, table, site_id):
        yield from page

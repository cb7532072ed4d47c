"""One write transaction: what it changes and which rows of the change feed that touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, func, select, update

from sync.record.ids import SiteId, TerminalId
from sync.store.statements import drawing_numbers, inserting, numbering, upserting
from sync.store.tables import counter, feed_head

EVERYBODY = "*"
NOBODY = "-"
PACK_STATIONS = "pack"


def one_terminal(terminal_id: TerminalId) -> str:
    """The audience of what only one terminal is told."""
    return f"t:{terminal_id}"


class UnitOfWork:
    """A transaction of one site. ``touch`` names the rows that terminals must be told of; numbers come at the end."""

    def __init__(self, conn: Connection, site_id: SiteId, now: datetime) -> None:
        self.conn = conn
        self.site_id = site_id
        self.now = now
        self._touched: dict[tuple[str, str], tuple[str, bool]] = {}

    def touch(self, kind: str, key: str, audience: str = EVERYBODY, *, deleted: bool = False) -> None:
        """The row ``key`` of ``kind`` (see `sync.record.rows.ROW_KINDS`) has changed; ``audience`` may see it now."""
        self._touched[kind, key] = (audience, deleted)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What the block does is taken back when it raises, what it touched included."""
        touched = dict(self._touched)
        try:
            with self.conn.begin_nested():
                yield
        except BaseException:
            self._touched = touched
            raise

    def allot(self, name: str, count: int = 1) -> int:
        """Draw ``count`` numbers of the counter ``name``; returns the first. They start at 1 and have no gaps."""
        step = (
            update(counter)
            .where(counter.c.site_id == self.site_id, counter.c.name == name)
            .values(value=counter.c.value + count)
            .returning(counter.c.value)
        )
        last = self.conn.execute(step).scalar_one_or_none()
        if last is None:
            self.upsert(counter, [{"site_id": self.site_id, "name": name, "value": 0}], update_columns=())
            last = self.conn.execute(step).scalar_one()
        return int(last) - count + 1

    def insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows of this site; ``site_id`` is filled in."""
        if rows:
            self.conn.execute(inserting(table), [{"site_id": self.site_id, **row} for row in rows])

    def upsert(
        self, table: Table, rows: Sequence[Mapping[str, Any]], update_columns: Sequence[str] | None = None
    ) -> None:
        """Insert rows or, where their primary key exists, set ``update_columns`` (None: all that are no key)."""
        if not rows:
            return
        keys = table.primary_key.columns
        names = [name for name in rows[0] if name not in keys] if update_columns is None else update_columns
        statement = upserting(self.conn.dialect.name, table, tuple(names))
        self.conn.execute(statement, [{"site_id": self.site_id, **row} for row in rows])

    def number_changes(self) -> None:
        """Give the touched rows their numbers: the last statements before COMMIT, so that numbers follow commits.

        Drawing them earlier would let a reader see number 7 before number 6 is visible, and lose 6 for ever.
        """
        if not self._touched:
            return
        count = len(self._touched)
        head = self.conn.execute(drawing_numbers(), {"site": self.site_id, "count": count}).scalar_one()
        rows = [
            {
                "site_id": self.site_id,
                "kind": kind,
                "key": key,
                "n": head - count + place,
                "audience": audience,
                "left": ",",
                "deleted": deleted,
                "at": self.now,
            }
            for place, ((kind, key), (audience, deleted)) in enumerate(self._touched.items(), start=1)
        ]
        self.conn.execute(numbering(self.conn.dialect.name), rows)
        self._touched.clear()


def feed_position(conn: Connection, site_id: SiteId) -> int:
    """The number of the newest change of a site."""
    return int(
        conn.execute(
            select(func.coalesce(func.max(feed_head.c.n), 0)).where(feed_head.c.site_id == site_id)
        ).scalar_one()
    )

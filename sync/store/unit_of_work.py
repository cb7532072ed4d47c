"""One write transaction: what it changes and which rows of the change feed that touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, func, select, update

from sync.record.ids import SiteId, TerminalId
from sync.store.round_trip import RoundTrip, round_trip
from sync.store.rows_as_json import document, inserting_document, numbering_document
from sync.store.statements import drawing_numbers, inserting, numbering, upserting
from sync.store.tables import counter, feed, feed_head

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
        self._marked = self._touched
        self._trip: RoundTrip | None = None

    @contextmanager
    def round_trip(self) -> Iterator[RoundTrip]:
        """What is asked and written in the block goes to the database together."""
        with round_trip(self.conn) as trip:
            self._trip = trip
            try:
                yield trip
            finally:
                self._trip = None

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

    def mark(self, trip: RoundTrip) -> None:
        """`take_back` comes back to here."""
        self._marked = dict(self._touched)
        trip.say("SAVEPOINT marked")

    def take_back(self) -> None:
        """All that was done since the mark."""
        self._touched = self._marked
        with self.round_trip() as trip:
            trip.say("ROLLBACK TO SAVEPOINT marked")

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
        self._write(table, rows, None)

    def upsert(
        self, table: Table, rows: Sequence[Mapping[str, Any]], update_columns: Sequence[str] | None = None
    ) -> None:
        """Insert rows or, where their primary key exists, set ``update_columns`` (None: all that are no key)."""
        if rows and update_columns is None:
            update_columns = [name for name in rows[0] if name not in table.primary_key.columns]
        self._write(table, rows, tuple(update_columns or ()))

    def _write(self, table: Table, rows: Sequence[Mapping[str, Any]], update_columns: tuple[str, ...] | None) -> None:
        if not rows:
            return
        of_site = [{"site_id": self.site_id, **row} for row in rows]
        if self.conn.dialect.name == "postgresql":
            self._say(inserting_document(table, tuple(of_site[0]), update_columns), (document(table, of_site),))
        elif update_columns is None:
            self.conn.execute(inserting(table), of_site)
        else:
            self.conn.execute(upserting(table, update_columns), of_site)

    def _say(self, text: str, values: Sequence[Any]) -> None:
        if self._trip is not None:
            self._trip.say(text, values)
        else:
            self.conn.exec_driver_sql(text, tuple(values))

    def number_changes(self) -> None:
        """Give the touched rows their numbers: the last statements before COMMIT, so that numbers follow commits.

        Drawing them earlier would let a reader see number 7 before number 6 is visible, and lose 6 for ever.
        """
        if not self._touched:
            return
        count = len(self._touched)
        rows = [
            {
                "site_id": self.site_id,
                "kind": kind,
                "key": key,
                "n": place,
                "audience": audience,
                "left": ",",
                "deleted": deleted,
                "at": self.now,
            }
            for place, ((kind, key), (audience, deleted)) in enumerate(self._touched.items(), start=1)
        ]
        if self.conn.dialect.name == "postgresql":
            self._say(numbering_document(), (count, self.site_id, count, document(feed, rows)))
        else:
            head = self.conn.execute(drawing_numbers(), {"site": self.site_id, "count": count}).scalar_one()
            before = head - count
            self.conn.execute(numbering(), [{**row, "n": before + place} for place, row in enumerate(rows, start=1)])
        self._touched.clear()


def feed_position(conn: Connection, site_id: SiteId) -> int:
    """The number of the newest change of a site."""
    return int(
        conn.execute(
            select(func.coalesce(func.max(feed_head.c.n), 0)).where(feed_head.c.site_id == site_id)
        ).scalar_one()
    )

"""The rows that a batch of facts works on: each read once, changed in memory, written back together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Column, Integer, Select, String, Table, select, update

from sync.record.facts import Entry
from sync.record.ids import EventId, OrderId, PickListId, SiteId, TerminalId, ToteCode, TripId, WorkerId
from sync.record.rows import SiteRow
from sync.store import tables as t
from sync.store.access.roster import Roster
from sync.store.in_bulk import as_one, rows_with_any
from sync.store.leading.leases import site_rules
from sync.store.round_trip import RoundTrip
from sync.store.statements import padded, rows_among, rows_where
from sync.store.unit_of_work import UnitOfWork

RowDict = dict[str, Any]
Key = tuple[Any, ...]


class CachedTable:
    """An identity map over one table: rows by primary key (without the site)."""

    def __init__(self, work: UnitOfWork, table: Table) -> None:
        self._work = work
        self.table = table
        self._keys = [column.name for column in table.primary_key if column.name != "site_id"]
        self._rows: dict[Key, RowDict | None] = {}
        self._changed: set[Key] = set()
        self._searched: set[frozenset[tuple[str, Any]]] = set()

    def get(self, *key: Any) -> RowDict | None:
        """The row, or None. It is locked on PostgreSQL; change it only through `change`."""
        if key not in self._rows:
            self.fetch([key])
        return self._rows[key]

    def fetch(self, keys: Iterable[Key]) -> None:
        """Read the rows that are not here yet, in one statement and in the order of their keys (against deadlocks)."""
        unread = {key for key in keys if key not in self._rows}
        self._rows.update(dict.fromkeys(unread))
        missing = sorted(key for key in unread if self.could_hold(key) and not self._was_searched(key))
        if missing:
            self._read_among(self._keys, missing)

    def search(self, names: Sequence[str], values: Iterable[Key]) -> None:
        """Read what `where` will be asked for: all rows with any of these values in the columns ``names``."""
        wanted = {frozenset(zip(names, key, strict=True)): key for key in values if None not in key}
        new = sorted(key for search, key in wanted.items() if search not in self._searched)
        fitting = [key for key in new if all(map(_fits, (self.table.c[name] for name in names), key))]
        if fitting:
            self._read_among(names, fitting)
        self._searched.update(wanted)

    def ask(
        self,
        trip: RoundTrip,
        statement: Select[Any],
        about: Mapping[str, Any],
        *,
        keys: Iterable[Key] = (),
        searched: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        """Read in a round trip what the statement finds.

        It must find all rows with these ``keys``, and all that `where` would find for what counts as ``searched``.
        """
        self._rows = dict.fromkeys(keys) | self._rows
        self._searched.update(frozenset(equal.items()) for equal in searched)
        trip.ask(statement, {"site": self._work.site_id, **about}, self._keep)

    def where(self, **equal: Any) -> list[RowDict]:
        """All rows with these column values: those of the database, as changed here."""
        search = frozenset(equal.items())
        if search not in self._searched:
            self._read(rows_where(self.table, tuple(equal)), equal)
            self._searched.add(search)
        return [
            row
            for row in self._rows.values()
            if row is not None and all(row[name] == value for name, value in equal.items())
        ]

    def change(self, row: RowDict, **values: Any) -> RowDict:
        """Set values of a row; it is written at the next flush."""
        row.update(values)
        self._changed.add(tuple(row[name] for name in self._keys))
        return row

    def add(self, **values: Any) -> RowDict:
        """A new row (or, where the key exists, all its values anew)."""
        key = tuple(values[name] for name in self._keys)
        self._rows[key] = values
        self._changed.add(key)
        return values

    def get_or_add(self, **values: Any) -> RowDict:
        """The row with the key among ``values``, made of them where there is none.

        It is inserted at once, so that two transactions that miss the same row come to change one row, not two.
        Raises ValueError where the database could not hold the key: SQLite would, and both shall refuse the same.
        """
        key = tuple(values[name] for name in self._keys)
        row = self.get(*key)
        if row is None:
            if not self.could_hold(key):
                raise ValueError(f"{self.table.name} cannot hold {key}")
            self._work.upsert(self.table, [values], update_columns=())
            self._read_among(self._keys, [key])  # also where a search has not found it before
            row = self._rows[key]
        if row is None:
            raise LookupError(f"{self.table.name} {key} cannot be read after it was written")
        return row

    def flush(self) -> None:
        rows = [row for key in sorted(self._changed) if (row := self._rows[key]) is not None]
        self._changed.clear()
        self._work.upsert(self.table, rows)

    def read(self) -> Iterable[RowDict]:
        """The rows that are here, as changed."""
        return (row for row in self._rows.values() if row is not None)

    def forget(self) -> None:
        self._rows.clear()
        self._changed.clear()
        self._searched.clear()

    def _was_searched(self, key: Key) -> bool:
        """Whether a search has found all rows of which this one would be."""
        named = list(zip(self._keys, key, strict=True))
        return any(frozenset(named[:count]) in self._searched for count in range(1, len(named)))

    def could_hold(self, key: Key) -> bool:
        """Whether a row with this key could be: what the database could not hold is never looked for."""
        return all(_fits(self.table.c[name], value) for name, value in zip(self._keys, key, strict=True))

    def _read_among(self, names: Sequence[str], keys: Sequence[Key]) -> None:
        values = keys if len(names) > 1 else [key[0] for key in keys]
        self._read(rows_among(self.table, tuple(names)), {"keys": padded(values)})

    def _read(self, statement: Select[Any], about: Mapping[str, Any]) -> None:
        found = self._work.conn.execute(statement, {"site": self._work.site_id, **about})
        self._keep(dict(row) for row in found.mappings())

    def _keep(self, rows: Iterable[RowDict]) -> None:
        for row in rows:
            key = tuple(row[name] for name in self._keys)
            # What was changed here and not written yet wins over what the database still says.
            if self._rows.get(key) is None:
                self._rows[key] = row


def _fits(column: Column[Any], value: Any) -> bool:
    """Whether the database could hold the value: what it cannot hold is not there, and is never looked for."""
    match value, column.type:
        case str(), String(length=length):
            return "\0" not in value and (length is None or len(value) <= length)
        case int(), Integer():
            return -(2**63) <= value < 2**63
        case _:
            return True


class Bench:
    """Everything that judging one batch of facts reads and writes."""

    def __init__(self, work: UnitOfWork) -> None:
        self.work = work
        self.lines = CachedTable(work, t.pick_line)
        self.lists = CachedTable(work, t.pick_list)
        self.orders = CachedTable(work, t.orders)
        self.order_lines = CachedTable(work, t.order_line)
        self.stock = CachedTable(work, t.stock)
        self.totes = CachedTable(work, t.tote)
        self.tote_contents = CachedTable(work, t.tote_content)
        self.cartons = CachedTable(work, t.carton)
        self.carton_contents = CachedTable(work, t.carton_content)
        self.labels = CachedTable(work, t.label)
        self.carrier_labels = CachedTable(work, t.carrier_label)
        self.locations = CachedTable(work, t.location)
        self.terminals = CachedTable(work, t.terminal)
        self.list_orders = CachedTable(work, t.list_order)
        self.trips = CachedTable(work, t.trip)
        self.batches = CachedTable(work, t.batch)
        self.cubbies = CachedTable(work, t.cubby)
        self.counts = CachedTable(work, t.count_task)
        self.roster = Roster(work)
        self.told_of_workers: set[tuple[TerminalId, WorkerId | None, str]] = set()
        """Workers who may not do what they did, and of whom this batch has opened a discrepancy."""
        self._tables = [value for value in vars(self).values() if isinstance(value, CachedTable)]
        self._moves: list[RowDict] = []
        self._discrepancies: list[RowDict] = []
        self._parts: dict[str, int] = {}
        self.judged: dict[EventId, Entry] = {}
        """The batch's own entries that took effect: their events are not in the table yet."""
        self.undone: set[EventId] = set()
        """Events that facts of this batch took back."""
        self.bound: dict[tuple[TerminalId, PickListId, OrderId | None], list[ToteCode]] = {}
        """Totes that a terminal had bound to a list (on a cart: to an order) before this batch, where asked for."""
        self.trips_changed: set[TripId] = set()
        """Trips of which a list has changed: what that means for the others is looked at behind each fact."""
        self.looked_for_lapsed: set[bool] = set()
        """Whether what has lapsed was passed on already, and whether that was all of it or only what was moved."""
        self._stock_at: dict[str, list[Mapping[str, Any]]] = {}

    @property
    def site_id(self) -> SiteId:
        return self.work.site_id

    @property
    def now(self) -> datetime:
        return self.work.now

    @cached_property
    def rules(self) -> SiteRow:
        """What the site has set for its floor."""
        return site_rules(self.work.conn, self.site_id)

    def stock_at(self, locations: Collection[str]) -> list[Mapping[str, Any]]:
        """What lies at these places, as changed here. Read once and not locked: to be told, not to be changed."""
        if {*locations} - self._stock_at.keys():
            with self.work.round_trip() as trip:
                self.ask_stock_at(trip, locations)
        lying = {(row["location"], row["item_id"], row["lot"]): row for at in locations for row in self._stock_at[at]}
        for row in self.stock.read():
            if row["location"] in locations:
                lying[row["location"], row["item_id"], row["lot"]] = row
        return list(lying.values())

    def ask_stock_at(self, trip: RoundTrip, locations: Collection[str]) -> None:
        """Read in a round trip what `stock_at` will be asked for."""
        unread = sorted({*locations} - self._stock_at.keys())
        if unread:
            self._stock_at.update((location, []) for location in unread)
            statement = rows_with_any(self.work.conn.dialect.name, t.stock.c.location)
            trip.ask(statement, {"site": self.site_id, "keys": as_one(self.work.conn, unread)}, self._keep_stock_at)

    def _keep_stock_at(self, rows: Iterable[RowDict]) -> None:
        for row in rows:
            self._stock_at[row["location"]].append(row)

    def move(self, cause: str, *, item_id: str, lot: str, quantity: int, source: str, target: str, reason: str) -> None:
        """Write into the stock journal that pieces went from one place to another."""
        row = {
            "cause": cause,
            "part": self._part(f"move {cause}"),
            "item_id": item_id,
            "lot": lot,
            "quantity": quantity,
            "source": source,
            "target": target,
            "reason": reason,
            "at": self.now,
        }
        self._moves.append(row)

    def discrepancy(self, cause: str, kind: str, text: str, *, quantity: int = 0, **about: Any) -> None:
        """Open a discrepancy for the shift lead; ``about`` fills order_id, item_id, place, terminal_id, worker_id.

        ``other`` is the other side of a collision: ``{"terminal_id", "worker_id", "says"}``.
        """
        row = {
            **dict.fromkeys(("order_id", "item_id", "place", "terminal_id", "worker_id", "other")),
            **dict.fromkeys(("settled_at", "settled_by", "settlement", "followed")),
            **about,
            "discrepancy_id": f"{cause}.{self._part(f'discrepancy {cause}')}",
            "kind": kind,
            "text": text,
            "quantity": quantity,
            "opened_at": self.now,
        }
        self._discrepancies.append(row)

    def moves_of(self, cause: EventId) -> list[RowDict]:
        """What a fact moved, as the journal has it."""
        self.flush()
        m = t.stock_move.c
        rows = self.work.conn.execute(
            select(t.stock_move).where(m.site_id == self.site_id, m.cause == cause).order_by(m.part)
        ).mappings()
        return [dict(row) for row in rows]

    def opened_by(self, cause: EventId) -> RowDict | None:
        """The discrepancy that a fact opened."""
        self.flush()
        d = t.discrepancy.c
        row = self.work.conn.execute(
            select(t.discrepancy).where(d.site_id == self.site_id, d.discrepancy_id == f"{cause}.1")
        ).mappings()
        return next((dict(found) for found in row), None)

    def settle(self, cause: EventId, *, by: str, settlement: str) -> None:
        """The discrepancy that a fact opened, if there is one, needs no lead any more."""
        self.flush()
        d = t.discrepancy.c
        self.work.conn.execute(
            update(t.discrepancy)
            .where(d.site_id == self.site_id, d.discrepancy_id == f"{cause}.1", d.settled_at.is_(None))
            .values(settled_at=self.now, settled_by=by, settlement=settlement)
        )

    def flush(self) -> None:
        """Write every change: before anything else reads or writes these tables in the same transaction."""
        for table in self._tables:
            table.flush()
        self.work.insert(t.stock_move, self._moves)
        self.work.insert(t.discrepancy, self._discrepancies)
        self._moves.clear()
        self._discrepancies.clear()

    def forget(self) -> None:
        """Drop every row and unwritten change: after a rollback, or after others changed the tables."""
        for table in self._tables:
            table.forget()
        self._moves.clear()
        self._discrepancies.clear()
        self._stock_at.clear()
        self.told_of_workers.clear()
        self.looked_for_lapsed.clear()

    def _part(self, name: str) -> int:
        self._parts[name] = self._parts.get(name, 0) + 1
        return self._parts[name]

"""A site of a few shelves and orders, made row by row: what a test says is all there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Table, and_, func, select, update

from sync.record.ids import LocationCode, OrderId, OrderLineId, SiteId
from sync.store import tables as t
from sync.store.database import Database
from sync.store.leading.reconciling import reconcile
from sync.store.unit_of_work import UnitOfWork
from tests.laid_out import lay_out_sqlite

SITE = SiteId("main")
NOW = datetime(2010, 12, 1, 9, 30, tzinfo=UTC)
CUT_OFF = datetime(2010, 12, 1, 16, 30, tzinfo=UTC)


@contextmanager
def small_site(url: str, *, now: datetime = NOW, time_zone: str = "Europe/London") -> Iterator[SmallSite]:
    """A fresh site in a database without rows (an SQLite file is made), closed at the end."""
    database = Database(url, now=lambda: now)
    try:
        yield SmallSite(database, time_zone)
    finally:
        database.close()


class SmallSite:
    def __init__(self, database: Database, time_zone: str) -> None:
        self.database = database
        lay_out_sqlite(database.engine.url)
        self._moves = 0
        with self.database.write(SITE) as work:
            work.insert(t.feed_head, [{"n": 0}])
            work.insert(
                t.site,
                [
                    {
                        "name": "Test",
                        "company_prefix": "9521234",
                        "sender": ["Test"],
                        "time_zone": time_zone,
                        "rules": {},
                    }
                ],
            )
        self.worker("W1")

    @contextmanager
    def write(self) -> Iterator[UnitOfWork]:
        with self.database.write(SITE) as work:
            yield work

    def worker(self, worker_id: str, *roles: str, active: bool = True) -> None:
        """Somebody who works here; without ``roles`` a lead, who may pick and pack."""
        row = {
            "worker_id": worker_id,
            "badge": f"B-{worker_id}",
            "name": f"Worker {worker_id}",
            "roles": list(roles) or ["lead"],
            "language": "en",
            "pin_hash": None,
            "active": active,
        }
        with self.write() as work:
            work.upsert(t.worker, [row])

    def location(
        self, code: str, position: int, *, kind: str = "pick", blocked: str | None = None, zone_id: str = "A"
    ) -> None:
        with self.write() as work:
            work.upsert(
                t.location,
                [
                    {
                        "code": code,
                        "zone_id": zone_id,
                        "aisle": f"{zone_id}01",
                        "kind": kind,
                        "position": position,
                        "x_m": 0.0,
                        "y_m": 0.0,
                        "z_m": 0.0,
                        "check_digits": "11",
                        "blocked": blocked,
                    }
                ],
            )

    def stock(
        self,
        code: str,
        item_id: str,
        on_hand: int,
        *,
        position: int = 10,
        lot: str = "",
        expiry: date | None = None,
        kind: str = "pick",
        blocked: str | None = None,
        zone_id: str = "A",
    ) -> None:
        """Put stock of an item into a location, which it makes or places anew, and write its move into the journal."""
        self.location(code, position, kind=kind, blocked=blocked, zone_id=zone_id)
        self._moves += 1
        with self.write() as work:
            work.upsert(
                t.item,
                [
                    {
                        "item_id": item_id,
                        "name": item_id,
                        "sellable": True,
                        "lot_tracked": bool(lot),
                        "serial_tracked": False,
                        "expiry_tracked": expiry is not None,
                        "demand_class": None,
                    }
                ],
            )
            place = {"location": code, "item_id": item_id, "lot": lot}
            work.upsert(t.stock, [{**place, "expiry": expiry, "on_hand": on_hand, "allocated": 0}])
            work.insert(
                t.stock_move,
                [
                    {
                        "cause": "opening",
                        "part": self._moves,
                        "item_id": item_id,
                        "lot": lot,
                        "quantity": on_hand,
                        "source": "outside",
                        "target": f"location:{code}",
                        "reason": "opening",
                        "at": NOW,
                    }
                ],
            )

    def lease_numbers(self, terminal_id: str, last: int = 999) -> None:
        """Carton numbers 1 to ``last`` are this terminal's, as if it had asked for them long ago."""
        leased = {row["terminal_id"] for row in self.rows(t.sscc_range)}
        if terminal_id not in leased:
            row = {"range_id": 9000 + len(leased), "terminal_id": terminal_id, "first": 1, "last": last}
            with self.write() as work:
                work.insert(t.sscc_range, [row])

    def order(
        self,
        ref: str,
        wanted: Sequence[tuple[str, int]],
        *,
        priority: int = 5,
        cut_off: datetime | None = CUT_OFF,
        service: str = "NEXTDAY",
        status: str = "open",
    ) -> OrderId:
        with self.write() as work:
            order_id = work.allot("order")
            work.insert(t.orders, [_order_row(order_id, ref, priority, cut_off, service, status)])
            first = work.allot("order_line", len(wanted))
            work.insert(
                t.order_line,
                [
                    _line_row(first + place, order_id, place + 1, item_id, ordered)
                    for place, (item_id, ordered) in enumerate(wanted)
                ],
            )
        return OrderId(order_id)

    def change(self, table: Table, values: Mapping[str, Any], **where: Any) -> None:
        with self.write() as work:
            matching = and_(table.c.site_id == SITE, *(table.c[name] == value for name, value in where.items()))
            work.conn.execute(update(table).where(matching).values(**values))

    def rows(self, table: Table, **where: Any) -> list[dict[str, Any]]:
        """The rows of a table by primary key, without the site."""
        matching = and_(table.c.site_id == SITE, *(table.c[name] == value for name, value in where.items()))
        with self.database.read() as conn:
            found = conn.execute(select(table).where(matching).order_by(*table.primary_key)).mappings()
            return [{name: value for name, value in row.items() if name != "site_id"} for row in found]

    def total(self, table: Table, column: str) -> int:
        with self.database.read() as conn:
            return int(conn.execute(select(func.coalesce(func.sum(table.c[column]), 0))).scalar_one())

    def allocations(self) -> list[tuple[int, str, str, int]]:
        """Order line, location, lot and quantity of every reservation."""
        return [(row["order_line_id"], row["location"], row["lot"], row["quantity"]) for row in self.rows(t.allocation)]

    def line(self, order_line_id: int | OrderLineId) -> dict[str, Any]:
        (row,) = self.rows(t.order_line, order_line_id=order_line_id)
        return row

    def allocated_at(self, code: str | LocationCode) -> int:
        return sum(row["allocated"] for row in self.rows(t.stock, location=code))

    def audiences(self, kind: str) -> dict[str, str]:
        return {row["key"]: row["audience"] for row in self.rows(t.feed, kind=kind)}

    def differences(self) -> list[str]:
        with self.database.read() as conn:
            return reconcile(conn, SITE).differences


def _order_row(
    order_id: int, ref: str, priority: int, cut_off: datetime | None, service: str, status: str
) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "order_ref": ref,
        "source": "test",
        "customer": None,
        "ordered_at": NOW,
        "captured_at": NOW,
        "ship_name": "",
        "ship_lines": [],
        "ship_postcode": "",
        "ship_city": "",
        "ship_country": "",
        "service": service,
        "cut_off": cut_off,
        "priority": priority,
        "status": status,
        "cartons_closed": 0,
    }


def _line_row(order_line_id: int, order_id: int, line_no: int, item_id: str, ordered: int) -> dict[str, Any]:
    counts = ("cancelled", "cut", "short", "allocated", "picked", "packed", "shipped")
    return {
        "order_line_id": order_line_id,
        "order_id": order_id,
        "line_no": line_no,
        "item_id": item_id,
        "description": item_id,
        "ordered": ordered,
        "declared_value": None,
        **dict.fromkeys(counts, 0),
    }

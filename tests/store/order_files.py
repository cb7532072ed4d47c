"""Order files for tests: the seven real days, small ones made by hand, and everything that a store holds afterwards."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from sync.record.ids import ItemId, SiteId
from sync.store.database import Database
from sync.store.importers.importing import import_files
from sync.store.importers.profile import load_profile
from sync.store.importers.report import ImportReport
from sync.store.schema import create_or_upgrade
from sync.store.tables import metadata
from sync.store.warehouse.catalogue import CatalogueItem
from sync.store.warehouse.demo import demo_warehouse

SITE = SiteId("main")
NOW = datetime(2010, 12, 9, 6, 0, tzinfo=UTC)
DAYS = sorted((Path(__file__).parents[2] / "scripts" / "days").glob("2010-12-*.csv"))
HEADER = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
PROFILE = load_profile("online-retail")

Row = Sequence[str]


def day_files() -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for path in DAYS]


def csv_bytes(rows: Iterable[Row], header: Row = HEADER) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def row(
    ref: str = "600001",
    item: str = "22720",
    quantity: str = "6",
    *,
    description: str = "CAKE TINS",
    at: str = "2010-12-08 10:00:00",
    price: str = "4.95",
    customer: str = "17850.0",
    country: str = "United Kingdom",
) -> tuple[str, ...]:
    """A row of the Online Retail form, plain unless said otherwise."""
    return (ref, item, description, quantity, at, price, customer, country)


def open_store(url: str, *, now: datetime = NOW) -> Database:
    create_or_upgrade(url)
    return Database(url, now=lambda: now)


def open_warehouse(url: str, *item_ids: str, now: datetime = NOW) -> Database:
    """A store with a demo warehouse that keeps these items."""
    database = open_store(url, now=now)
    with database.write(SITE) as work:
        demo_warehouse(work, [CatalogueItem(ItemId(item_id), f"Item {item_id}", 100, 10) for item_id in item_ids])
    return database


def bring_in(database: Database, *rows: Row, name: str = "orders.csv") -> ImportReport:
    """Import a small file that is not refused as a whole."""
    [report] = import_files(database, SITE, PROFILE, [(name, csv_bytes(rows))])
    assert isinstance(report, ImportReport)
    return report


def contents(conn: Connection, *, without: Iterable[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, by table, in the order of the primary key."""
    left_out = set(without)
    return {
        name: [tuple(each) for each in conn.execute(select(table).order_by(*table.primary_key))]
        for name, table in metadata.tables.items()
        if name not in left_out
    }


def store_contents(database: Database, *, without: Iterable[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
    with database.read() as conn:
        return contents(conn, without=without)


def query(database: Database, statement: Any) -> list[tuple[Any, ...]]:
    with database.read() as conn:
        return [tuple(each) for each in conn.execute(statement)]

"""Stock as the plans see it, and the keeping of its reservations.

Whoever reserves or gives back holds the rows it decides on. To stay clear of deadlocks they are locked in one order:
orders, order lines, stock, each by primary key. Where two transactions come across each other all the same, PostgreSQL
breaks one off (`sqlalchemy.exc.OperationalError`, SQLSTATE 40P01): it changed nothing, and its caller repeats it whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, select, update

from sync.record.ids import ItemId, LocationCode, LotCode, OrderLineId, ZoneId
from sync.record.rows import LocationKind
from sync.store.planning.allocation import Reservation, Supply
from sync.store.stock_seen import Lot, lots_by_place
from sync.store.tables import item, location, order_line, site, stock
from sync.store.unit_of_work import UnitOfWork

StoredRow = Row[*tuple[Any, ...]]
"""A row of a table, or of several joined."""
KEYS_AT_ONCE = 10_000


def site_today(work: UnitOfWork) -> date:
    """The date at the site: what expires by the day expires by its days."""
    zone = work.conn.execute(select(site.c.time_zone).where(site.c.site_id == work.site_id)).scalar_one()
    return work.now.astimezone(ZoneInfo(zone)).date()


def lock_supplies(work: UnitOfWork, item_ids: Collection[ItemId]) -> list[Supply]:
    """Lock the stock of these items against other reservations and read it as it then stands.

    The locations are read after the lock: while it was waited for, one may have been blocked.
    """
    rows = [
        row
        for some in _parts(item_ids)
        for row in work.conn.execute(
            select(stock)
            .where(stock.c.site_id == work.site_id, stock.c.item_id.in_(some))
            .order_by(stock.c.location, stock.c.item_id, stock.c.lot)
            .with_for_update()
        )
    ]
    places = _places(work, {row.location for row in rows})
    expiring = {
        item_id
        for some in _parts(item_ids)
        for item_id in work.conn.execute(
            select(item.c.item_id).where(
                item.c.site_id == work.site_id, item.c.item_id.in_(some), item.c.expiry_tracked
            )
        ).scalars()
    }
    return [
        Supply(
            location=LocationCode(row.location),
            kind=LocationKind(places[row.location].kind),
            position=places[row.location].position,
            blocked=places[row.location].blocked is not None,
            item_id=ItemId(row.item_id),
            lot=LotCode(row.lot),
            expiry=row.expiry if row.item_id in expiring else None,
            available=row.on_hand - row.allocated,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedStock:
    """What the record says of one lot at one location."""

    expiry: date | None
    lots_here: int
    """How many lots of the item are on hand at the location."""
    position: int
    zone_id: ZoneId
    aisle: str
    on_hand: int
    lots: list[Lot]
    """The lots of the item at the location, as `sync.store.stock_seen` writes them."""


def placed_stock(
    work: UnitOfWork, item_ids: Collection[ItemId]
) -> dict[tuple[LocationCode, ItemId, LotCode], PlacedStock]:
    """The stock of these items by location, item and lot, as a pick line tells of it."""
    rows = [
        row
        for some in _parts(item_ids)
        for row in work.conn.execute(
            select(
                stock.c.location, stock.c.item_id, stock.c.lot, stock.c.expiry, stock.c.on_hand, stock.c.allocated
            ).where(stock.c.site_id == work.site_id, stock.c.item_id.in_(some))
        ).mappings()
    ]
    places = _places(work, {row["location"] for row in rows})
    lots_here = Counter((row["location"], row["item_id"]) for row in rows if row["on_hand"] > 0)
    lots = lots_by_place(rows)
    return {
        (LocationCode(row["location"]), ItemId(row["item_id"]), LotCode(row["lot"])): PlacedStock(
            expiry=row["expiry"],
            lots_here=lots_here[row["location"], row["item_id"]],
            position=places[row["location"]].position,
            zone_id=ZoneId(places[row["location"]].zone_id),
            aisle=places[row["location"]].aisle,
            on_hand=row["on_hand"],
            lots=lots[row["location"], row["item_id"]],
        )
        for row in rows
    }


def _places(work: UnitOfWork, codes: Collection[str]) -> dict[str, StoredRow]:
    return {
        row.code: row
        for some in _parts(codes)
        for row in work.conn.execute(
            select(
                location.c.code,
                location.c.kind,
                location.c.position,
                location.c.blocked,
                location.c.zone_id,
                location.c.aisle,
            ).where(location.c.site_id == work.site_id, location.c.code.in_(some))
        )
    }


def _parts(keys: Collection[str]) -> Iterator[list[str]]:
    """The keys in their order, in parts that fit into one statement: databases limit its parameters."""
    ordered = sorted(keys)
    for first in range(0, len(ordered), KEYS_AT_ONCE):
        yield ordered[first : first + KEYS_AT_ONCE]


def reserve(work: UnitOfWork, reservations: Sequence[Reservation]) -> None:
    """Count reserved pieces in ``stock.allocated`` and ``order_line.allocated``."""
    _count(work, reservations, sign=1)


def give_back(work: UnitOfWork, reservations: Sequence[Reservation]) -> None:
    """Count them out again: the stock is available and the demand is open."""
    _count(work, reservations, sign=-1)


def _count(work: UnitOfWork, reservations: Sequence[Reservation], *, sign: int) -> None:
    by_stock: dict[tuple[LocationCode, ItemId, LotCode], int] = {}
    by_line: dict[OrderLineId, int] = {}
    for one in reservations:
        key = (one.location, one.item_id, one.lot)
        by_stock[key] = by_stock.get(key, 0) + sign * one.quantity
        by_line[one.order_line_id] = by_line.get(one.order_line_id, 0) + sign * one.quantity
    if not reservations:
        return
    work.conn.execute(
        update(order_line)
        .where(order_line.c.site_id == work.site_id, order_line.c.order_line_id == bindparam("of_line"))
        .values(allocated=order_line.c.allocated + bindparam("pieces")),
        [{"of_line": line_id, "pieces": pieces} for line_id, pieces in sorted(by_line.items())],
    )
    work.conn.execute(
        update(stock)
        .where(
            stock.c.site_id == work.site_id,
            stock.c.location == bindparam("at_location"),
            stock.c.item_id == bindparam("of_item"),
            stock.c.lot == bindparam("of_lot"),
        )
        .values(allocated=stock.c.allocated + bindparam("pieces")),
        [
            {"at_location": at, "of_item": of_item, "of_lot": of_lot, "pieces": pieces}
            for (at, of_item, of_lot), pieces in sorted(by_stock.items())
        ],
    )

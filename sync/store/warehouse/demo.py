"""A demo warehouse made from any catalogue: site, racks, stock, totes, people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select

from sync.record.ids import ItemId, LocationCode
from sync.record.rows import LocationKind, ToteStatus
from sync.store.orders.intake import revalidate
from sync.store.tables import (
    aisle,
    carrier_service,
    feed_head,
    item,
    item_barcode,
    location,
    packaging,
    site,
    stock,
    stock_move,
    tote,
    worker,
    zone,
)
from sync.store.told_anew import tell_anew
from sync.store.unit_of_work import UnitOfWork
from sync.store.warehouse.all_ways import pick_in_all_ways
from sync.store.warehouse.catalogue import CatalogueItem
from sync.store.warehouse.goods import MOST_ITEM_NUMBERS, Goods, Packaging, chance_for, plan_goods
from sync.store.warehouse.people import DEMO_PIN, DEMO_WORKERS
from sync.store.warehouse.racks import (
    POSITION_STEP,
    ZONES,
    Aisle,
    Face,
    aisles_for,
    faces_of,
    further_aisles,
    reach,
)
from sync.wire.pins import hash_pin

COMPANY_PREFIX = "9521234"
"""952 is GS1's prefix for demonstrations: no real item has such a number."""
SENDER = ("Floorhand Demo Ltd", "1 Warehouse Way", "Coventry CV1 2AB", "United Kingdom")
TIME_ZONE = "Europe/London"
SERVICES = (("NEXTDAY", "Next day", "16:30"), ("EUROPE", "Europe", "15:00"), ("WORLD", "World", "14:00"))
TOTES = 300
BENCHES = (
    *((f"PACK{n:02d}", LocationKind.PACK) for n in range(1, 5)),
    *((f"STAGE{n:02d}", LocationKind.STAGING) for n in range(1, 5)),
    ("SORT01", LocationKind.STAGING),
    *((f"CONS{n:02d}", LocationKind.STAGING) for n in range(1, 13)),
)
"""Before the racks: pack benches, staging places, where a put wall may stand, and where one order's totes meet."""
CAUSE = "demo"

Progress = Callable[[int, int], None]
"""Told how many items of how many are in."""


class DemoRefused(Exception):
    """The demo warehouse cannot be made; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoReport:
    """What there is now and what of it is new."""

    site_new: bool
    items_new: int
    items_known: int
    """Items of the catalogue that were there already; nothing of theirs was changed."""
    locations_new: int
    pieces_new: int
    totes_new: int
    workers_new: int
    orders_released: tuple[str, ...]
    """References of orders that had waited for one of the new items."""


def demo_warehouse(
    work: UnitOfWork,
    catalogue: Iterable[CatalogueItem],
    *,
    name: str = "Demo warehouse",
    seed: int = 1,
    all_ways: bool = False,
    progress: Progress | None = None,
) -> DemoReport:
    """Make the site of ``work`` a demo warehouse that keeps these items; if it is there, only new items are added.

    ``all_ways``: it picks in every way, some of the items have serial numbers, and some are sold by weight.

    Raises:
        DemoRefused: an empty catalogue, or more items than item numbers.
    """
    items = list(catalogue)
    if not items:
        raise DemoRefused("The catalogue names no items. Give order files that have some.")
    site_new = _make_site(work, name)
    known = set(work.conn.execute(select(item.c.item_id).where(item.c.site_id == work.site_id)).scalars())
    new = [each for each in items if each.item_id not in known]
    goods = _plan(work, new, seed, all_kinds=all_ways)
    faces = sum(len(each.faces) for each in goods)
    locations_new = _build_racks(work, faces, seed) if site_new else 0
    places = _free_places(work)
    if len(places) < faces:
        locations_new += _extend_racks(work, faces - len(places), seed)
        places = _free_places(work)
    pieces = _store(work, goods, places, progress)
    tell_anew(work)
    if all_ways:
        pick_in_all_ways(work)
    return DemoReport(
        site_new=site_new,
        items_new=len(goods),
        items_known=len(items) - len(goods),
        locations_new=locations_new,
        pieces_new=pieces,
        totes_new=TOTES if site_new else 0,
        workers_new=len(DEMO_WORKERS) if site_new else 0,
        orders_released=tuple(hold.order_ref for hold in revalidate(work)),
    )


def _plan(work: UnitOfWork, new: Sequence[CatalogueItem], seed: int, *, all_kinds: bool) -> list[Goods]:
    if not new:
        return []
    first = work.allot("item_number", len(new))
    if first + len(new) - 1 > MOST_ITEM_NUMBERS:
        raise DemoRefused(f"A demo warehouse has numbers for {MOST_ITEM_NUMBERS:,} items. Give a smaller catalogue.")
    return plan_goods(new, seed, COMPANY_PREFIX, first, work.now.date(), all_kinds=all_kinds)


# --- the site ---------------------------------------------------------------------------------------------------------


def _make_site(work: UnitOfWork, name: str) -> bool:
    """Site, services, totes and people, unless the site is there already."""
    if work.conn.execute(select(site.c.site_id).where(site.c.site_id == work.site_id)).first():
        return False
    work.upsert(feed_head, [{"n": 0}], update_columns=())
    row = {
        "name": name,
        "company_prefix": COMPANY_PREFIX,
        "sender": list(SENDER),
        "time_zone": TIME_ZONE,
        "rules": {},  # as they are shipped
    }
    work.insert(site, [row])
    work.touch("site", work.site_id)
    work.insert(carrier_service, [{"service": key, "name": text, "cut_off": at} for key, text, at in SERVICES])
    _make_totes(work)
    _make_workers(work)
    return True


def _make_totes(work: UnitOfWork) -> None:
    codes = [f"T-{number:06d}" for number in range(1, TOTES + 1)]
    empty = {"status": ToteStatus.EMPTY.value, "labels_sent": 0, "label_proven": False}
    work.insert(tote, [{"tote": code, **empty} for code in codes])
    for code in codes:
        work.touch("tote", code)


def _make_workers(work: UnitOfWork) -> None:
    work.insert(
        worker,
        [
            {
                "worker_id": each.worker_id,
                "badge": each.badge,
                "name": each.name,
                "roles": [role.value for role in each.roles],
                "language": "en",
                "pin_hash": hash_pin(DEMO_PIN) if each.has_pin else None,
                "active": True,
            }
            for each in DEMO_WORKERS
        ],
    )
    for each in DEMO_WORKERS:
        work.touch("worker", each.worker_id)


# --- racks ------------------------------------------------------------------------------------------------------------


def _build_racks(work: UnitOfWork, faces: int, seed: int) -> int:
    work.insert(zone, [{"zone_id": zone_id, "name": f"Zone {zone_id}"} for zone_id in ZONES])
    chance = chance_for(seed, "benches")
    digits = chance.sample([f"{number:02d}" for number in range(100)], len(BENCHES))
    benches = [
        {
            "code": code,
            "zone_id": ZONES[0],
            "aisle": "",
            "kind": kind.value,
            "position": 0,
            "x_m": 1.5 * place,
            "y_m": 0.0,
            "z_m": 0.9,
            "check_digits": digits[place],
        }
        for place, (code, kind) in enumerate(BENCHES)
    ]
    work.insert(location, benches)
    for code, _ in BENCHES:
        work.touch("location", code)
    return len(BENCHES) + _add_racks(work, aisles_for(max(faces, 1)), POSITION_STEP, seed)


def _extend_racks(work: UnitOfWork, faces: int, seed: int) -> int:
    work.upsert(zone, [{"zone_id": ZONES[-1], "name": f"Zone {ZONES[-1]}"}], update_columns=())
    zones = work.conn.execute(select(aisle.c.zone_id).where(aisle.c.site_id == work.site_id)).scalars().all()
    last = work.conn.execute(
        select(func.max(location.c.position)).where(location.c.site_id == work.site_id)
    ).scalar_one_or_none()
    aisles = further_aisles(faces, len(zones), zones.count(ZONES[-1]))
    return _add_racks(work, aisles, (last or 0) + POSITION_STEP, seed)


def _add_racks(work: UnitOfWork, aisles: Sequence[Aisle], first_position: int, seed: int) -> int:
    faces = faces_of(aisles, first_position, chance_for(seed, "check digits", aisles[0].code))
    work.insert(
        aisle,
        [{"aisle": each.code, "zone_id": each.zone_id, "x_m": each.x_m, "length_m": each.length_m} for each in aisles],
    )
    work.insert(location, [_location(face) for face in faces])
    for face in faces:
        work.touch("location", face.code)
    return len(faces)


def _location(face: Face) -> dict[str, Any]:
    return {
        "code": face.code,
        "zone_id": face.aisle.zone_id,
        "aisle": face.aisle.code,
        "kind": LocationKind.PICK.value,
        "position": face.position,
        "x_m": face.x_m,
        "y_m": face.y_m,
        "z_m": face.z_m,
        "check_digits": face.check_digits,
    }


def _free_places(work: UnitOfWork) -> list[LocationCode]:
    """Pick faces where nothing stands, the handiest first."""
    here = and_(stock.c.site_id == location.c.site_id, stock.c.location == location.c.code)
    rows = work.conn.execute(
        select(location.c.code, location.c.position, location.c.x_m, location.c.y_m, location.c.z_m).where(
            location.c.site_id == work.site_id,
            location.c.kind == LocationKind.PICK.value,
            location.c.blocked.is_(None),
            ~select(stock.c.location).where(here).exists(),
        )
    ).all()
    handy = sorted(rows, key=lambda row: (reach(row.x_m, row.y_m, row.z_m), row.position))
    return [LocationCode(row.code) for row in handy]


# --- items and stock --------------------------------------------------------------------------------------------------


def _store(work: UnitOfWork, goods: Sequence[Goods], places: Sequence[LocationCode], progress: Progress | None) -> int:
    """Write the items and put them on the shelves: first faces by demand, second ones behind them. Gives the pieces."""
    work.insert(item, [_item(each) for each in goods])
    work.insert(packaging, [_packaging(each.item.item_id, pack) for each in goods for pack in each.packagings])
    work.insert(
        item_barcode,
        [
            {"gtin": pack.gtin, "item_id": each.item.item_id, "packaging": pack.name}
            for each in goods
            for pack in each.packagings
        ],
    )
    loads = [(each, face) for depth in (0, 1) for each in goods for face in each.faces[depth : depth + 1]]
    rows: list[dict[str, Any]] = [
        {
            "location": place,
            "item_id": each.item.item_id,
            "lot": lot.lot,
            "expiry": lot.expiry,
            "on_hand": lot.pieces,
            "allocated": 0,
        }
        for (each, face), place in zip(loads, places, strict=False)
        for lot in face
    ]
    work.insert(stock, rows)
    work.insert(stock_move, _opening_moves(work, rows))
    for done, each in enumerate(goods, start=1):
        work.touch("item", each.item.item_id)
        if progress is not None and (done % 500 == 0 or done == len(goods)):
            progress(done, len(goods))
    return sum(row["on_hand"] for row in rows)


def _item(goods: Goods) -> dict[str, Any]:
    return {
        "item_id": goods.item.item_id,
        "name": goods.item.name,
        "sellable": True,
        "lot_tracked": goods.expires,
        "serial_tracked": goods.has_serials,
        "expiry_tracked": goods.expires,
        "demand_class": goods.demand_class,
        "catch_weight": goods.sold_by_weight,
    }


def _packaging(item_id: ItemId, pack: Packaging) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "packaging": pack.name,
        "pieces": pack.pieces,
        "weight_g": pack.weight_g,
        "length_mm": pack.length_mm,
        "width_mm": pack.width_mm,
        "height_mm": pack.height_mm,
    }


def _opening_moves(work: UnitOfWork, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Opening stock comes from outside, so that stock in less stock out is what stands there."""
    last = work.conn.execute(
        select(func.max(stock_move.c.part)).where(stock_move.c.site_id == work.site_id, stock_move.c.cause == CAUSE)
    ).scalar_one_or_none()
    return [
        {
            "cause": CAUSE,
            "part": part,
            "item_id": row["item_id"],
            "lot": row["lot"],
            "quantity": row["on_hand"],
            "source": "outside",
            "target": f"location:{row['location']}",
            "reason": "opening",
            "at": work.now,
        }
        for part, row in enumerate(rows, start=(last or 0) + 1)
    ]

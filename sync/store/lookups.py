"""Small reads for commands: who works here, which codes there are, which orders are small."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from sync.record.ids import BadgeCode, ItemId, LocationCode, OrderId, SiteId, ToteCode, WallId, ZoneId
from sync.record.rows import ListStatus, Role
from sync.store import tables as t


@dataclass(frozen=True, slots=True)
class Badge:
    badge: BadgeCode
    name: str
    roles: tuple[Role, ...]
    needs_pin: bool


@dataclass(frozen=True, slots=True)
class Place:
    code: LocationCode
    zone_id: ZoneId
    check_digits: str


@dataclass(frozen=True, slots=True)
class CubbyPlace:
    code: ToteCode
    label: str
    wall: WallId


@dataclass(frozen=True, slots=True)
class ItemNumber:
    """The barcode of one piece, without the zeros that fill a GTIN up to 14 digits."""

    number: str
    item_id: ItemId
    name: str


def badges(conn: Connection, site_id: SiteId) -> list[Badge]:
    """Everybody who may sign in, by badge."""
    w = t.worker.c
    rows = conn.execute(select(t.worker).where(w.site_id == site_id, w.active).order_by(w.badge))
    return [
        Badge(row.badge, row.name, tuple(Role(role) for role in row.roles), row.pin_hash is not None) for row in rows
    ]


def zones_with_work(conn: Connection, site_id: SiteId) -> Sequence[ZoneId]:
    """The zones that have pick lists of their own which are not done."""
    p = t.pick_list.c
    standing = [str(status) for status in (ListStatus.WAITING, ListStatus.OPEN, ListStatus.HELD)]
    found = select(p.zone_id).where(p.site_id == site_id, p.zone_id.is_not(None), p.status.in_(standing))
    return [ZoneId(zone_id) for zone_id in conn.scalars(found.distinct().order_by(p.zone_id))]


def totes(conn: Connection, site_id: SiteId) -> Iterable[ToteCode]:
    """Those that are carried about: not the cubbies of put walls."""
    tote, cubby = t.tote.c, t.cubby.c
    fixed = select(cubby.tote).where(cubby.site_id == site_id)
    carried = select(tote.tote).where(tote.site_id == site_id, tote.tote.not_in(fixed)).order_by(tote.tote)
    return [ToteCode(code) for code in conn.scalars(carried)]


def cubbies(conn: Connection, site_id: SiteId) -> list[CubbyPlace]:
    """Every cubby, wall by wall and in its order."""
    c = t.cubby.c
    rows = conn.execute(select(t.cubby).where(c.site_id == site_id).order_by(c.wall, c.place))
    return [CubbyPlace(row.tote, row.label, row.wall) for row in rows]


def places(conn: Connection, site_id: SiteId) -> list[Place]:
    """Every location in walking order."""
    place = t.location.c
    rows = conn.execute(select(t.location).where(place.site_id == site_id).order_by(place.position))
    return [Place(row.code, row.zone_id, row.check_digits) for row in rows]


def item_numbers(conn: Connection, site_id: SiteId) -> list[ItemNumber]:
    b, i = t.item_barcode.c, t.item.c
    rows = conn.execute(
        select(b.gtin, i.item_id, i.name)
        .join(t.item, (i.site_id == b.site_id) & (i.item_id == b.item_id))
        .where(b.site_id == site_id, b.packaging == "each")
        .order_by(i.item_id)
    )
    return [ItemNumber(row.gtin.removeprefix("0"), row.item_id, row.name) for row in rows]


def small_orders(conn: Connection, site_id: SiteId, max_lines: int) -> Sequence[OrderId]:
    """Orders of at most so many lines, the longest of them first."""
    line = t.order_line.c
    few = (
        select(line.order_id)
        .where(line.site_id == site_id)
        .group_by(line.order_id)
        .having(func.count() <= max_lines)
        .order_by(func.count().desc(), line.order_id)
    )
    return [OrderId(order_id) for order_id in conn.scalars(few)]

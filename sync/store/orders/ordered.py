"""One order for those who ask by its reference: where its lines stand, and its address for those who may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from sync.record.ids import ItemId, SiteId, Sscc
from sync.record.rows import ShipTo
from sync.store import tables as t


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLineStanding:
    """Pieces, each count as the record has it now."""

    line_no: int
    item_id: ItemId
    description: str
    ordered: int
    cancelled: int
    cut: int
    short: int
    allocated: int
    picked: int
    packed: int
    shipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CartonStanding:
    sscc: Sscc
    weight_g: int | None
    closed_at: datetime
    shipped_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHoldStanding:
    reason: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStanding:
    order_ref: str
    source: str
    status: str
    service: str
    cut_off: datetime | None
    captured_at: datetime
    lines: tuple[OrderLineStanding, ...]
    cartons: tuple[CartonStanding, ...]
    holds: tuple[OrderHoldStanding, ...]
    """Those that wait for a person."""
    customer: str | None
    ship_to: ShipTo | None
    """This and the customer: None for those who need not know where it goes."""


def orders_named(conn: Connection, site_id: SiteId, order_ref: str, *, address: bool) -> list[OrderStanding]:
    """The orders of this reference: one for each source that has used it."""
    o = t.orders.c
    found = conn.execute(
        select(t.orders).where(o.site_id == site_id, o.order_ref == order_ref).order_by(o.order_id)
    ).all()
    return [
        OrderStanding(
            order_ref=row.order_ref,
            source=row.source,
            status=row.status,
            service=row.service,
            cut_off=row.cut_off,
            captured_at=row.captured_at,
            lines=_lines(conn, site_id, row.order_id),
            cartons=_cartons(conn, site_id, row.order_id),
            holds=_holds(conn, site_id, row.order_id, address=address),
            customer=row.customer if address else None,
            ship_to=ShipTo(
                name=row.ship_name,
                lines=tuple(row.ship_lines),
                postcode=row.ship_postcode,
                city=row.ship_city,
                country=row.ship_country,
            )
            if address
            else None,
        )
        for row in found
    ]


def _lines(conn: Connection, site_id: SiteId, order_id: int) -> tuple[OrderLineStanding, ...]:
    line, names = t.order_line.c, OrderLineStanding.__dataclass_fields__
    rows = conn.execute(
        select(*(line[name] for name in names))
        .where(line.site_id == site_id, line.order_id == order_id)
        .order_by(line.line_no)
    )
    return tuple(OrderLineStanding(**row) for row in rows.mappings())


def _cartons(conn: Connection, site_id: SiteId, order_id: int) -> tuple[CartonStanding, ...]:
    c, names = t.carton.c, CartonStanding.__dataclass_fields__
    rows = conn.execute(
        select(*(c[name] for name in names)).where(c.site_id == site_id, c.order_id == order_id).order_by(c.carton_no)
    )
    return tuple(CartonStanding(**row) for row in rows.mappings())


def _holds(conn: Connection, site_id: SiteId, order_id: int, *, address: bool) -> tuple[OrderHoldStanding, ...]:
    h = t.order_hold.c
    rows = conn.execute(
        select(h.reason, h.text)
        .where(h.site_id == site_id, h.order_id == order_id, h.released_at.is_(None))
        .order_by(h.reason)
    )
    # The text of a hold for the address quotes it.
    return tuple(OrderHoldStanding(reason=row.reason, text=row.text if address else "") for row in rows)

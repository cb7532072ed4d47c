"""Closed cartons leave with their carrier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, select, update

from sync.record.ids import Sscc
from sync.store.orders.reserving import StoredRow
from sync.store.places import OUTSIDE, in_carton
from sync.store.tables import carton, carton_content, order_line, orders, serial, stock_move
from sync.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipReport:
    cartons: int
    orders: int
    pieces: int
    kept_back: tuple[Sscc, ...]
    """Closed cartons whose orders were held or cancelled afterwards: they stay until a person has decided."""


def ship(work: UnitOfWork, service: str | None = None) -> ShipReport:
    """Everything in closed cartons leaves: of one carrier service or, with None, of all."""
    closed = _lock_closed(work, service)
    leaving = [row for row in closed if row.status == "open"]
    full = _contents(work, {row.sscc for row in closed})
    contents = [row for row in full if row.sscc in {one.sscc for one in leaving}]
    _write_off(work, leaving, contents)
    return ShipReport(
        cartons=len(leaving),
        orders=len({row.order_id for row in leaving}),
        pieces=sum(row.quantity for row in contents),
        kept_back=tuple(
            Sscc(row.sscc) for row in closed if row.status != "open" and row.sscc in {f.sscc for f in full}
        ),
    )


def _lock_closed(work: UnitOfWork, service: str | None) -> Sequence[StoredRow]:
    wanted = and_(carton.c.site_id == work.site_id, carton.c.shipped_at.is_(None))
    if service is not None:
        wanted = and_(wanted, orders.c.service == service)
    return work.conn.execute(
        select(carton.c.sscc, carton.c.order_id, orders.c.status)
        .join(orders, and_(orders.c.site_id == carton.c.site_id, orders.c.order_id == carton.c.order_id))
        .where(wanted)
        .order_by(carton.c.sscc)
        .with_for_update(of=carton)
    ).all()


def _contents(work: UnitOfWork, closed: set[str]) -> list[StoredRow]:
    """What is in these cartons; one that was opened again has nothing in it."""
    rows = work.conn.execute(
        select(carton_content)
        .join(carton, and_(carton.c.site_id == carton_content.c.site_id, carton.c.sscc == carton_content.c.sscc))
        .where(carton.c.site_id == work.site_id, carton.c.shipped_at.is_(None))
        .order_by(carton_content.c.sscc, carton_content.c.order_line_id, carton_content.c.lot)
    )
    return [row for row in rows if row.sscc in closed and row.quantity > 0]


def _write_off(work: UnitOfWork, leaving: Sequence[StoredRow], contents: Sequence[StoredRow]) -> None:
    if leaving:
        work.conn.execute(
            update(carton)
            .where(carton.c.site_id == work.site_id, carton.c.sscc == bindparam("of_carton"))
            .values(shipped_at=work.now),
            [{"of_carton": row.sscc} for row in leaving],
        )
        work.conn.execute(
            update(serial)
            .where(serial.c.site_id == work.site_id, serial.c.place == bindparam("in_carton"))
            .values(place=OUTSIDE),
            [{"in_carton": in_carton(row.sscc)} for row in leaving],
        )
    shipped: Counter[int] = Counter()
    for row in contents:
        shipped[row.order_line_id] += row.quantity
    if shipped:
        work.conn.execute(
            update(order_line)
            .where(order_line.c.site_id == work.site_id, order_line.c.order_line_id == bindparam("of_line"))
            .values(shipped=order_line.c.shipped + bindparam("pieces")),
            [{"of_line": line_id, "pieces": pieces} for line_id, pieces in sorted(shipped.items())],
        )
    parts: Counter[str] = Counter()
    moves = []
    for row in contents:
        parts[row.sscc] += 1
        moves.append(
            {
                "cause": f"ship:{row.sscc}",
                "part": parts[row.sscc],
                "item_id": row.item_id,
                "lot": row.lot,
                "quantity": row.quantity,
                "source": in_carton(row.sscc),
                "target": OUTSIDE,
                "reason": "ship",
                "at": work.now,
            }
        )
    work.insert(stock_move, moves)

"""What an import decided goes into the record, in bulk."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, case, delete, func, select, update

from sync.record.ids import ItemId, LocationCode, LotCode, OrderLineId
from sync.store.importers.profile import Profile
from sync.store.importers.sorting import Line, Notice, Order, Sorter, Verdict
from sync.store.orders.intake import in_parts
from sync.store.orders.order_rules import cut_off_of
from sync.store.orders.reserving import give_back
from sync.store.planning.allocation import Reservation
from sync.store.tables import (
    allocation,
    carrier_service,
    import_file,
    import_row,
    order_line,
    orders,
    return_notice,
    site,
    stock_adjustment,
)
from sync.store.unit_of_work import UnitOfWork


def write_orders(work: UnitOfWork, profile: Profile, sorter: Sorter) -> None:
    """Write new orders and lines, cancellations, return notices and stock adjustments; what is new gets its number."""
    _write_new_orders(work, profile, [order for order in sorter.touched.values() if order.order_id is None])
    _write_cancellations(work, sorter)
    _write_new_lines(work, sorter.new_lines)
    _write_notices(work, profile, sorter)


def write_rows(work: UnitOfWork, profile: Profile, name: str, digest: str, verdicts: Sequence[Verdict]) -> int:
    """Write the file and what became of each of its rows; returns the import's number."""
    import_id = work.allot("import")
    head = {
        "import_id": import_id,
        "sha256": digest,
        "name": name,
        "profile": profile.name,
        "row_count": len(verdicts),
        "imported_at": work.now,
    }
    work.insert(import_file, [head])
    work.insert(import_row, [_row(import_id, verdict) for verdict in verdicts])
    return import_id


def demand_digest(lines: Sequence[Line]) -> str:
    """SHA-256 (hex) of what new order lines ask for: neither item nor ordered pieces of a line ever change again."""
    asked = sorted((line.order_line_id or 0, line.item_id, line.ordered) for line in lines)
    said = "".join(f"{order_line_id} {item_id} {ordered}\n" for order_line_id, item_id, ordered in asked)
    return hashlib.sha256(said.encode()).hexdigest()


def _row(import_id: int, verdict: Verdict) -> dict[str, Any]:
    target = verdict.target
    return {
        "import_id": import_id,
        "row_no": verdict.row.record.row_no,
        "ref": verdict.row.ref,
        "row_hash": verdict.row.row_hash,
        "outcome": verdict.outcome.value,
        "reason": f"{verdict.reason}: {verdict.text}" if verdict.reason else "",
        "target": target.order_line_id if isinstance(target, Line) else target.number if target else None,
    }


def _write_new_orders(work: UnitOfWork, profile: Profile, new: Sequence[Order]) -> None:
    if not new:
        return
    cut_offs = _cut_offs(work)
    zone = ZoneInfo(
        work.conn.execute(select(site.c.time_zone).where(site.c.site_id == work.site_id)).scalar_one_or_none() or "UTC"
    )
    first = work.allot("order", len(new))
    for number, order in enumerate(new, start=first):
        order.order_id = number
    work.insert(orders, [_order(work, profile, order, cut_offs.get(order.service), zone) for order in new])


def _cut_offs(work: UnitOfWork) -> Mapping[str, str]:
    services = work.conn.execute(
        select(carrier_service.c.service, carrier_service.c.cut_off).where(carrier_service.c.site_id == work.site_id)
    )
    return {row.service: row.cut_off for row in services}


def _order(work: UnitOfWork, profile: Profile, order: Order, cut_off: str | None, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "order_id": order.order_id,
        "order_ref": order.ref,
        "source": profile.name,
        "customer": order.head.customer,
        "ordered_at": order.ordered_at,
        "captured_at": work.now,
        "ship_name": order.head.ship_name,
        "ship_lines": list(order.head.ship_lines),
        "ship_postcode": order.head.ship_postcode,
        "ship_city": order.head.ship_city,
        "ship_country": order.head.ship_country,
        "service": order.service,
        "cut_off": None if cut_off is None else cut_off_of(order.ordered_at or work.now, cut_off, zone),
        "priority": order.priority,
        "status": "cancelled" if order.cancelled else "open",
        "cartons_closed": 0,
    }


def _write_new_lines(work: UnitOfWork, lines: Sequence[Line]) -> None:
    if not lines:
        return
    first = work.allot("order_line", len(lines))
    for number, line in enumerate(lines, start=first):
        line.order_line_id = number
    done = dict.fromkeys(("cut", "short", "allocated", "picked", "packed", "shipped"), 0)
    work.insert(
        order_line,
        [
            {
                "order_line_id": line.order_line_id,
                "order_id": line.order.order_id,
                "line_no": line.line_no,
                "item_id": line.item_id,
                "description": line.description,
                "ordered": line.ordered,
                "cancelled": line.cancelled,
                "declared_value": line.unit_price,
                **done,
            }
            for line in lines
        ],
    )


def _write_cancellations(work: UnitOfWork, sorter: Sorter) -> None:
    """Take pieces off lines that were in before, give back what was reserved for them, and close emptied orders."""
    lines = [
        line
        for order in sorter.touched.values()
        for line in order.lines
        if line.taken_back and line.order_line_id is not None
    ]
    if not lines:
        return
    _give_back_surplus(work, lines)
    left = (
        order_line.c.ordered - order_line.c.cancelled - order_line.c.cut - order_line.c.picked - order_line.c.allocated
    )
    left_then = left - bindparam("pieces")
    work.conn.execute(
        update(order_line)
        .where(order_line.c.site_id == work.site_id, order_line.c.order_line_id == bindparam("of_line"))
        .values(
            cancelled=order_line.c.cancelled + bindparam("pieces"),
            short=case((order_line.c.short > left_then, left_then), else_=order_line.c.short),
        ),
        [{"of_line": line.order_line_id, "pieces": line.taken_back} for line in lines],
    )
    cancelled = {line.order.order_id for line in lines if line.order.cancelled and line.order.order_id is not None}
    for some in in_parts(sorted(cancelled)):
        work.conn.execute(
            update(orders)
            .where(orders.c.site_id == work.site_id, orders.c.order_id.in_(some))
            .values(status="cancelled")
        )


def _give_back_surplus(work: UnitOfWork, lines: Sequence[Line]) -> None:
    """Reservations beyond what a line still wants are given back, the last location first."""
    surplus_of: dict[int, int] = {}
    by_number = {line.order_line_id: line for line in lines}
    returned: list[Reservation] = []
    for some in in_parts(sorted(number for number in by_number if number is not None)):
        mine = (allocation.c.site_id == work.site_id) & allocation.c.order_line_id.in_(some)
        reserved = select(allocation.c.order_line_id, func.sum(allocation.c.quantity).label("pieces")).where(mine)
        for row in work.conn.execute(reserved.group_by(allocation.c.order_line_id)):
            surplus_of[row.order_line_id] = max(0, row.pieces - by_number[row.order_line_id].open)
        rows = select(allocation).where(mine)
        for row in work.conn.execute(
            rows.order_by(allocation.c.order_line_id, allocation.c.location.desc(), allocation.c.lot.desc())
        ):
            pieces = min(row.quantity, surplus_of[row.order_line_id])
            surplus_of[row.order_line_id] -= pieces
            if pieces:
                returned.append(
                    Reservation(
                        order_line_id=OrderLineId(row.order_line_id),
                        location=LocationCode(row.location),
                        lot=LotCode(row.lot),
                        item_id=ItemId(row.item_id),
                        quantity=pieces,
                    )
                )
    _shrink_allocations(work, returned)
    give_back(work, returned)


def _shrink_allocations(work: UnitOfWork, returned: Sequence[Reservation]) -> None:
    if not returned:
        return
    this = (
        (allocation.c.site_id == work.site_id)
        & (allocation.c.order_line_id == bindparam("of_line"))
        & (allocation.c.location == bindparam("at_location"))
        & (allocation.c.lot == bindparam("of_lot"))
    )
    keys = [{"of_line": one.order_line_id, "at_location": one.location, "of_lot": one.lot} for one in returned]
    work.conn.execute(
        update(allocation).where(this).values(quantity=allocation.c.quantity - bindparam("pieces")),
        [key | {"pieces": one.quantity} for key, one in zip(keys, returned, strict=True)],
    )
    work.conn.execute(delete(allocation).where(this, allocation.c.quantity == 0), keys)


def _write_notices(work: UnitOfWork, profile: Profile, sorter: Sorter) -> None:
    returns, adjustments = sorter.returns, sorter.adjustments
    if returns:
        for number, notice in enumerate(returns, start=work.allot("return_notice", len(returns))):
            notice.number = number
        rows = [
            {"notice_id": each.number, "customer": each.row.head.customer, "quantity": -each.row.quantity}
            | _noticed(profile, each)
            for each in returns
        ]
        work.insert(return_notice, rows)
    if adjustments:
        for number, notice in enumerate(adjustments, start=work.allot("stock_adjustment", len(adjustments))):
            notice.number = number
        rows = [
            {"adjustment_id": each.number, "quantity": each.row.quantity, "status": "noted"} | _noticed(profile, each)
            for each in adjustments
        ]
        work.insert(stock_adjustment, rows)


def _noticed(profile: Profile, notice: Notice) -> dict[str, Any]:
    row = notice.row
    return {"source": profile.name, "ref": row.ref, "item_id": row.item_id, "noticed_at": row.at}

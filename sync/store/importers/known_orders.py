"""What the record has already of the orders and rows that a file speaks of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, and_, func, or_, select

from sync.record.ids import ItemId
from sync.record.rows import ListStatus
from sync.store.importers.order_rows import Head, OrderRow
from sync.store.importers.profile import Profile
from sync.store.importers.report import Outcome
from sync.store.importers.sorting import Earlier, Line, Order
from sync.store.orders.intake import in_parts
from sync.store.tables import import_file, import_row, order_line, orders, pick_line, pick_list
from sync.store.unit_of_work import UnitOfWork


def earlier_rows(work: UnitOfWork, profile: Profile, refs: Collection[str]) -> dict[tuple[str, str], Earlier]:
    """How often each row of these references is in already: (reference, row hash) -> count and where it came from.

    Rows that were refused are not in: they may come again.
    """
    earlier: dict[tuple[str, str], Earlier] = {}
    for some in in_parts(sorted(refs)):
        counted = work.conn.execute(
            select(
                import_row.c.ref,
                import_row.c.row_hash,
                import_file.c.name,
                func.count().label("times"),
                func.min(import_row.c.row_no).label("row_no"),
            )
            .join(
                import_file,
                and_(import_file.c.site_id == import_row.c.site_id, import_file.c.import_id == import_row.c.import_id),
            )
            .where(
                import_row.c.site_id == work.site_id,
                import_row.c.ref.in_(some),
                import_row.c.outcome != Outcome.REFUSED,
                import_file.c.profile == profile.name,
            )
            .group_by(import_row.c.ref, import_row.c.row_hash, import_file.c.import_id, import_file.c.name)
            .order_by(import_file.c.import_id.desc())
        )
        for row in counted:
            before = earlier[row.ref, row.row_hash].count if (row.ref, row.row_hash) in earlier else 0
            earlier[row.ref, row.row_hash] = Earlier(before + row.times, row.name, row.row_no)
    return earlier


def known_orders(work: UnitOfWork, profile: Profile, rows: Sequence[OrderRow]) -> dict[str, Order]:
    """The orders in the record that these rows name or may cancel something of, by reference; locked."""
    mine = and_(orders.c.site_id == work.site_id, orders.c.source == profile.name)
    wanted = _cancellable(work, profile, rows)
    for refs in in_parts(sorted({row.ref for row in rows})):
        wanted |= set(work.conn.execute(select(orders.c.order_id).where(mine, orders.c.order_ref.in_(refs))).scalars())
    known: dict[int, Order] = {}
    for some in in_parts(sorted(wanted)):
        locked = select(orders).where(mine, orders.c.order_id.in_(some)).order_by(orders.c.order_id).with_for_update()
        known |= {row.order_id: _order(row) for row in work.conn.execute(locked)}
    for some in in_parts(sorted(wanted)):
        _add_lines(work, known, some)
        _add_floor(work, known, some)
    return {order.ref: order for order in known.values()}


def _cancellable(work: UnitOfWork, profile: Profile, rows: Sequence[OrderRow]) -> set[int]:
    """Orders of the customers that take something back, with a line of such an item that is still open."""
    prefix = profile.cancellation_prefix
    if prefix is None:
        return set()
    backs = [row for row in rows if row.quantity < 0 and row.head.customer is not None and row.ref.startswith(prefix)]
    pairs = sorted({(row.head.customer or "", row.item_id) for row in backs})
    return {
        order_id
        for some in in_parts(pairs, 200)
        for order_id in work.conn.execute(
            select(orders.c.order_id)
            .join(
                order_line, and_(order_line.c.site_id == orders.c.site_id, order_line.c.order_id == orders.c.order_id)
            )
            .where(
                orders.c.site_id == work.site_id,
                orders.c.source == profile.name,
                orders.c.status != "cancelled",
                or_(*(and_(orders.c.customer == customer, order_line.c.item_id == item) for customer, item in some)),
            )
        ).scalars()
    }


def _order(row: Row[Any]) -> Order:
    return Order(
        order_id=row.order_id,
        ref=row.order_ref,
        head=Head(
            customer=row.customer,
            ship_name=row.ship_name,
            ship_lines=tuple(row.ship_lines),
            ship_postcode=row.ship_postcode,
            ship_city=row.ship_city,
            ship_country=row.ship_country,
        ),
        ordered_at=row.ordered_at,
        service=row.service,
        priority=row.priority,
        cancelled=row.status == "cancelled",
    )


def _add_lines(work: UnitOfWork, known: dict[int, Order], order_ids: Sequence[int]) -> None:
    rows = work.conn.execute(
        select(order_line)
        .where(order_line.c.site_id == work.site_id, order_line.c.order_id.in_(order_ids))
        .order_by(order_line.c.order_line_id)
        .with_for_update()
    )
    for row in rows:
        order = known[row.order_id]
        order.last_line_no = max(order.last_line_no, row.line_no)
        order.lines.append(
            Line(
                order=order,
                order_line_id=row.order_line_id,
                line_no=row.line_no,
                item_id=ItemId(row.item_id),
                ordered=row.ordered,
                cancelled=row.cancelled,
                cut=row.cut,
                picked=row.picked,
            )
        )


def _add_floor(work: UnitOfWork, known: dict[int, Order], order_ids: Sequence[int]) -> None:
    """Which of the orders somebody has in hand or has begun, and which lines stand on a released pick list."""
    begun = work.conn.execute(
        select(pick_line.c.order_id)
        .join(pick_list, and_(pick_list.c.site_id == pick_line.c.site_id, pick_list.c.list_id == pick_line.c.list_id))
        .where(
            pick_list.c.site_id == work.site_id,
            pick_line.c.order_id.in_(order_ids),
            pick_list.c.status.in_((ListStatus.HELD, ListStatus.HANDED_OVER)),
        )
    )
    in_hand = set(begun.scalars())
    listed = work.conn.execute(
        select(pick_line.c.order_line_id)
        .join(pick_list, and_(pick_list.c.site_id == pick_line.c.site_id, pick_list.c.list_id == pick_line.c.list_id))
        .where(
            pick_line.c.site_id == work.site_id,
            pick_line.c.order_id.in_(order_ids),
            pick_list.c.status != ListStatus.CANCELLED,
        )
    )
    on_list: defaultdict[int | None, bool] = defaultdict(bool, dict.fromkeys(listed.scalars(), True))
    for order_id in order_ids:
        order = known[order_id]
        order.started = order_id in in_hand or any(line.picked for line in order.lines)
        for line in order.lines:
            line.on_list = on_list[line.order_line_id]

"""Counting, from the rows that hold them, where the pieces of every order line are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, select

from sync.record.ids import ItemId, OrderId, OrderLineId, SiteId
from sync.record.rows import ListStatus
from sync.store.planning.allocation import GIVING_KINDS
from sync.store.planning.standing import LineCount
from sync.store.tables import (
    allocation,
    carton,
    carton_content,
    location,
    order_line,
    orders,
    pick_line,
    pick_list,
    stock,
    tote_content,
)

STILL_ASKED = pick_line.c.asked - pick_line.c.picked - pick_line.c.shorted
OPEN_PIECES = case((STILL_ASKED > 0, STILL_ASKED), else_=0)
"""Pieces that a pick line reserves."""
ON_A_LIST = and_(
    pick_list.c.site_id == pick_line.c.site_id,
    pick_list.c.list_id == pick_line.c.list_id,
    pick_list.c.status != str(ListStatus.CANCELLED),
)
_CARTON_OF_CONTENT = and_(carton.c.site_id == carton_content.c.site_id, carton.c.sscc == carton_content.c.sscc)


def line_counts(conn: Connection, site_id: SiteId) -> list[LineCount]:
    """Every order line of a site, by order and line number."""
    reserved = _by_line(conn, select(allocation.c.order_line_id, func.sum(allocation.c.quantity)), allocation, site_id)
    on_lists = _by_line(
        conn,
        select(pick_line.c.order_line_id, func.sum(OPEN_PIECES)).join(pick_list, ON_A_LIST),
        pick_line,
        site_id,
    )
    in_totes = _by_line(
        conn, select(tote_content.c.order_line_id, func.sum(tote_content.c.quantity)), tote_content, site_id
    )
    packed = select(carton_content.c.order_line_id, func.sum(carton_content.c.quantity)).join(
        carton, _CARTON_OF_CONTENT
    )
    in_cartons = _by_line(conn, packed.where(carton.c.shipped_at.is_(None)), carton_content, site_id)
    left = _by_line(conn, packed.where(carton.c.shipped_at.is_not(None)), carton_content, site_id)
    lines = conn.execute(
        select(order_line, orders.c.order_ref, orders.c.status)
        .join(orders, and_(orders.c.site_id == order_line.c.site_id, orders.c.order_id == order_line.c.order_id))
        .where(order_line.c.site_id == site_id)
        .order_by(order_line.c.order_id, order_line.c.line_no)
    )
    return [
        LineCount(
            order_line_id=OrderLineId(line.order_line_id),
            order_id=OrderId(line.order_id),
            order_ref=line.order_ref,
            line_no=line.line_no,
            item_id=ItemId(line.item_id),
            order_status=line.status,
            ordered=line.ordered,
            cancelled=line.cancelled,
            cut=line.cut,
            short=line.short,
            said_allocated=line.allocated,
            said_picked=line.picked,
            said_packed=line.packed,
            said_shipped=line.shipped,
            reserved=reserved.get(line.order_line_id, 0),
            on_lists=on_lists.get(line.order_line_id, 0),
            in_totes=in_totes.get(line.order_line_id, 0),
            in_cartons=in_cartons.get(line.order_line_id, 0),
            left_in_cartons=left.get(line.order_line_id, 0),
        )
        for line in lines
    ]


def available_by_item(conn: Connection, site_id: SiteId) -> dict[ItemId, int]:
    """Pieces that could still be reserved, expired ones included: a report has no date of its own."""
    here = and_(location.c.site_id == stock.c.site_id, location.c.code == stock.c.location)
    rows = conn.execute(
        select(stock.c.item_id, func.sum(stock.c.on_hand - stock.c.allocated))
        .join(location, here)
        .where(
            stock.c.site_id == site_id,
            stock.c.on_hand > stock.c.allocated,
            location.c.blocked.is_(None),
            location.c.kind.in_([str(kind) for kind in GIVING_KINDS]),
        )
        .group_by(stock.c.item_id)
    )
    return {ItemId(item_id): int(pieces) for item_id, pieces in rows}


def _by_line(conn: Connection, sums: Select[Any, Any], table: Any, site_id: SiteId) -> dict[int, int]:
    rows = conn.execute(sums.where(table.c.site_id == site_id).group_by(table.c.order_line_id))
    return {line_id: int(pieces) for line_id, pieces in rows}

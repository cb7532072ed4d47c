"""What the record says, put beside what it must follow from: the journal of moves, the rows that hold the pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select

from sync.record.ids import SiteId
from sync.store import tables as t
from sync.store.leading.proof.reading import PAGE_ROWS, AnyRow, pages, rows
from sync.store.leading.proof.tally import Rule, Tally


def count_places(conn: Connection, site_id: SiteId, tally: Tally) -> None:
    """What is in every place: by the tables, and by all moves made one after the other."""
    for row in rows(conn, t.stock_move, site_id):
        if row.source.startswith(_KEPT):
            tally.follows("pieces", _place(row.source, row), -row.quantity)
        if row.target.startswith(_KEPT):
            tally.follows("pieces", _place(row.target, row), row.quantity)
    for row in rows(conn, t.stock, site_id):
        tally.says("pieces", _place(f"location:{row.location}", row), row.on_hand)
        tally.says("reserved", _place(f"location:{row.location}", row), row.allocated)
    for row in rows(conn, t.tote_content, site_id):
        tally.says("pieces", _place(f"tote:{row.tote}", row), row.quantity)
        tally.follows("picked", f"order line {row.order_line_id}", row.quantity)


_KEPT = ("location:", "tote:", "carton:")


def _place(place: str, row: AnyRow) -> str:
    return f"{place}, item {row.item_id}" + (f", lot {row.lot}" if row.lot else "")


def count_cartons(conn: Connection, site_id: SiteId, tally: Tally) -> None:
    for row in rows(conn, t.carton, site_id):
        tally.says("closed", f"carton {row.sscc}", 1)
        tally.follows("closed cartons", f"order {row.order_id}", 1)
    carton = t.carton.c
    shipped = _column_of(conn, site_id, carton.sscc, carton.shipped_at)
    for page in pages(conn, t.carton_content, site_id):
        left = shipped({row.sscc for row in page})
        for row in page:
            line = f"order line {row.order_line_id}"
            tally.follows("picked", line, row.quantity)
            tally.follows("packed", line, row.quantity)
            tally.says("pieces packed", f"carton {row.sscc}", row.quantity)
            if left.get(row.sscc) is None:
                tally.says("pieces", _place(f"carton:{row.sscc}", row), row.quantity)
            else:
                tally.follows("shipped", line, row.quantity)
    m = t.stock_move.c
    opened = select(m.source, m.quantity).where(
        m.site_id == site_id, m.source.startswith("carton:"), m.target.startswith("location:")
    )
    for row in conn.execution_options(yield_per=500).execute(opened):
        tally.says("pieces packed", f"carton {row.source.removeprefix('carton:')}", row.quantity)
    for row in rows(conn, t.label, site_id):
        tally.says("times sent", f"label {row.sscc}", row.sent)
        tally.says("proven", f"label {row.sscc}", row.proven_at is not None, Rule.BOTH_OR_NONE)


def check_orders(conn: Connection, site_id: SiteId, tally: Tally) -> Iterator[str]:
    o = t.orders.c
    status_of = _column_of(conn, site_id, o.order_id, o.status)
    for row in rows(conn, t.orders, site_id):
        tally.says("closed cartons", f"order {row.order_id}", row.cartons_closed)
    for row in rows(conn, t.allocation, site_id):
        tally.follows("allocated", f"order line {row.order_line_id}", row.quantity)
        tally.follows("reserved", _place(f"location:{row.location}", row), row.quantity)
    for page in pages(conn, t.order_line, site_id):
        statuses = status_of({row.order_id for row in page})
        for row in page:
            name = f"order line {row.order_line_id}"
            for what in ("picked", "packed", "shipped", "allocated", "cut"):
                tally.says(what, name, getattr(row, what))
            tally.says("short", name, row.short, Rule.AT_MOST)
            yield from _odd_line(name, row, statuses.get(row.order_id))


def _odd_line(name: str, row: AnyRow, status: str | None) -> Iterator[str]:
    given = row.cancelled + row.cut + row.short + row.allocated + row.picked
    if row.ordered <= 0 or min(row.cancelled, row.cut, row.allocated, row.picked) < 0:
        yield f"{name}: a count below zero, or nothing ordered"
    if given > row.ordered:
        yield f"{name}: {row.ordered} ordered, and {given} cancelled, cut, short, reserved or picked"
    if status is None:
        yield f"{name}: its order {row.order_id} is not there"
    elif status == "cancelled" and row.ordered != row.cancelled + row.cut + row.picked:
        yield f"{name}: its order is cancelled, and of {row.ordered} pieces {row.cancelled} are"


def check_cancelled(conn: Connection, site_id: SiteId, tally: Tally) -> None:
    """Cancelled pieces of orders that go on: by the audit trail, which holds what came in and what was cancelled since.

    Lines that came in before there was a trail are left out, and those of cancelled orders: `check_orders` has them.
    """
    imports = {row.detail["import_id"] for row in rows(conn, t.audit, site_id) if row.what == "import"}
    for row in rows(conn, t.audit, site_id):
        if row.what == "import":
            cancelled = dict(row.detail["cancelled"])
        elif row.what == "cancel" and row.detail["line"] is not None:
            pieces = row.detail["pieces"] + row.detail["to_put_back"]
            cancelled = dict.fromkeys(_lines_named(conn, site_id, row.about, row.detail["line"]), pieces)
        else:
            continue
        for line_id in _traceable(conn, site_id, list(cancelled), imports):
            tally.follows("cancelled", f"order line {line_id}", cancelled[line_id])
    for page in pages(conn, t.order_line, site_id):
        said = {row.order_line_id: row.cancelled for row in page}
        for line_id in _traceable(conn, site_id, list(said), imports):
            tally.says("cancelled", f"order line {line_id}", said[line_id])


def _lines_named(conn: Connection, site_id: SiteId, order_ref: str, line_no: int) -> list[int]:
    line, o = t.order_line.c, t.orders.c
    named = (
        select(line.order_line_id)
        .join(t.orders, and_(o.site_id == line.site_id, o.order_id == line.order_id))
        .where(line.site_id == site_id, o.order_ref == order_ref, line.line_no == line_no)
    )
    return list(conn.execute(named).scalars())


def _traceable(conn: Connection, site_id: SiteId, line_ids: Sequence[int], imports: set[int]) -> Iterator[int]:
    """Of some order lines those whose import is in the trail and whose order goes on."""
    line, o, came = t.order_line.c, t.orders.c, t.import_row.c
    for first in range(0, len(line_ids), PAGE_ROWS):
        of = (
            select(line.order_line_id, came.import_id)
            .join(t.orders, and_(o.site_id == line.site_id, o.order_id == line.order_id))
            .join(t.import_row, and_(came.site_id == line.site_id, came.target == line.order_line_id))
            .where(line.site_id == site_id, line.order_line_id.in_(line_ids[first : first + PAGE_ROWS]))
            .where(o.status != "cancelled", came.outcome == "order_line")
        )
        yield from (row.order_line_id for row in conn.execute(of).all() if row.import_id in imports)


def check_lists(conn: Connection, site_id: SiteId, tally: Tally) -> Iterator[str]:
    head = t.pick_list.c
    status_of = _column_of(conn, site_id, head.list_id, head.status)
    for row in rows(conn, t.pick_list, site_id):
        name = f"list {row.list_id}"
        tally.says("lines", name, row.line_count)
        tally.says("pieces asked", name, row.piece_count)
        tally.says("handed over", name, row.status == "handed_over", Rule.AT_MOST)
        tally.follows("handings over", name, row.status == "handed_over", Rule.AT_MOST)
        if (row.status == "held") != (row.terminal_id is not None) and row.status in ("open", "held"):
            yield f"{name}: it is {row.status}, and its terminal is {row.terminal_id}"
    for page in pages(conn, t.pick_line, site_id):
        statuses = status_of({row.list_id for row in page})
        for row in page:
            name = f"pick line {row.line_id}"
            for what in ("picked", "surplus", "shorted"):
                tally.says(what, name, getattr(row, what))
            if row.asked:
                tally.follows("lines", f"list {row.list_id}", 1)
                tally.follows("pieces asked", f"list {row.list_id}", row.asked)
            left = max(0, row.asked - row.picked - row.shorted)
            if statuses.get(row.list_id) != "cancelled":
                tally.follows("reserved", _place(f"location:{row.location}", row), left)
                tally.follows("allocated", f"order line {row.order_line_id}", left)
            if row.picked + row.shorted > row.asked or not 0 <= row.put <= row.picked:
                yield f"{name}: asked {row.asked}, {row.picked} picked, {row.put} put, {row.shorted} short"
    for row in rows(conn, t.tote_content, site_id):
        if not 0 <= row.verified <= row.quantity:
            yield f"tote {row.tote}, item {row.item_id}: {row.quantity} in it, {row.verified} verified"


def count_batches(conn: Connection, site_id: SiteId, tally: Tally) -> None:
    for row in rows(conn, t.batch, site_id):
        tally.says("put at the wall", f"batch {row.batch_id}", row.put)
        tally.follows("returned from the wall", f"batch {row.batch_id}", row.returned, Rule.AT_MOST)
        if row.status == "closed":
            accounted = row.put + row.returned + row.reported
            tally.says("pieces accounted for", f"closed batch {row.batch_id}", accounted)
    p, line, b = t.pick_list.c, t.pick_line.c, t.batch.c
    picked = (
        select(b.batch_id, func.sum(line.picked).label("pieces"))
        .join(t.pick_list, and_(p.site_id == b.site_id, p.batch_id == b.batch_id))
        .join(t.pick_line, and_(line.site_id == p.site_id, line.list_id == p.list_id))
        .where(b.site_id == site_id, b.status == "closed")
        .group_by(b.batch_id)
    )
    for row in conn.execute(picked):
        tally.follows("pieces accounted for", f"closed batch {row.batch_id}", int(row.pieces))


def _column_of(conn: Connection, site_id: SiteId, key: ColumnElement[Any], value: ColumnElement[Any]) -> Any:
    """A function that looks up one column for some keys of a table."""
    table_site = key.table.c.site_id

    def look_up(keys: set[Any]) -> dict[Any, Any]:
        found: Sequence[AnyRow] = conn.execute(
            select(key, value).where(table_site == site_id, key.in_(sorted(keys)))
        ).all()
        return {row[0]: row[1] for row in found}

    return look_up

"""Rows of the change feed, built from the tables as they stand in one picture of the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from sync.record.ids import ItemId, LocationCode, SiteId, ToteCode
from sync.record.rows import (
    Barcode,
    CartonRow,
    ItemRow,
    ListKind,
    ListStatus,
    LocationKind,
    LocationRow,
    PackingRow,
    PackLine,
    PickLineRow,
    PickListRow,
    Role,
    Row,
    ShipTo,
    SiteRow,
    SsccRangeRow,
    ToteRow,
    ToteStatus,
    WorkerRow,
)
from sync.store import tables as t
from sync.store.places import at_location, in_tote

Rows = dict[str, Row]


def rows_of(conn: Connection, site_id: SiteId, kind: str, keys: Sequence[str]) -> Rows:
    """The rows of one kind by key. Keys that are gone are left out."""
    return _BUILDERS[kind](conn, site_id, keys)


def _select(conn: Connection, site_id: SiteId, column: ColumnElement[Any], keys: Sequence[Any], *others: Any) -> Any:
    table = column.table
    return conn.execute(select(table, *others).where(table.c.site_id == site_id, column.in_(keys))).mappings().all()


def _sites(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    return {
        row["site_id"]: SiteRow(
            site_id=row["site_id"],
            name=row["name"],
            company_prefix=row["company_prefix"],
            sender=tuple(row["sender"]),
            **row["rules"],
        )
        for row in _select(conn, site_id, t.site.c.site_id, keys)
    }


def _workers(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    return {
        row["worker_id"]: WorkerRow(
            worker_id=row["worker_id"],
            badge=row["badge"],
            name=row["name"],
            roles=tuple(Role(role) for role in row["roles"]),
            language=row["language"],
            pin_hash=row["pin_hash"],
            active=row["active"],
        )
        for row in _select(conn, site_id, t.worker.c.worker_id, keys)
    }


def _items(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    barcodes: dict[str, list[Barcode]] = defaultdict(list)
    b, p = t.item_barcode.c, t.packaging.c
    joined = t.item_barcode.join(
        t.packaging, (p.site_id == b.site_id) & (p.item_id == b.item_id) & (p.packaging == b.packaging)
    )
    for row in conn.execute(
        select(b.item_id, b.gtin, b.packaging, p.pieces)
        .select_from(joined)
        .where(b.site_id == site_id, b.item_id.in_(keys))
        .order_by(p.pieces, b.gtin)
    ):
        barcodes[row.item_id].append(Barcode(gtin=row.gtin, pieces=row.pieces, packaging=row.packaging))
    weights = {
        row.item_id: row.weight_g
        for row in conn.execute(
            select(p.item_id, p.weight_g).where(p.site_id == site_id, p.packaging == "each", p.item_id.in_(keys))
        )
    }
    return {
        row["item_id"]: ItemRow(
            item_id=row["item_id"],
            name=row["name"],
            barcodes=tuple(barcodes[row["item_id"]]),
            weight_g=weights.get(row["item_id"]),
            lot_tracked=row["lot_tracked"],
            serial_tracked=row["serial_tracked"],
            expiry_tracked=row["expiry_tracked"],
        )
        for row in _select(conn, site_id, t.item.c.item_id, keys)
    }


def _locations(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    return {
        row["code"]: LocationRow(
            code=row["code"],
            zone_id=row["zone_id"],
            aisle=row["aisle"],
            kind=LocationKind(row["kind"]),
            position=row["position"],
            check_digits=row["check_digits"],
            blocked=row["blocked"] is not None,
        )
        for row in _select(conn, site_id, t.location.c.code, keys)
    }


def _order_columns(conn: Connection, site_id: SiteId, order_ids: set[int]) -> dict[int, Mapping[str, Any]]:
    return {row["order_id"]: row for row in _select(conn, site_id, t.orders.c.order_id, sorted(order_ids))}


def _pick_lists(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    found = list(_select(conn, site_id, t.pick_list.c.list_id, [int(key) for key in keys]))
    orders = _order_columns(conn, site_id, {row["order_id"] for row in found})
    return {
        str(row["list_id"]): PickListRow(
            list_id=row["list_id"],
            kind=ListKind(row["kind"]),
            order_id=row["order_id"],
            order_ref=orders[row["order_id"]]["order_ref"],
            service=orders[row["order_id"]]["service"],
            cut_off=row["cut_off"],
            status=ListStatus(row["status"]),
            line_count=row["line_count"],
            piece_count=row["piece_count"],
            terminal_id=row["terminal_id"],
            worker_id=row["worker_id"],
            token=row["token"],
            totes=tuple(row["totes"]),
            tote_gone=row["tote_gone"],
            moving=row["move_at"] is not None,
            move_to=row["move_to"],
        )
        for row in found
    }


def _pick_lines(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    return {
        str(row["line_id"]): PickLineRow(
            line_id=row["line_id"],
            list_id=row["list_id"],
            order_id=row["order_id"],
            order_line_id=row["order_line_id"],
            item_id=row["item_id"],
            location=row["location"],
            lot=row["lot"] or None,
            expiry=row["expiry"],
            lots_here=row["lots_here"],
            position=row["position"],
            passes=row["passes"],
            asked=row["asked"],
            picked=row["picked"],
            put=row["put"],
            shorted=row["shorted"],
            located=row["located"],
        )
        for row in _select(conn, site_id, t.pick_line.c.line_id, [int(key) for key in keys])
    }


def _totes(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    found = list(_select(conn, site_id, t.tote.c.tote, keys))
    orders = _order_columns(conn, site_id, {row["order_id"] for row in found if row["order_id"] is not None})
    return {
        row["tote"]: ToteRow(
            tote=row["tote"],
            status=ToteStatus(row["status"]),
            order_ref=None if row["order_id"] is None else orders[row["order_id"]]["order_ref"],
            list_id=row["list_id"],
        )
        for row in found
    }


def _packings(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    found = _select(conn, site_id, t.tote.c.tote, keys)
    totes = [row for row in found if row["order_id"] is not None and row["status"] == ToteStatus.TO_PACK]
    orders = _order_columns(conn, site_id, {row["order_id"] for row in totes})
    c = t.tote_content.c
    lines: dict[str, list[PackLine]] = defaultdict(list)
    for row in conn.execute(
        select(c.tote, c.order_line_id, c.item_id, func.sum(c.quantity).label("n"), func.sum(c.verified).label("v"))
        .where(c.site_id == site_id, c.tote.in_(keys), c.quantity > 0)
        .group_by(c.tote, c.order_line_id, c.item_id)
        .order_by(c.order_line_id)
    ):
        line = PackLine(order_line_id=row.order_line_id, item_id=row.item_id, in_tote=int(row.n), verified=int(row.v))
        lines[row.tote].append(line)
    cancelled = [row["tote"] for row in totes if orders[row["order_id"]]["status"] == "cancelled"]
    homes = _homes(conn, site_id, {code: [line.item_id for line in lines[code]] for code in cancelled})
    for code in cancelled:
        lines[code] = [replace(line, home=homes.get((code, line.item_id))) for line in lines[code]]
    return {row["tote"]: _packing(row, orders[row["order_id"]], tuple(lines[row["tote"]])) for row in totes}


def _homes(
    conn: Connection, site_id: SiteId, items: Mapping[ToteCode, Sequence[ItemId]]
) -> dict[tuple[ToteCode, ItemId], LocationCode]:
    """Where the items in these totes were picked last, by the journal."""
    m = t.stock_move.c
    wanted = sorted({item_id for of_tote in items.values() for item_id in of_tote})
    picked = m.target.in_([in_tote(code) for code in items]) & m.source.startswith(at_location(LocationCode("")))
    rows = conn.execute(
        select(m.target, m.item_id, m.source)
        .where(m.site_id == site_id, m.item_id.in_(wanted), picked)
        .order_by(m.at, m.cause, m.part)
    )
    return {
        (ToteCode(row.target.partition(":")[2]), ItemId(row.item_id)): LocationCode(row.source.partition(":")[2])
        for row in rows
    }


def _packing(tote: Mapping[str, Any], order: Mapping[str, Any], lines: tuple[PackLine, ...]) -> PackingRow:
    return PackingRow(
        tote=tote["tote"],
        order_id=order["order_id"],
        order_ref=order["order_ref"],
        service=order["service"],
        cut_off=order["cut_off"],
        ship_to=ShipTo(
            name=order["ship_name"],
            lines=tuple(order["ship_lines"]),
            postcode=order["ship_postcode"],
            city=order["ship_city"],
            country=order["ship_country"],
        ),
        stop=order["status"] if order["status"] in ("held", "cancelled") else None,
        lines=lines,
        carton_no=order["cartons_closed"] + 1,
        sscc=tote["sscc"],
        labels_sent=tote["labels_sent"],
        label_proven=tote["label_proven"],
    )


def _sscc_ranges(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    return {
        str(row["range_id"]): SsccRangeRow(
            range_id=row["range_id"], terminal_id=row["terminal_id"], first=row["first"], last=row["last"]
        )
        for row in _select(conn, site_id, t.sscc_range.c.range_id, [int(key) for key in keys])
    }


def _cartons(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    found = list(_select(conn, site_id, t.carton.c.sscc, keys))
    orders = _order_columns(conn, site_id, {row["order_id"] for row in found})
    return {
        row["sscc"]: CartonRow(
            sscc=row["sscc"], order_ref=orders[row["order_id"]]["order_ref"], closed_at=row["closed_at"]
        )
        for row in found
    }


_BUILDERS: dict[str, Callable[[Connection, SiteId, Sequence[str]], Rows]] = {
    "site": _sites,
    "worker": _workers,
    "item": _items,
    "location": _locations,
    "pick_list": _pick_lists,
    "pick_line": _pick_lines,
    "tote": _totes,
    "packing": _packings,
    "sscc_range": _sscc_ranges,
    "carton": _cartons,
}

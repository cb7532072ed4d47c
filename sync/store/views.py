"""Rows of the change feed, built from the tables as they stand in one picture of the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from sync.record.ids import SiteId
from sync.record.rows import (
    Barcode,
    CarrierLabelRow,
    CartonRow,
    ItemRow,
    ListKind,
    ListStatus,
    LocationKind,
    LocationRow,
    LotHere,
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
from sync.store.homes import homes
from sync.store.in_bulk import among, quick, rows_with
from sync.store.views_of_ways import BUILDERS, zones_to_come
from sync.wire.codec import decode_row, encode_row

Rows = dict[str, Row]


def rows_of(conn: Connection, site_id: SiteId, kind: str, keys: Sequence[str]) -> Rows:
    """The rows of one kind by key. Keys that are gone are left out."""
    encoded = encoded_rows(conn, site_id, kind, keys)
    return {key: row for key, data in encoded.items() if (row := decode_row(kind, data)) is not None}


def encoded_rows(conn: Connection, site_id: SiteId, kind: str, keys: Sequence[str]) -> dict[str, bytes]:
    """The rows of one kind by key, as terminals are told them. Keys that are gone are left out."""
    return {key: encode_row(row) for key, row in _BUILDERS[kind](conn, site_id, keys).items()}


_Barcode, _Item, _Location = quick(Barcode), quick(ItemRow), quick(LocationRow)
_PickList, _PickLine = quick(PickListRow), quick(PickLineRow)


def _sites(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    return {
        row["site_id"]: SiteRow(
            site_id=row["site_id"],
            name=row["name"],
            company_prefix=row["company_prefix"],
            sender=tuple(row["sender"]),
            **row["rules"],
        )
        for row in rows_with(conn, site_id, t.site.c.site_id, keys)
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
            zone_id=row["zone_id"],
        )
        for row in rows_with(conn, site_id, t.worker.c.worker_id, keys)
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
        .where(b.site_id == site_id, among(conn, b.item_id, keys))
        .order_by(p.pieces, b.gtin)
    ):
        barcodes[row.item_id].append(_Barcode(gtin=row.gtin, pieces=row.pieces, packaging=row.packaging))
    weights = {
        row.item_id: row.weight_g
        for row in conn.execute(
            select(p.item_id, p.weight_g).where(
                p.site_id == site_id, p.packaging == "each", among(conn, p.item_id, keys)
            )
        )
    }
    return {
        row["item_id"]: _Item(
            item_id=row["item_id"],
            name=row["name"],
            barcodes=tuple(barcodes[row["item_id"]]),
            weight_g=weights.get(row["item_id"]),
            lot_tracked=row["lot_tracked"],
            serial_tracked=row["serial_tracked"],
            expiry_tracked=row["expiry_tracked"],
            catch_weight=row["catch_weight"],
        )
        for row in rows_with(conn, site_id, t.item.c.item_id, keys)
    }


def _locations(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    return {
        row["code"]: _Location(
            code=row["code"],
            zone_id=row["zone_id"],
            aisle=row["aisle"],
            kind=LocationKind(row["kind"]),
            position=row["position"],
            check_digits=row["check_digits"],
            blocked=row["blocked"] is not None,
        )
        for row in rows_with(conn, site_id, t.location.c.code, keys)
    }


def _order_columns(conn: Connection, site_id: SiteId, order_ids: set[int]) -> dict[int, Mapping[str, Any]]:
    return {row["order_id"]: row for row in rows_with(conn, site_id, t.orders.c.order_id, sorted(order_ids))}


def _pick_lists(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    found = list(rows_with(conn, site_id, t.pick_list.c.list_id, [int(key) for key in keys]))
    orders = _order_columns(conn, site_id, {row["order_id"] for row in found if row["order_id"] is not None})
    trips = zones_to_come(conn, site_id, found)
    return {
        str(row["list_id"]): _PickList(
            list_id=row["list_id"],
            kind=ListKind(row["kind"]),
            order_id=row["order_id"],
            order_ref=list_name(row["list_id"]) if row["order_id"] is None else orders[row["order_id"]]["order_ref"],
            service="" if row["order_id"] is None else orders[row["order_id"]]["service"],
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
            zone_id=row["zone_id"],
            leg=row["leg"],
            to_come=trips.get(row["list_id"], ((), None))[0],
            consolidation=trips.get(row["list_id"], ((), None))[1],
            hurried=row["hurried"],
            batch_id=row["batch_id"],
            cart=row["cart"] or "",
        )
        for row in found
    }


def list_name(list_id: int) -> str:
    """A list of several orders goes by its own number."""
    return f"B-{list_id}"


def _pick_lines(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    found = rows_with(conn, site_id, t.pick_line.c.line_id, [int(key) for key in keys])
    return {
        str(row["line_id"]): _PickLine(
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
            on_hand=row["on_hand"],
            lots=() if row["lots"] is None else tuple(map(_lot_here, row["lots"])),
        )
        for row in found
    }


def _lot_here(lot: Sequence[Any]) -> LotHere:
    code, expiry, available = lot
    return LotHere(lot=code, expiry=None if expiry is None else date.fromisoformat(expiry), available=available)


def _totes(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    found = list(rows_with(conn, site_id, t.tote.c.tote, keys))
    orders = _order_columns(conn, site_id, {row["order_id"] for row in found if row["order_id"] is not None})
    return {
        row["tote"]: ToteRow(
            tote=row["tote"],
            status=ToteStatus(row["status"]),
            order_ref=None if row["order_id"] is None else orders[row["order_id"]]["order_ref"],
            list_id=row["list_id"],
            is_cubby=row["tote"].startswith("W-"),
            place=row["place"],
            terminal_id=row["terminal_id"],
        )
        for row in found
    }


def _packings(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    found = rows_with(conn, site_id, t.tote.c.tote, keys)
    totes = [row for row in found if row["order_id"] is not None and row["status"] == ToteStatus.TO_PACK]
    orders = _order_columns(conn, site_id, {row["order_id"] for row in totes})
    c = t.tote_content.c
    lines: dict[str, list[PackLine]] = defaultdict(list)
    for row in conn.execute(
        select(c.tote, c.order_line_id, c.item_id, *(func.sum(one) for one in (c.quantity, c.verified, c.weight_g)))
        .where(c.site_id == site_id, among(conn, c.tote, keys), c.quantity > 0)
        .group_by(c.tote, c.order_line_id, c.item_id)
        .order_by(c.order_line_id)
    ):
        tote, order_line_id, item_id, *sums = row
        in_tote, verified, weight_g = map(int, sums)
        line = PackLine(order_line_id=order_line_id, item_id=item_id, in_tote=in_tote, verified=verified)
        lines[tote].append(replace(line, piece_g=weight_g // in_tote or None))
    cancelled = [row["tote"] for row in totes if orders[row["order_id"]]["status"] == "cancelled"]
    there = homes(conn, site_id, {code: [line.item_id for line in lines[code]] for code in cancelled})
    for code in cancelled:
        lines[code] = [replace(line, home=there.get((code, line.item_id))) for line in lines[code]]
    return {row["tote"]: _packing(row, orders[row["order_id"]], tuple(lines[row["tote"]])) for row in totes}


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
        carrier_label=tote["carrier_label"] if tote["sscc"] else None,
    )


def _sscc_ranges(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    return {
        str(row["range_id"]): SsccRangeRow(
            range_id=row["range_id"], terminal_id=row["terminal_id"], first=row["first"], last=row["last"]
        )
        for row in rows_with(conn, site_id, t.sscc_range.c.range_id, [int(key) for key in keys])
    }


def _cartons(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    found = list(rows_with(conn, site_id, t.carton.c.sscc, keys))
    orders = _order_columns(conn, site_id, {row["order_id"] for row in found})
    return {
        row["sscc"]: CartonRow(
            sscc=row["sscc"], order_ref=orders[row["order_id"]]["order_ref"], closed_at=row["closed_at"]
        )
        for row in found
    }


def _carrier_labels(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    orders = {int(key.partition(".")[0]) for key in keys}
    return {
        key: CarrierLabelRow(
            order_id=row["order_id"],
            carton_no=row["carton_no"],
            zpl=row["zpl"],
            barcode=row["barcode"],
            sscc=row["sscc"],
        )
        for row in rows_with(conn, site_id, t.carrier_label.c.order_id, sorted(orders))
        if row["zpl"] is not None and (key := f"{row['order_id']}.{row['carton_no']}") in keys
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
    "carrier_label": _carrier_labels,
    **BUILDERS,
}

"""The first tables: the store itself, the warehouse and its stock."""

import sqlalchemy as sa

from sync.store.migrations.tables_0001.columns import MOMENT, first, key, may, must, table

sa.Table(
    "store",
    first,
    sa.Column("one", sa.Integer(), sa.CheckConstraint("one = 1", name="single"), primary_key=True, autoincrement=False),
    must("incarnation", sa.String(32)),
    must("created_at", MOMENT),
)

table("counter", key("name"), must("value", sa.BigInteger()))

table(
    "site",
    must("name", sa.Text()),
    must("company_prefix", sa.String(10)),
    must("sender", sa.JSON()),
    must("time_zone", sa.String(64)),
    must("rules", sa.JSON()),
)

table("zone", key("zone_id", 16), must("name", sa.Text()))

table("aisle", key("aisle", 16), must("zone_id", sa.String(16)), must("x_m", sa.Float()), must("length_m", sa.Float()))

table(
    "location",
    key("code", 32),
    must("zone_id", sa.String(16)),
    must("aisle", sa.String(16)),
    must("kind", sa.String(16)),
    must("position", sa.Integer()),
    must("x_m", sa.Float()),
    must("y_m", sa.Float()),
    must("z_m", sa.Float()),
    must("check_digits", sa.String(2)),
    may("blocked", sa.String(32)),
)

table(
    "item",
    key("item_id"),
    must("name", sa.Text()),
    must("sellable", sa.Boolean()),
    must("lot_tracked", sa.Boolean()),
    must("serial_tracked", sa.Boolean()),
    must("expiry_tracked", sa.Boolean()),
    may("demand_class", sa.String(1)),
)

table(
    "packaging",
    key("item_id"),
    key("packaging", 16),
    must("pieces", sa.Integer()),
    may("weight_g", sa.Integer()),
    may("length_mm", sa.Integer()),
    may("width_mm", sa.Integer()),
    may("height_mm", sa.Integer()),
)

table(
    "item_barcode",
    key("gtin", 14),
    must("item_id", sa.String(64)),
    must("packaging", sa.String(16)),
    sa.Index("ix_item_barcode_item", "site_id", "item_id"),
)

table(
    "stock",
    key("location", 32),
    key("item_id"),
    key("lot", 32),
    may("expiry", sa.Date()),
    must("on_hand", sa.Integer()),
    must("allocated", sa.Integer(), sa.CheckConstraint("allocated >= 0", name="allocated")),
    sa.Index("ix_stock_item", "site_id", "item_id"),
)

table(
    "stock_move",
    key("cause"),
    sa.Column("part", sa.Integer(), primary_key=True, autoincrement=False),
    must("item_id", sa.String(64)),
    must("lot", sa.String(32)),
    must("quantity", sa.Integer()),
    must("source", sa.String(48)),
    must("target", sa.String(48)),
    must("reason", sa.String(32)),
    must("at", MOMENT),
    sa.Index("ix_stock_move_item", "site_id", "item_id"),
)

table("serial", key("item_id"), key("serial"), must("lot", sa.String(32)), must("place", sa.String(48)))

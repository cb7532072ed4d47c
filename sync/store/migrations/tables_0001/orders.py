"""The first tables: orders and how they came in."""

import sqlalchemy as sa

from sync.store.migrations.tables_0001.columns import MOMENT, key, may, must, number, table

table("carrier_service", key("service", 32), must("name", sa.Text()), must("cut_off", sa.String(5)))

table(
    "orders",
    number("order_id"),
    must("order_ref", sa.String(64)),
    must("source", sa.String(64)),
    may("customer", sa.String(64)),
    may("ordered_at", MOMENT),
    must("captured_at", MOMENT),
    must("ship_name", sa.Text()),
    must("ship_lines", sa.JSON()),
    must("ship_postcode", sa.Text()),
    must("ship_city", sa.Text()),
    must("ship_country", sa.Text()),
    must("service", sa.String(32)),
    may("cut_off", MOMENT),
    must("priority", sa.Integer()),
    must("status", sa.String(16)),
    must("cartons_closed", sa.Integer()),
    sa.Index("ix_orders_customer", "site_id", "customer"),
    sa.Index("uq_orders_ref", "site_id", "source", "order_ref", unique=True),
)

table(
    "order_hold",
    number("order_id"),
    key("reason", 48),
    must("text", sa.Text()),
    must("raised_at", MOMENT),
    may("released_at", MOMENT),
    may("released_by", sa.Text()),
)

table(
    "order_line",
    number("order_line_id"),
    must("order_id", sa.BigInteger()),
    must("line_no", sa.Integer()),
    must("item_id", sa.String(64)),
    must("description", sa.Text()),
    must("ordered", sa.Integer()),
    must("cancelled", sa.Integer()),
    must("cut", sa.Integer()),
    must("short", sa.Integer()),
    must("allocated", sa.Integer()),
    must("picked", sa.Integer()),
    must("packed", sa.Integer()),
    must("shipped", sa.Integer()),
    may("declared_value", sa.Text()),
    sa.Index("ix_order_line_item", "site_id", "item_id"),
    sa.Index("ix_order_line_order", "site_id", "order_id"),
)

table(
    "allocation",
    number("order_line_id"),
    key("location", 32),
    key("lot", 32),
    must("item_id", sa.String(64)),
    must("quantity", sa.Integer()),
    must("at", MOMENT),
)

table(
    "return_notice",
    number("notice_id"),
    must("source", sa.String(64)),
    must("ref", sa.String(64)),
    may("customer", sa.String(64)),
    must("item_id", sa.String(64)),
    must("quantity", sa.Integer()),
    may("noticed_at", MOMENT),
)

table(
    "stock_adjustment",
    number("adjustment_id"),
    must("source", sa.String(64)),
    must("ref", sa.String(64)),
    must("item_id", sa.String(64)),
    must("quantity", sa.Integer()),
    may("noticed_at", MOMENT),
    must("status", sa.String(16)),
)

table(
    "import_file",
    number("import_id"),
    must("sha256", sa.String(64)),
    must("name", sa.Text()),
    must("profile", sa.String(64)),
    must("row_count", sa.Integer()),
    must("imported_at", MOMENT),
    sa.Index("uq_import_file_sha256", "site_id", "profile", "sha256", unique=True),
)

table(
    "import_row",
    number("import_id"),
    sa.Column("row_no", sa.Integer(), primary_key=True, autoincrement=False),
    must("ref", sa.String(64)),
    must("row_hash", sa.String(64)),
    must("outcome", sa.String(24)),
    must("reason", sa.Text()),
    may("target", sa.BigInteger()),
    sa.Index("ix_import_row_hash", "site_id", "ref", "row_hash"),
)

"""The tables of what came in: orders, their reservations, and the files they came from."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, String, Table, Text

from sync.store.table_parts.columns import UtcDateTime, metadata, number_key, site_key, text_key

carrier_service = Table(
    "carrier_service",
    metadata,
    site_key(),
    text_key("service", 32),
    Column("name", Text, nullable=False),
    Column("cut_off", String(5), nullable=False),  # "16:30", local time of the site
)

orders = Table(
    "orders",
    metadata,
    site_key(),
    number_key("order_id"),
    Column("order_ref", String(64), nullable=False),  # the customer's or shop's number
    Column("source", String(64), nullable=False),  # the profile or integrator it came from
    Column("customer", String(64)),
    Column("ordered_at", UtcDateTime),
    Column("captured_at", UtcDateTime, nullable=False),
    Column("ship_name", Text, nullable=False),
    Column("ship_lines", JSON, nullable=False),
    Column("ship_postcode", Text, nullable=False),
    Column("ship_city", Text, nullable=False),
    Column("ship_country", Text, nullable=False),
    Column("service", String(32), nullable=False),
    Column("cut_off", UtcDateTime),
    Column("priority", Integer, nullable=False),  # smaller is more urgent
    Column("status", String(16), nullable=False),  # open, held, cancelled: the rest follows from its lines
    Column("cartons_closed", Integer, nullable=False),
)
Index("uq_orders_ref", orders.c.site_id, orders.c.source, orders.c.order_ref, unique=True)
Index("ix_orders_customer", orders.c.site_id, orders.c.customer)

order_hold = Table(
    "order_hold",
    metadata,
    site_key(),
    number_key("order_id"),
    text_key("reason", 48),  # item-unknown, not-sellable, no-price, duplicate, address ...
    Column("text", Text, nullable=False),
    Column("raised_at", UtcDateTime, nullable=False),
    Column("released_at", UtcDateTime),
    Column("released_by", Text),
)

order_line = Table(
    "order_line",
    metadata,
    site_key(),
    number_key("order_line_id"),
    Column("order_id", BigInteger, nullable=False),
    Column("line_no", Integer, nullable=False),
    Column("item_id", String(64), nullable=False),
    Column("description", Text, nullable=False),
    Column("ordered", Integer, nullable=False),
    Column("cancelled", Integer, nullable=False),
    Column("cut", Integer, nullable=False),
    Column("short", Integer, nullable=False),  # looked for and not found anywhere; open again when stock comes
    Column("allocated", Integer, nullable=False),  # reserved and not yet picked
    Column("picked", Integer, nullable=False),  # ever picked and still counted for the line
    Column("packed", Integer, nullable=False),  # in closed cartons
    Column("shipped", Integer, nullable=False),
    Column("declared_value", Text),  # a decimal as text, per piece; only ever declared, never reckoned with
)
Index("ix_order_line_order", order_line.c.site_id, order_line.c.order_id)
Index("ix_order_line_item", order_line.c.site_id, order_line.c.item_id)

allocation = Table(
    "allocation",
    metadata,
    site_key(),
    number_key("order_line_id"),
    text_key("location", 32),
    text_key("lot", 32),
    Column("item_id", String(64), nullable=False),
    Column("quantity", Integer, nullable=False),  # reserved and not on a pick list yet
    Column("at", UtcDateTime, nullable=False),
)

return_notice = Table(
    "return_notice",
    metadata,
    site_key(),
    number_key("notice_id"),
    Column("source", String(64), nullable=False),
    Column("ref", String(64), nullable=False),
    Column("customer", String(64)),
    Column("item_id", String(64), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("noticed_at", UtcDateTime),
)

stock_adjustment = Table(
    "stock_adjustment",
    metadata,
    site_key(),
    number_key("adjustment_id"),
    Column("source", String(64), nullable=False),
    Column("ref", String(64), nullable=False),
    Column("item_id", String(64), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("noticed_at", UtcDateTime),
    Column("status", String(16), nullable=False),  # noted: the location has to be counted first
)

import_file = Table(
    "import_file",
    metadata,
    site_key(),
    number_key("import_id"),
    Column("sha256", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("profile", String(64), nullable=False),
    Column("row_count", Integer, nullable=False),
    Column("imported_at", UtcDateTime, nullable=False),
)
Index("uq_import_file_sha256", import_file.c.site_id, import_file.c.profile, import_file.c.sha256, unique=True)

import_row = Table(
    "import_row",
    metadata,
    site_key(),
    number_key("import_id"),
    Column("row_no", Integer, primary_key=True, autoincrement=False),  # 1 is the first row after the header
    Column("ref", String(64), nullable=False),
    Column("row_hash", String(64), nullable=False),  # of the row's values: the same row twice is told by it
    Column("outcome", String(24), nullable=False),  # order_line, cancellation, return_notice, stock_adjustment, refused
    Column("reason", Text, nullable=False),
    Column("target", BigInteger),  # order_line_id, notice_id or adjustment_id
)
Index("ix_import_row_hash", import_row.c.site_id, import_row.c.ref, import_row.c.row_hash)

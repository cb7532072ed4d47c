"""The tables of the store itself and of the warehouse: places, items, stock."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
)

from sync.store.table_parts.columns import UtcDateTime, metadata, number_key, site_key, text_key

store = Table(
    "store",
    metadata,
    Column("one", Integer, CheckConstraint("one = 1", name="single"), primary_key=True, autoincrement=False),
    Column("incarnation", String(32), nullable=False),  # changes with every restore or promotion
    Column("created_at", UtcDateTime, nullable=False),
)

counter = Table("counter", metadata, site_key(), text_key("name"), Column("value", BigInteger, nullable=False))

site = Table(
    "site",
    metadata,
    site_key(),
    Column("name", Text, nullable=False),
    Column("company_prefix", String(10), nullable=False),
    Column("sender", JSON, nullable=False),  # list of lines
    Column("time_zone", String(64), nullable=False),  # IANA name: cut-offs are local times of day
    Column("rules", JSON, nullable=False),  # what SiteRow adds: confirm_tote ...
)

zone = Table("zone", metadata, site_key(), text_key("zone_id", 16), Column("name", Text, nullable=False))

aisle = Table(
    "aisle",
    metadata,
    site_key(),
    text_key("aisle", 16),
    Column("zone_id", String(16), nullable=False),
    Column("x_m", Float, nullable=False),
    Column("length_m", Float, nullable=False),
)

location = Table(
    "location",
    metadata,
    site_key(),
    text_key("code", 32),
    Column("zone_id", String(16), nullable=False),
    Column("aisle", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("position", Integer, nullable=False),  # on the pick path
    Column("x_m", Float, nullable=False),
    Column("y_m", Float, nullable=False),
    Column("z_m", Float, nullable=False),
    Column("check_digits", String(2), nullable=False),
    Column("blocked", String(32)),  # None, or why: "reported-empty", "short", "frozen"
)

item = Table(
    "item",
    metadata,
    site_key(),
    text_key("item_id"),
    Column("name", Text, nullable=False),
    Column("sellable", Boolean, nullable=False),
    Column("lot_tracked", Boolean, nullable=False),
    Column("serial_tracked", Boolean, nullable=False),
    Column("expiry_tracked", Boolean, nullable=False),
    Column("demand_class", String(1)),  # A, B, C
    Column("catch_weight", Boolean, nullable=False, server_default=false()),  # sold by weight
)

packaging = Table(
    "packaging",
    metadata,
    site_key(),
    text_key("item_id"),
    text_key("packaging", 16),  # each, inner, case
    Column("pieces", Integer, nullable=False),
    Column("weight_g", Integer),
    Column("length_mm", Integer),
    Column("width_mm", Integer),
    Column("height_mm", Integer),
)

item_barcode = Table(
    "item_barcode",
    metadata,
    site_key(),
    text_key("gtin", 14),
    Column("item_id", String(64), nullable=False),
    Column("packaging", String(16), nullable=False),
)
Index("ix_item_barcode_item", item_barcode.c.site_id, item_barcode.c.item_id)

stock = Table(
    "stock",
    metadata,
    site_key(),
    text_key("location", 32),
    text_key("item_id"),
    text_key("lot", 32),  # "" where the item has no lots
    Column("expiry", Date),
    Column("on_hand", Integer, nullable=False),  # may fall below zero: a physical fact is never refused
    Column("allocated", Integer, CheckConstraint("allocated >= 0", name="allocated"), nullable=False),
)
Index("ix_stock_item", stock.c.site_id, stock.c.item_id)

stock_move = Table(
    "stock_move",
    metadata,
    site_key(),
    text_key("cause"),  # an event id, "import:<n>", "demo", "ship:<sscc>" ...
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("item_id", String(64), nullable=False),
    Column("lot", String(32), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("source", String(48), nullable=False),  # "location:A03-12-2", "tote:T-000193", "carton:<sscc>", "outside"
    Column("target", String(48), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
Index("ix_stock_move_item", stock_move.c.site_id, stock_move.c.item_id)

serial = Table(
    "serial",
    metadata,
    site_key(),
    text_key("item_id"),
    text_key("serial"),
    Column("lot", String(32), nullable=False),
    Column("place", String(48), nullable=False),  # as in stock_move
)

count_task = Table(
    "count_task",
    metadata,
    site_key(),
    number_key("task_id"),
    Column("location", String(32), nullable=False),
    Column("item_id", String(64)),  # None: all that is there
    Column("why", String(32), nullable=False),
    Column("cause", String(64), nullable=False),  # the event that asked for it, or "lead:<name>"
    Column("priority", Integer, nullable=False),
    Column("status", String(16), nullable=False),  # open, held, done
    Column("terminal_id", String(64)),
    Column("worker_id", String(64)),
    Column("not_by", String(64)),  # the first counter, when somebody else shall count again
    Column("first_finds", JSON),  # what the first counter found
    Column("opened_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
)
Index("ix_count_task_location", count_task.c.site_id, count_task.c.location)

replenishment = Table(
    "replenishment",
    metadata,
    site_key(),
    text_key("cause"),  # the event that asked for it
    Column("location", String(32), nullable=False),
    Column("item_id", String(64), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
)

site_file = Table(
    "site_file",
    metadata,
    site_key(),
    text_key("name", 32),  # waves, carts, walls, reasons
    Column("text", Text, nullable=False),  # TOML, as the site wrote it
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", Text, nullable=False),
)

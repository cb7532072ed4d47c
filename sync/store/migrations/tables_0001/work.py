"""The first tables: waves, pick lists, totes, cartons and labels."""

import sqlalchemy as sa

from sync.store.migrations.tables_0001.columns import MOMENT, key, may, must, number, table

table("wave", number("wave_id"), must("released_at", MOMENT), may("cut_off", MOMENT), may("service", sa.String(32)))

table(
    "pick_list",
    number("list_id"),
    must("wave_id", sa.BigInteger()),
    must("kind", sa.String(16)),
    must("order_id", sa.BigInteger()),
    must("status", sa.String(16)),
    must("priority", sa.Integer()),
    may("cut_off", MOMENT),
    may("terminal_id", sa.String(64)),
    may("worker_id", sa.String(64)),
    must("token", sa.BigInteger()),
    must("totes", sa.JSON()),
    must("line_count", sa.Integer()),
    must("piece_count", sa.Integer()),
    sa.Index("ix_pick_list_order", "site_id", "order_id"),
    sa.Index("ix_pick_list_status", "site_id", "status"),
)

table(
    "pick_line",
    number("line_id"),
    must("list_id", sa.BigInteger()),
    must("order_id", sa.BigInteger()),
    must("order_line_id", sa.BigInteger()),
    must("item_id", sa.String(64)),
    must("location", sa.String(32)),
    must("lot", sa.String(32)),
    may("expiry", sa.Date()),
    must("lots_here", sa.Integer()),
    must("position", sa.Integer()),
    must("passes", sa.Integer()),
    must("asked", sa.Integer()),
    must("picked", sa.Integer()),
    must("put", sa.Integer()),
    must("shorted", sa.Integer()),
    must("surplus", sa.Integer()),
    must("located", sa.Boolean()),
    sa.Index("ix_pick_line_list", "site_id", "list_id"),
    sa.Index("ix_pick_line_location", "site_id", "location"),
    sa.Index("ix_pick_line_order_line", "site_id", "order_line_id"),
)

table(
    "tote",
    key("tote", 32),
    must("status", sa.String(16)),
    may("list_id", sa.BigInteger()),
    may("order_id", sa.BigInteger()),
    may("sscc", sa.String(18)),
    must("labels_sent", sa.Integer()),
    must("label_proven", sa.Boolean()),
)

table(
    "tote_content",
    key("tote", 32),
    number("order_line_id"),
    key("lot", 32),
    must("item_id", sa.String(64)),
    must("quantity", sa.Integer()),
    must("verified", sa.Integer()),
)

table(
    "carton",
    key("sscc", 18),
    must("order_id", sa.BigInteger()),
    must("carton_no", sa.Integer()),
    must("tote", sa.String(32)),
    may("weight_g", sa.Integer()),
    must("closed_at", MOMENT),
    may("shipped_at", MOMENT),
    sa.Index("ix_carton_order", "site_id", "order_id"),
)

table(
    "carton_content",
    key("sscc", 18),
    number("order_line_id"),
    key("lot", 32),
    must("item_id", sa.String(64)),
    must("quantity", sa.Integer()),
)

table(
    "label",
    key("sscc", 18),
    must("sent", sa.Integer()),
    may("proven_at", MOMENT),
    must("last_outcome", sa.String(16)),
    must("printer", sa.Text()),
)

table(
    "sscc_range",
    number("range_id"),
    must("terminal_id", sa.String(64)),
    must("first", sa.BigInteger()),
    must("last", sa.BigInteger()),
)

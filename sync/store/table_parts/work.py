"""The tables of the floor's work: waves, pick lists, totes, cartons, labels."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, Index, Integer, String, Table, Text, false

from sync.store.table_parts.columns import UtcDateTime, metadata, number_key, site_key, text_key

wave = Table(
    "wave",
    metadata,
    site_key(),
    number_key("wave_id"),
    Column("released_at", UtcDateTime, nullable=False),
    Column("cut_off", UtcDateTime),
    Column("service", String(32)),
)

pick_list = Table(
    "pick_list",
    metadata,
    site_key(),
    number_key("list_id"),
    Column("wave_id", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("status", String(16), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("cut_off", UtcDateTime),
    Column("terminal_id", String(64)),
    Column("worker_id", String(64)),
    Column("token", BigInteger, nullable=False),
    Column("move_to", String(64)),  # a soft move: the terminal that gets it at the holder's contact or its lease's end
    Column("move_by", Text),
    Column("move_at", UtcDateTime),  # when the move was asked for
    Column("totes", JSON, nullable=False),
    Column("tote_gone", Boolean, nullable=False, server_default=false()),  # with who had the list before: bind another
    Column("line_count", Integer, nullable=False),
    Column("piece_count", Integer, nullable=False),
)
Index("ix_pick_list_status", pick_list.c.site_id, pick_list.c.status)
Index("ix_pick_list_order", pick_list.c.site_id, pick_list.c.order_id)

pick_line = Table(
    "pick_line",
    metadata,
    site_key(),
    number_key("line_id"),
    Column("list_id", BigInteger, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("order_line_id", BigInteger, nullable=False),
    Column("item_id", String(64), nullable=False),
    Column("location", String(32), nullable=False),
    Column("lot", String(32), nullable=False),
    Column("expiry", Date),
    Column("lots_here", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("passes", Integer, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("picked", Integer, nullable=False),
    Column("put", Integer, nullable=False),
    Column("shorted", Integer, nullable=False),
    Column("surplus", Integer, nullable=False),
    Column("located", Boolean, nullable=False),
)
Index("ix_pick_line_list", pick_line.c.site_id, pick_line.c.list_id)
Index("ix_pick_line_order_line", pick_line.c.site_id, pick_line.c.order_line_id)
Index("ix_pick_line_location", pick_line.c.site_id, pick_line.c.location)

tote = Table(
    "tote",
    metadata,
    site_key(),
    text_key("tote", 32),
    Column("status", String(16), nullable=False),
    Column("list_id", BigInteger),
    Column("order_id", BigInteger),
    Column("sscc", String(18)),  # of the carton that is being packed from it
    Column("labels_sent", Integer, nullable=False),
    Column("label_proven", Boolean, nullable=False),
)

tote_content = Table(
    "tote_content",
    metadata,
    site_key(),
    text_key("tote", 32),
    number_key("order_line_id"),
    text_key("lot", 32),
    Column("item_id", String(64), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("verified", Integer, nullable=False),
)

carton = Table(
    "carton",
    metadata,
    site_key(),
    text_key("sscc", 18),
    Column("order_id", BigInteger, nullable=False),
    Column("carton_no", Integer, nullable=False),
    Column("tote", String(32), nullable=False),
    Column("weight_g", Integer),
    Column("closed_at", UtcDateTime, nullable=False),
    Column("shipped_at", UtcDateTime),
)
Index("ix_carton_order", carton.c.site_id, carton.c.order_id)

carton_content = Table(
    "carton_content",
    metadata,
    site_key(),
    text_key("sscc", 18),
    number_key("order_line_id"),
    text_key("lot", 32),
    Column("item_id", String(64), nullable=False),
    Column("quantity", Integer, nullable=False),
)

label = Table(
    "label",
    metadata,
    site_key(),
    text_key("sscc", 18),
    Column("sent", Integer, nullable=False),
    Column("proven_at", UtcDateTime),
    Column("last_outcome", String(16), nullable=False),
    Column("printer", Text, nullable=False),
)

sscc_range = Table(
    "sscc_range",
    metadata,
    site_key(),
    number_key("range_id"),
    Column("terminal_id", String(64), nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
)

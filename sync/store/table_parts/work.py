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
    Column("order_id", BigInteger),  # None: lines of several orders
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
    Column("zone_id", String(16)),  # all its lines lie there: it is picked by that zone's people
    Column("trip_id", BigInteger),  # the zones' parts of one order
    Column("leg", Integer, nullable=False, server_default="0"),  # pick and pass: its place among them
    Column("hurried", Boolean, nullable=False, server_default=false()),  # a sister zone is done
    Column("batch_id", BigInteger),  # sorted together at a put wall
    Column("cart", String(32)),  # the cart profile that a batch was planned for
)
Index("ix_pick_list_status", pick_list.c.site_id, pick_list.c.status)
Index("ix_pick_list_order", pick_list.c.site_id, pick_list.c.order_id)
Index("ix_pick_list_trip", pick_list.c.site_id, pick_list.c.trip_id)
Index("ix_pick_list_batch", pick_list.c.site_id, pick_list.c.batch_id)

list_order = Table(
    "list_order",
    metadata,
    site_key(),
    number_key("list_id"),
    number_key("order_id"),
    Column("position", Integer, nullable=False),  # on the cart, from 1 on
    Column("totes", JSON, nullable=False),  # bound by scan, the one in use last
    Column("tote_gone", Boolean, nullable=False, server_default=false()),  # with who had the cart before
    Column("handed_over", Boolean, nullable=False),
)
Index("ix_list_order_order", list_order.c.site_id, list_order.c.order_id)

trip = Table(
    "trip",
    metadata,
    site_key(),
    number_key("trip_id"),
    Column("order_id", BigInteger, nullable=False),
    Column("place", String(32)),  # parallel zones: where the first tote was put, and the others come
)

batch = Table(
    "batch",
    metadata,
    site_key(),
    number_key("batch_id"),
    Column("status", String(16), nullable=False),  # picking, sorting, closed
    Column("wall", String(16)),  # where its orders have their cubbies
    Column("put", Integer, nullable=False, server_default="0"),  # pieces that went from its totes into cubbies
    Column("returned", Integer, nullable=False, server_default="0"),  # back to locations
    Column("reported", Integer, nullable=False, server_default="0"),  # missing, damaged, or gone another way
    Column("made_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
)

cubby = Table(
    "cubby",
    metadata,
    site_key(),
    text_key("tote", 32),  # its code: a cubby is a tote that never moves
    Column("wall", String(16), nullable=False),
    Column("label", String(8), nullable=False),
    Column("place", Integer, nullable=False),  # its order on the wall: the first free one is taken
    Column("stands_at", String(32)),  # the location of its wall
    Column("batch_id", BigInteger),
    Column("order_id", BigInteger),
)
Index("ix_cubby_batch", cubby.c.site_id, cubby.c.batch_id)

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
    Column("on_hand", Integer, nullable=False, server_default="0"),  # there when the line was planned, granted, picked
    Column("lots", JSON),  # the item's lots there, then: [lot, expiry or null, available]
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
    Column("place", String(32)),  # where it was put down last
    Column("batch_id", BigInteger),  # of a bulk tote
    Column("terminal_id", String(64)),  # who sorts it
    Column("carrier_label", Integer),  # the number of the carrier's label that the carton has
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
    Column("weight_g", Integer, nullable=False, server_default="0"),  # of all of them, where sold by weight
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
    Column("weight_g", Integer, nullable=False, server_default="0"),
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

carrier_label = Table(
    "carrier_label",
    metadata,
    site_key(),
    number_key("order_id"),
    Column("carton_no", Integer, primary_key=True, autoincrement=False),
    Column("zpl", Text),  # none: its carton is closed, or nothing of the order is to be packed any more
    Column("barcode", String(64)),
    Column("sscc", String(18)),  # of the carton that has it
    Column("given_at", UtcDateTime, nullable=False),
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

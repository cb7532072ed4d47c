"""The tables of people and devices, of the ledgers that came up, and of the feed that goes down."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from sync.store.table_parts.columns import UtcDateTime, metadata, number_key, site_key, text_key

worker = Table(
    "worker",
    metadata,
    site_key(),
    text_key("worker_id"),
    Column("badge", String(32), nullable=False),
    Column("name", Text, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("language", String(8), nullable=False),
    Column("pin_hash", Text),
    Column("active", Boolean, nullable=False),
    Column("zone_id", String(16)),  # where they pick: chosen at a terminal, or as a lead has said; None: anywhere
)
Index("uq_worker_badge", worker.c.site_id, worker.c.badge, unique=True)

terminal = Table(
    "terminal",
    metadata,
    site_key(),
    text_key("terminal_id"),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("worker_id", String(64)),  # who is signed in there, as far as the store knows
    Column("public_key", String(64)),  # Ed25519, hex; None: never enrolled
    Column("scopes", JSON),  # a list: what it was enrolled for (pack, rescue)
    Column("enrolled_at", UtcDateTime),
    Column("enrolled_by", Text),
    Column("revoked_at", UtcDateTime),  # from then on its facts go to quarantine and it is told nothing
    Column("revoked_by", Text),
    Column("release", String(32)),  # of the program that runs there, as it says
    Column("owed", Integer, nullable=False, server_default="0"),  # facts that it said it had not delivered yet
    Column("owed_since", UtcDateTime),
)

stream = Table(
    "stream",
    metadata,
    site_key(),
    text_key("stream_id", 32),
    Column("terminal_id", String(64), nullable=False),
    Column("hwm", BigInteger, nullable=False),
    Column("head_h", String(64), nullable=False),
    Column("safe_seq", BigInteger, nullable=False, server_default="0"),  # up to here it is in a backup that was read
)

event = Table(
    "event",
    metadata,
    site_key(),
    text_key("stream_id", 32),
    number_key("seq"),
    Column("event_id", String(32), nullable=False),
    Column("h", String(64), nullable=False),
    Column("kind", String(48), nullable=False),
    Column("body", LargeBinary, nullable=False),  # as it came, byte for byte: the hash chain goes over it
    Column("received_at", UtcDateTime, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("reason", Text),
    Column("undoes", String(32)),  # the event that this one took back
    Column("seal", String(32)),  # of the entry with its verdict: the chain goes over the entry alone
    Column("replayed", Text),  # of a quarantined one: the verdict it would have got, once a person had it judged again
)
Index("ix_event_undoes", event.c.site_id, event.c.undoes)
Index("ix_event_event_id", event.c.site_id, event.c.event_id)

discrepancy = Table(
    "discrepancy",
    metadata,
    site_key(),
    text_key("discrepancy_id", 64),  # the event that opened it, with its part
    Column("kind", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("order_id", BigInteger),
    Column("item_id", String(64)),
    Column("place", String(48)),
    Column("quantity", Integer, nullable=False),
    Column("terminal_id", String(64)),
    Column("worker_id", String(64)),
    Column("other", JSON(none_as_null=True)),  # the other side of a collision: terminal_id, worker_id, says
    Column("opened_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("settled_by", Text),
    Column("settlement", Text),
    Column("followed", JSON(none_as_null=True)),  # of a reason: what the site's table has done (`Then`)
)

feed_head = Table(
    "feed_head",
    metadata,
    site_key(),
    Column("n", BigInteger, nullable=False),
    Column("purged", BigInteger, nullable=False, server_default="0"),  # cursors before it must begin anew
)

feed = Table(
    "feed",
    metadata,
    site_key(),
    text_key("kind", 16),
    text_key("key"),
    Column("n", BigInteger, nullable=False),  # commit-ordered: drawn from feed_head as the last statement
    Column("audience", String(80), nullable=False),  # "*": the whole site; "t:HH-07"; "pack"; "-": nobody
    Column("left", Text, nullable=False),  # ",t:HH-07,pack,": audiences that had the row and must forget it
    Column("deleted", Boolean, nullable=False),
    Column("at", UtcDateTime),  # of the newest change: what is deleted or has left is forgotten 30 days later
)
Index("ix_feed_n", feed.c.site_id, feed.c.n)

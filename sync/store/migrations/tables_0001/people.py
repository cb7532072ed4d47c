"""The first tables: workers, terminals, their ledgers and the feed."""

import sqlalchemy as sa

from sync.store.migrations.tables_0001.columns import MOMENT, key, may, must, number, table

table(
    "worker",
    key("worker_id"),
    must("badge", sa.String(32)),
    must("name", sa.Text()),
    must("roles", sa.JSON()),
    must("language", sa.String(8)),
    may("pin_hash", sa.Text()),
    must("active", sa.Boolean()),
    sa.Index("uq_worker_badge", "site_id", "badge", unique=True),
)

table(
    "terminal",
    key("terminal_id"),
    must("first_seen_at", MOMENT),
    must("last_seen_at", MOMENT),
    may("worker_id", sa.String(64)),
)

table(
    "stream",
    key("stream_id", 32),
    must("terminal_id", sa.String(64)),
    must("hwm", sa.BigInteger()),
    must("head_h", sa.String(64)),
)

table(
    "event",
    key("stream_id", 32),
    number("seq"),
    must("event_id", sa.String(32)),
    must("h", sa.String(64)),
    must("kind", sa.String(48)),
    must("body", sa.LargeBinary()),
    must("received_at", MOMENT),
    must("verdict", sa.String(16)),
    may("reason", sa.Text()),
    may("undoes", sa.String(32)),
    sa.Index("ix_event_event_id", "site_id", "event_id"),
    sa.Index("ix_event_undoes", "site_id", "undoes"),
)

table(
    "discrepancy",
    key("discrepancy_id"),
    must("kind", sa.String(32)),
    must("text", sa.Text()),
    may("order_id", sa.BigInteger()),
    may("item_id", sa.String(64)),
    may("place", sa.String(48)),
    must("quantity", sa.Integer()),
    may("terminal_id", sa.String(64)),
    may("worker_id", sa.String(64)),
    must("opened_at", MOMENT),
    may("settled_at", MOMENT),
    may("settled_by", sa.Text()),
    may("settlement", sa.Text()),
)

table("feed_head", must("n", sa.BigInteger()))

table(
    "feed",
    key("kind", 16),
    key("key"),
    must("n", sa.BigInteger()),
    must("audience", sa.String(80)),
    must("left", sa.Text()),
    must("deleted", sa.Boolean()),
    sa.Index("ix_feed_n", "site_id", "n"),
)

"""The tables of who may do what: codes that enrol terminals, keys of integrators, secrets, the audit trail."""

from __future__ import annotations

from sqlalchemy import JSON, Column, String, Table, Text

from sync.store.table_parts.columns import UtcDateTime, metadata, number_key, site_key, text_key

enrolment = Table(
    "enrolment",
    metadata,
    site_key(),
    text_key("code_hash"),  # SHA-256 of the code, hex: the code itself is shown once and kept nowhere
    Column("terminal_id", String(64), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

api_key = Table(
    "api_key",
    metadata,
    site_key(),
    text_key("key_id", 16),
    Column("name", Text, nullable=False),  # whose it is
    Column("roles", JSON, nullable=False),  # of `sync.record.rows.Role`
    Column("secret_hash", String(64), nullable=False),  # SHA-256, hex: the secret has 256 random bits
    Column("made_by", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)

site_secret = Table(
    "site_secret",
    metadata,
    site_key(),
    text_key("name", 32),  # pin-pepper
    Column("value", Text, nullable=False),
)

confirmation = Table(
    "confirmation",
    metadata,
    site_key(),
    text_key("code", 8),
    Column("digest", String(64), nullable=False),  # SHA-256, hex: of what is to be done, and who asks
    Column("what", String(48), nullable=False),
    Column("about", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("confirmed_by", Text),
    Column("used_at", UtcDateTime),
)

audit = Table(
    "audit",
    metadata,
    site_key(),
    number_key("n"),
    Column("at", UtcDateTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", String(48), nullable=False),
    Column("about", Text, nullable=False),
    Column("detail", JSON, nullable=False),
    Column("h", String(64), nullable=False),  # SHA-256 over the hash before it and this row: a chain
)

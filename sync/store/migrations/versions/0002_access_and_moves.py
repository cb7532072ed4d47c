"""Who may do what: enrolled terminals, keys, the audit trail; and lists that a lead moves."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _columns(
        "terminal",
        sa.Column("public_key", sa.String(64)),
        sa.Column("scopes", sa.JSON()),
        sa.Column("enrolled_at", MOMENT),
        sa.Column("enrolled_by", sa.Text()),
        sa.Column("revoked_at", MOMENT),
        sa.Column("revoked_by", sa.Text()),
        sa.Column("release", sa.String(32)),
        sa.Column("owed", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("owed_since", MOMENT),
    )
    _columns("event", sa.Column("seal", sa.String(32)), sa.Column("replayed", sa.Text()))
    _columns("stream", sa.Column("safe_seq", sa.BigInteger(), nullable=False, server_default="0"))
    _columns("feed_head", sa.Column("purged", sa.BigInteger(), nullable=False, server_default="0"))
    _columns("feed", sa.Column("at", MOMENT))
    _columns(
        "pick_list",
        sa.Column("move_to", sa.String(64)),
        sa.Column("move_by", sa.Text()),
        sa.Column("move_at", MOMENT),
        sa.Column("tote_gone", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    _columns("discrepancy", sa.Column("other", sa.JSON()))
    _tables_of_access()


def _tables_of_access() -> None:
    _table(
        "enrolment",
        sa.Column("code_hash", sa.String(64), primary_key=True),
        sa.Column("terminal_id", sa.String(64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
    )
    _table(
        "api_key",
        sa.Column("key_id", sa.String(16), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
    )
    _table(
        "confirmation",
        sa.Column("code", sa.String(8), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("what", sa.String(48), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("confirmed_by", sa.Text()),
        sa.Column("used_at", MOMENT),
    )
    _table(
        "site_secret",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
    _table(
        "audit",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.String(48), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("h", sa.String(64), nullable=False),
    )


def _columns(table: str, *columns: sa.Column[object]) -> None:
    for column in columns:
        op.add_column(table, column)


def _table(name: str, *columns: sa.Column[object]) -> None:
    keys = ["site_id", *(column.name for column in columns if column.primary_key)]
    for column in columns:
        column.primary_key = False
    op.create_table(
        name,
        sa.Column("site_id", sa.String(32), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint(*keys, name=f"pk_{name}"),
    )

"""Zone and batch picking: carts, trips of totes through zones, batches and cubbies, counts, the site's own files."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("pick_list") as pick_list:
        pick_list.alter_column("order_id", existing_type=sa.BigInteger(), nullable=True)
    _columns(
        "pick_list",
        sa.Column("zone_id", sa.String(16)),
        sa.Column("trip_id", sa.BigInteger()),
        sa.Column("leg", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("hurried", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("batch_id", sa.BigInteger()),
        sa.Column("cart", sa.String(32)),
    )
    _columns(
        "tote",
        sa.Column("place", sa.String(32)),
        sa.Column("batch_id", sa.BigInteger()),
        sa.Column("terminal_id", sa.String(64)),
    )
    _columns(
        "pick_line",
        sa.Column("on_hand", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("lots", sa.JSON()),
    )
    for table in ("tote_content", "carton_content"):
        _columns(table, sa.Column("weight_g", sa.Integer(), nullable=False, server_default="0"))
    _columns("item", sa.Column("catch_weight", sa.Boolean(), nullable=False, server_default=sa.false()))
    _columns("discrepancy", sa.Column("followed", sa.JSON()))
    _columns("worker", sa.Column("zone_id", sa.String(16)))
    op.create_index("ix_pick_list_trip", "pick_list", ["site_id", "trip_id"])
    op.create_index("ix_pick_list_batch", "pick_list", ["site_id", "batch_id"])
    _tables_of_work()
    _tables_of_the_warehouse()


def _tables_of_work() -> None:
    _table(
        "list_order",
        sa.Column("list_id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("order_id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("totes", sa.JSON(), nullable=False),
        sa.Column("tote_gone", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("handed_over", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_list_order_order", "list_order", ["site_id", "order_id"])
    _table(
        "trip",
        sa.Column("trip_id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.String(32)),
    )
    _table(
        "batch",
        sa.Column("batch_id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("wall", sa.String(16)),
        sa.Column("put", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("returned", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("reported", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
    )
    _table(
        "cubby",
        sa.Column("tote", sa.String(32), primary_key=True),
        sa.Column("wall", sa.String(16), nullable=False),
        sa.Column("label", sa.String(8), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("stands_at", sa.String(32)),
        sa.Column("batch_id", sa.BigInteger()),
        sa.Column("order_id", sa.BigInteger()),
    )
    op.create_index("ix_cubby_batch", "cubby", ["site_id", "batch_id"])


def _tables_of_the_warehouse() -> None:
    _table(
        "count_task",
        sa.Column("task_id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("location", sa.String(32), nullable=False),
        sa.Column("item_id", sa.String(64)),
        sa.Column("why", sa.String(32), nullable=False),
        sa.Column("cause", sa.String(64), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("terminal_id", sa.String(64)),
        sa.Column("worker_id", sa.String(64)),
        sa.Column("not_by", sa.String(64)),
        sa.Column("first_finds", sa.JSON()),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
    )
    op.create_index("ix_count_task_location", "count_task", ["site_id", "location"])
    _table(
        "replenishment",
        sa.Column("cause", sa.String(64), primary_key=True),
        sa.Column("location", sa.String(32), nullable=False),
        sa.Column("item_id", sa.String(64), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
    )
    _table(
        "site_file",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
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

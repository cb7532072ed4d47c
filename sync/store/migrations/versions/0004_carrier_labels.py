"""Carriers' labels: what is to be printed on a carton of an order, and which carton has it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tote", sa.Column("carrier_label", sa.Integer()))
    op.create_table(
        "carrier_label",
        sa.Column("site_id", sa.String(32), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("carton_no", sa.Integer(), nullable=False),
        sa.Column("zpl", sa.Text()),
        sa.Column("barcode", sa.String(64)),
        sa.Column("sscc", sa.String(18)),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "order_id", "carton_no", name="pk_carrier_label"),
    )

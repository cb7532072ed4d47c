"""The first tables."""

from alembic import op

from sync.store.migrations.tables_0001 import orders, people, warehouse, work
from sync.store.migrations.tables_0001.columns import first

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PARTS = (warehouse, orders, work, people)
"""The modules that fill `first`."""


def upgrade() -> None:
    first.create_all(op.get_bind(), checkfirst=False)

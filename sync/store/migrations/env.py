"""How Alembic reaches the store's database: over the connection that `sync.store.schema` hands in."""

from alembic import context

from sync.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # on SQLite too: its driver is told where transactions begin
)
with context.begin_transaction():
    context.run_migrations()

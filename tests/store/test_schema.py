"""The store's tables: made by migrations, the same on both databases as the models say."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text

import sync.store.migrations
from sync.store import tables as t
from sync.store.database import open_engine
from sync.store.schema import SchemaRefused, Standing, create_or_upgrade, schema_state
from sync.store.site_files.files import SiteFile, shipped
from sync.store.site_files.reasons import parse_reasons
from sync.store.tables import metadata

MIGRATIONS = Path(sync.store.migrations.__file__).parent


def test_migrations_make_exactly_the_tables_of_the_models(empty_database: str) -> None:
    create_or_upgrade(empty_database)
    engine = open_engine(empty_database)
    with engine.connect() as conn:
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(conn, opts=options), metadata) == []
    engine.dispose()


def test_constraints_agree_with_the_models_by_name_and_text(empty_database: str) -> None:
    """Alembic compares neither checks nor the names of keys, so the database is asked for both."""
    create_or_upgrade(empty_database)
    by_migration = _constraints(empty_database)
    engine = open_engine(empty_database)
    with engine.begin() as conn:
        metadata.drop_all(conn)
        metadata.create_all(conn)
    engine.dispose()
    assert by_migration == _constraints(empty_database)
    assert [name for name, *_ in by_migration["stock"][1]] == ["ck_stock_allocated"]


def _constraints(url: str) -> dict[str, tuple[object, list[tuple[str | None, str]]]]:
    engine = open_engine(url)
    with engine.connect() as conn:
        tables = inspect(conn)
        found: dict[str, tuple[object, list[tuple[str | None, str]]]] = {
            name: (
                tables.get_pk_constraint(name),
                sorted((check["name"], check["sqltext"]) for check in tables.get_check_constraints(name)),
            )
            for name in metadata.tables
        }
    engine.dispose()
    return found


def test_an_empty_database_becomes_current_and_a_second_run_changes_nothing(empty_database: str) -> None:
    assert schema_state(empty_database).standing is Standing.EMPTY
    before = create_or_upgrade(empty_database)
    assert before.standing is Standing.EMPTY
    assert schema_state(empty_database).standing is Standing.CURRENT
    assert create_or_upgrade(empty_database) == schema_state(empty_database)


def test_a_database_of_a_newer_version_is_left_alone(empty_database: str) -> None:
    create_or_upgrade(empty_database)
    engine = open_engine(empty_database)
    with engine.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert schema_state(empty_database).standing is Standing.AHEAD
    with pytest.raises(SchemaRefused, match="newer version"):
        create_or_upgrade(empty_database)


def test_a_database_with_foreign_tables_is_left_alone(empty_database: str) -> None:
    engine = open_engine(empty_database)
    with engine.begin() as conn:
        conn.execute(text("CREATE TABLE wp_posts (id INTEGER)"))
    with pytest.raises(SchemaRefused, match="not the order store's"):
        create_or_upgrade(empty_database)
    with engine.connect() as conn:
        assert inspect(conn).get_table_names() == ["wp_posts"]
    engine.dispose()


def test_a_migration_that_fails_leaves_nothing_behind(empty_database: str) -> None:
    # A view is no table of somebody else's; it only has a name that the migration wants in its middle.
    engine = open_engine(empty_database)
    with engine.begin() as conn:
        conn.execute(text("CREATE VIEW worker AS SELECT 1 AS one"))
    with pytest.raises(Exception, match="worker"):
        create_or_upgrade(empty_database)
    with engine.connect() as conn:
        assert inspect(conn).get_table_names() == []
    engine.dispose()


def test_two_upgrades_at_once_make_the_tables_once(empty_database: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        states = list(pool.map(create_or_upgrade, [empty_database, empty_database]))
    assert sorted(state.standing for state in states) == [Standing.CURRENT, Standing.EMPTY]


def test_a_store_of_before_the_ways_of_picking_tells_its_terminals_of_zones_and_reasons(empty_database: str) -> None:
    engine = open_engine(empty_database)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with engine.connect().execution_options(floorhand_write=True) as conn, conn.begin():
        config.attributes["connection"] = conn
        command.upgrade(config, "0002")
        conn.execute(text("INSERT INTO feed_head (site_id, n, purged) VALUES ('main', 7, 0)"))
        columns = "site_id, name, company_prefix, sender, time_zone, rules"
        conn.execute(text(f"INSERT INTO site ({columns}) VALUES ('main', 'Main', '9521234', '[]', 'UTC', '{{}}')"))
        conn.execute(text("INSERT INTO zone (site_id, zone_id, name) VALUES ('main', 'A', 'Zone A')"))
    assert create_or_upgrade(empty_database).standing is Standing.BEHIND
    told = select(t.feed.c.kind, t.feed.c.key, t.feed.c.n).order_by(t.feed.c.n)
    with engine.connect() as conn:
        rows = conn.execute(told).all()
    assert rows[0] == ("zone", "A", 8)
    assert [(row.kind, row.key) for row in rows[1:]] == [
        ("reason", reason.code) for reason in parse_reasons(shipped(SiteFile.REASONS))
    ]
    create_or_upgrade(empty_database)
    with engine.connect() as conn:
        assert conn.execute(told).all() == rows
    engine.dispose()

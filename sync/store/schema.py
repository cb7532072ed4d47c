"""The shape of the store's database: made, brought up to date, and told apart from what is not ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text

from sync.record.ids import SiteId
from sync.store.database import open_engine
from sync.store.tables import site
from sync.store.told_anew import tell_anew
from sync.store.unit_of_work import UnitOfWork

_ONE_UPGRADE_AT_A_TIME = 0x466C6F6F  # any number that nobody else locks


class Standing(StrEnum):
    EMPTY = "empty"
    """No tables at all: `create_or_upgrade` makes them."""
    CURRENT = "current"
    BEHIND = "behind"
    """Made by an older version: `create_or_upgrade` brings it up to date."""
    AHEAD = "ahead"
    """Made by a newer version of the program than this one."""
    FOREIGN = "foreign"
    """It has tables that are not ours."""


@dataclass(frozen=True, slots=True)
class SchemaState:
    standing: Standing
    revision: str | None
    """What the database has; None: nothing of ours."""
    newest: str
    """What this program wants."""


class SchemaRefused(Exception):
    """The database cannot be used by this program; the text says why and what to do."""


def create_or_upgrade(url: str) -> SchemaState:
    """Make the tables in an empty database or bring older ones up to date; whole or not at all.

    Returns:
        How it stood before.

    Raises:
        SchemaRefused: the database belongs to a newer version or to something else.
        UnusableDatabase: the URL names no database that the store can use.
    """
    engine = open_engine(url)
    try:
        with engine.connect().execution_options(floorhand_write=True) as conn, conn.begin():
            if conn.dialect.name == "postgresql":
                conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ONE_UPGRADE_AT_A_TIME})
            before = _state(conn)
            _check_ours(before)
            if before.standing is not Standing.CURRENT:
                config = _config()
                config.attributes["connection"] = conn
                command.upgrade(config, "head")
                _tell_anew(conn)
            return before
    finally:
        engine.dispose()


def _tell_anew(conn: Connection) -> None:
    for site_id in list(conn.scalars(select(site.c.site_id).order_by(site.c.site_id))):
        work = UnitOfWork(conn, SiteId(site_id), datetime.now(UTC))
        tell_anew(work)
        work.number_changes()


def schema_state(url: str) -> SchemaState:
    """How the database stands; nothing is changed.

    Raises:
        UnusableDatabase: the URL names no database that the store can use.
    """
    engine = open_engine(url)
    try:
        with engine.connect() as conn:
            return _state(conn)
    finally:
        engine.dispose()


def _check_ours(state: SchemaState) -> None:
    if state.standing is Standing.AHEAD:
        raise SchemaRefused(
            f"The database was made by a newer version (it stands at {state.revision}, this program knows up to "
            f"{state.newest}). Nothing was changed. Install the newer version, or name another database."
        )
    if state.standing is Standing.FOREIGN:
        raise SchemaRefused(
            "The database has tables that are not the order store's. Nothing was changed. Name an empty database."
        )


def _state(conn: Connection) -> SchemaState:
    scripts = ScriptDirectory.from_config(_config())
    newest = scripts.get_current_head()
    if newest is None:
        raise RuntimeError("the migrations are missing from this installation")
    revision = MigrationContext.configure(conn).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    if revision is None:
        standing = Standing.FOREIGN if inspect(conn).get_table_names() else Standing.EMPTY
    elif revision == newest:
        standing = Standing.CURRENT
    else:
        standing = Standing.BEHIND if revision in known else Standing.AHEAD
    return SchemaState(standing, revision, newest)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config

"""Making a store: its tables, its identity, and a demo warehouse to try it with."""

from __future__ import annotations

import secrets
from pathlib import Path

import click
from sqlalchemy import insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from sync.store import tables as t
from sync.store.commands.context import (
    StoreContext,
    does_not_open,
    fail,
    pass_context,
    progress,
    refuse,
    shown_url,
)
from sync.store.commands.orders import read_files
from sync.store.database import Database, UnusableDatabase
from sync.store.importers.profile import ProfileRefused, load_profile
from sync.store.importers.records import FileRefused
from sync.store.schema import SchemaRefused, Standing, create_or_upgrade
from sync.store.warehouse.catalogue import read_catalogue
from sync.store.warehouse.demo import DemoRefused, demo_warehouse


@click.command("init")
@pass_context
def init(context: StoreContext) -> None:
    """Make the store's tables, or bring those of an older version up to date. Safe to call again."""
    url = make_url(context.db_url)
    try:
        if url.get_backend_name() == "sqlite" and url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        before = create_or_upgrade(context.db_url)
        database = Database(context.db_url)
    except (SchemaRefused, UnusableDatabase) as error:
        fail(str(error))
    except (DBAPIError, OSError) as error:
        fail(does_not_open(context.db_url, error))
    incarnation = found(database)
    database.close()
    what = "is there already" if before.standing is Standing.CURRENT else "is ready"
    context.answer(
        {"database": shown_url(context.db_url), "was": before.standing, "incarnation": incarnation},
        f"the store in {shown_url(context.db_url)} {what}",
    )


def found(database: Database) -> str:
    """Give the store its incarnation unless it has one; returns it."""
    with database.engine.connect().execution_options(floorhand_write=True) as conn, conn.begin():
        known = conn.execute(select(t.store.c.incarnation)).scalar_one_or_none()
        if known is not None:
            return str(known)
        incarnation = secrets.token_hex(16)
        conn.execute(insert(t.store), {"one": 1, "incarnation": incarnation, "created_at": database.now()})
        return incarnation


@click.command("demo-warehouse")
@click.option(
    "--catalogue",
    "catalogue",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path),
    help="An order or item file; its goods become the warehouse's items. May be given several times.",
)
@click.argument("more", nargs=-1, type=click.Path(path_type=Path))
@click.option("--profile", "profile_name", default="online-retail", show_default=True, help="How the files are read.")
@click.option("--name", default="Demo warehouse", show_default=True)
@click.option("--seed", default=1, show_default=True, help="Another seed makes another warehouse of the same goods.")
@click.option(
    "--all-ways", is_flag=True, help="With a put wall, rules for every way of picking, serials, catch weight."
)
@pass_context
def demo_warehouse_command(
    context: StoreContext,
    catalogue: tuple[Path, ...],
    more: tuple[Path, ...],
    profile_name: str,
    name: str,
    seed: int,
    all_ways: bool,
) -> None:
    """Make the site a demo warehouse that keeps the goods of these files. Called again, it adds only new items."""
    try:
        items = read_catalogue(load_profile(profile_name), read_files([*catalogue, *more]))
    except (ProfileRefused, FileRefused) as error:
        fail(str(error))
    with context.database() as database, progress("stocking", quiet=context.as_json) as step:
        try:
            with database.write(context.site_id) as work:
                done = demo_warehouse(work, items, name=name, seed=seed, all_ways=all_ways, progress=step)
        except DemoRefused as error:
            refuse(str(error))
    text = (
        f"site {context.site_id}: {done.items_new} new items ({done.items_known} known) with {done.pieces_new} pieces, "
        f"{done.locations_new} new locations, {done.totes_new} totes, {done.workers_new} workers"
    )
    if done.orders_released:
        text += f"\n{len(done.orders_released)} orders had waited for these items and are free now"
    context.answer(done, text)

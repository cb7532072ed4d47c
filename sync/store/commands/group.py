"""`floor store`: the central order store from the command line."""

from __future__ import annotations

import click

from sync.record.ids import SiteId
from sync.store.commands.context import StoreContext, as_url, default_url
from sync.store.commands.founding import demo_warehouse_command, init
from sync.store.commands.orders import holds, import_orders, release_hold_command
from sync.store.commands.serving import serve
from sync.store.commands.work import reconcile_command, release_command, report_command, ship_command


@click.group("store")
@click.option("--db", help="SQLAlchemy URL or path of an SQLite file. Default: $FLOORHAND_DB, else the data directory.")
@click.option("--site", default="DEMO", show_default=True, envvar="FLOORHAND_SITE", help="Which site of the store.")
@click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document.")
@click.pass_context
def store(click_context: click.Context, db: str | None, site: str, as_json: bool) -> None:
    """The central order store: orders in, stock, pick lists, what happened to everything.

    Exit codes: 0 done; 1 something was refused or does not add up; 2 wrong usage; 3 the database, a file or a port
    cannot be used.
    """
    click_context.obj = StoreContext(as_url(db) if db else default_url(), SiteId(site), as_json)


for command in (
    init,
    demo_warehouse_command,
    import_orders,
    holds,
    release_hold_command,
    release_command,
    serve,
    ship_command,
    report_command,
    reconcile_command,
):
    store.add_command(command)

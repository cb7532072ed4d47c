"""`floor store`: the central order store from the command line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from sync.store.commands.context import DEFAULT_SITE, StoreContext, as_url, default_site, default_url, site_named
from sync.store.commands.founding import demo_warehouse_command, init
from sync.store.commands.leading import discrepancies_command, settle_command
from sync.store.commands.orders import holds, import_orders, release_hold_command
from sync.store.commands.serving import serve
from sync.store.commands.work import reconcile_command, release_command, report_command, ship_command

_DB = "SQLAlchemy URL or path of an SQLite file. Default: $FLOORHAND_DB, else the data directory."
_SITE = f"Which site of the store. Default: $FLOORHAND_SITE, else {DEFAULT_SITE}."
_JSON = "Answer with one JSON document."


def _common_options() -> list[click.Parameter]:
    """Understood before the subcommand and behind it alike."""
    return [
        click.Option(["--db"], help=_DB),
        click.Option(["--site"], help=_SITE),
        click.Option(["--json", "as_json"], is_flag=True, help=_JSON),
    ]


def _with_options(context: StoreContext, db: str | None, site: str | None, as_json: bool) -> StoreContext:
    return replace(
        context,
        db_url=as_url(db) if db else context.db_url,
        site_id=site_named(site) if site else context.site_id,
        as_json=as_json or context.as_json,
    )


class _StoreGroup(click.Group):
    """Gives every subcommand the common options too."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        cmd.params = [*cmd.params, *_common_options()]
        run = cmd.callback

        @click.pass_context
        def with_options(
            click_context: click.Context, /, *, db: str | None, site: str | None, as_json: bool, **values: Any
        ) -> Any:
            click_context.obj = _with_options(click_context.obj, db, site, as_json)
            return None if run is None else click_context.invoke(run, **values)

        cmd.callback = with_options
        super().add_command(cmd, name)


@click.group("store", cls=_StoreGroup)
@click.pass_context
def store(click_context: click.Context, db: str | None, site: str | None, as_json: bool) -> None:
    """The central order store: orders in, stock, pick lists, what happened to everything.

    Exit codes: 0 done; 1 something was refused or does not add up; 2 wrong usage; 3 the database, a file or a port
    cannot be used.
    """
    click_context.obj = _with_options(StoreContext(default_url(), site_named(default_site()), False), db, site, as_json)


store.params.extend(_common_options())
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
    discrepancies_command,
    settle_command,
):
    store.add_command(command)

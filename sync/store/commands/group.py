"""`floor store`: the central order store from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import click
import msgspec

from sync.store.commands.access import certificate_command, enrol_command, revoke_command
from sync.store.commands.auditing import audit_command
from sync.store.commands.batches import batch_command
from sync.store.commands.carrier_labels import carrier_label_command
from sync.store.commands.context import (
    DEFAULT_SITE,
    WANTS_JSON,
    StoreContext,
    as_url,
    default_site,
    default_url,
    site_named,
)
from sync.store.commands.counts import count_ask, counts_command
from sync.store.commands.founding import demo_warehouse_command, init
from sync.store.commands.keeping import backup_command, keep_command, quarantine_command, restored_command
from sync.store.commands.leading import discrepancies_command, move_command, settle_command, terminals_command
from sync.store.commands.orders import cancel_command, hold_command, holds, import_orders, release_hold_command
from sync.store.commands.people import (
    key_add,
    key_list,
    key_revoke,
    worker_add,
    worker_deactivate,
    worker_list,
    worker_set_pin,
    worker_set_roles,
)
from sync.store.commands.replenishing import replenish_command
from sync.store.commands.serving import serve
from sync.store.commands.site_files import file_command
from sync.store.commands.two_persons import confirm_command, confirmations_command
from sync.store.commands.verifying import verify_command
from sync.store.commands.work import reconcile_command, release_command, report_command, ship_command
from sync.store.commands.zones import zone_assign, zone_clear, zone_end, zone_list

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


@contextmanager
def _wrong_usage(*, as_json: bool) -> Iterator[None]:
    """What click says of wrong options, as JSON where that is wanted."""
    try:
        yield
    except click.ClickException as error:
        if not as_json:
            raise
        click.echo(msgspec.json.encode({"error": "usage", "text": error.format_message()}).decode())
        raise SystemExit(error.exit_code) from error


def _with_options(context: StoreContext, db: str | None, site: str | None, as_json: bool) -> StoreContext:
    return replace(
        context,
        db_url=as_url(db) if db else context.db_url,
        site_id=site_named(site) if site else context.site_id,
        as_json=as_json or context.as_json,
    )


class _StoreGroup(click.Group):
    """Gives every subcommand the common options too, and every error the form that was asked for."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        with _wrong_usage(as_json="--json" in args):
            return super().make_context(info_name, args, parent, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[WANTS_JSON] = ctx.meta.get(WANTS_JSON, False) or "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with _wrong_usage(as_json=ctx.meta[WANTS_JSON]):
            return super().invoke(ctx)

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
    cannot be used. With --json an error is one document too, on standard output: {"error": ..., "text": ...}.
    """
    click_context.obj = _with_options(StoreContext(default_url(), site_named(default_site()), False), db, site, as_json)


worker = _StoreGroup("worker", help="Who works at the site: badges, roles, PINs.")
for command in (worker_add, worker_set_pin, worker_set_roles, worker_deactivate, worker_list):
    worker.add_command(command)
zone = _StoreGroup("zone", help="Who picks in which zone, and a zone's end of shift.")
for command in (zone_list, zone_assign, zone_clear, zone_end):
    zone.add_command(command)
count = _StoreGroup("count", help="Have locations counted; floor store counts shows what became of it.")
count.add_command(count_ask)
key = _StoreGroup("key", help="Keys of programs and people that ask over the network.")
for command in (key_add, key_list, key_revoke):
    key.add_command(command)

store.params.extend(_common_options())
for command in (
    init,
    demo_warehouse_command,
    import_orders,
    holds,
    hold_command,
    release_hold_command,
    cancel_command,
    carrier_label_command,
    release_command,
    batch_command,
    counts_command,
    serve,
    enrol_command,
    revoke_command,
    certificate_command,
    ship_command,
    report_command,
    reconcile_command,
    discrepancies_command,
    settle_command,
    move_command,
    terminals_command,
    audit_command,
    verify_command,
    file_command,
    replenish_command,
    worker,
    zone,
    count,
    key,
    keep_command,
    backup_command,
    restored_command,
    quarantine_command,
    confirm_command,
    confirmations_command,
):
    store.add_command(command)

"""What needs a person's decision: discrepancies."""

from __future__ import annotations

import click

from sync.store.commands.context import EXIT_REFUSED, StoreContext, pass_context, person
from sync.store.discrepancies import Discrepancy, SettlementRefused, discrepancies, settle


@click.command("discrepancies")
@click.option("--all", "everything", is_flag=True, help="Settled ones too.")
@pass_context
def discrepancies_command(context: StoreContext, everything: bool) -> None:
    """Where record and floor disagree: each with everything that is known of it."""
    with context.database() as database, database.read() as conn:
        context.need_site(conn, built=False)
        found = discrepancies(conn, context.site_id, settled=everything)
    context.answer(found, "\n".join(map(_text, found)) or "Record and floor agree.")


def _text(one: Discrepancy) -> str:
    who = " ".join(filter(None, (one.worker_id, one.terminal_id)))
    lines = [f"{one.discrepancy_id}  {one.kind}: {one.text}", f"    {one.opened_at:%Y-%m-%d %H:%M} UTC  {who}"]
    if one.settled_at is not None:
        lines.append(f"    settled by {one.settled_by} on {one.settled_at:%Y-%m-%d %H:%M} UTC: {one.settlement}")
    return "\n".join(lines)


@click.command("settle")
@click.argument("discrepancy_id")
@click.option("--by", required=True, callback=person, help="Who decides: it stands in the record.")
@click.option("--how", required=True, callback=person, help="What was found and what was done about it.")
@pass_context
def settle_command(context: StoreContext, discrepancy_id: str, by: str, how: str) -> None:
    """Settle a discrepancy: say what was found and done about it."""
    with context.database() as database:
        try:
            with database.write(context.site_id) as work:
                settle(work, discrepancy_id, by=by, how=how)
        except SettlementRefused as refused:
            click.echo(f"floor store: {refused}", err=True)
            raise SystemExit(EXIT_REFUSED) from refused
    context.answer({"settled": discrepancy_id, "by": by, "how": how}, f"{discrepancy_id}: settled by {by}")

"""`floor store counts` and `floor store count ask`."""

from __future__ import annotations

import click

from sync.record.ids import ItemId, LocationCode
from sync.store.commands.context import StoreContext, pass_context, person, refuse
from sync.store.leading.counts import Adjustment, CountRefused, CountStanding, adjustments, ask, counts


@click.command("counts")
@click.option("--open", "only_open", is_flag=True, help="Only those that are not done.")
@click.option(
    "--why", multiple=True, help="Only those asked for because of this, e.g. short. May be given several times."
)
@click.option("--adjusted", is_flag=True, help="Instead: what counts have changed, with reason and author.")
@pass_context
def counts_command(context: StoreContext, only_open: bool, why: tuple[str, ...], adjusted: bool) -> None:
    """Show the counts of locations: why each was asked for, who counts or has counted, and what was found first."""
    with context.database() as database, database.read() as conn:
        context.need_site(conn)
        if adjusted:
            changed = adjustments(conn, context.site_id)
            context.answer(changed, "\n".join(map(_adjustment, changed)) or "no count has changed anything")
            return
        found = counts(conn, context.site_id, only_open=only_open, why=why)
    context.answer(found, "\n".join(map(_count, found)) or "no counts")


def _count(one: CountStanding) -> str:
    what = one.location if one.item_id is None else f"{one.location}, only {one.item_id}"
    who = " ".join(filter(None, (one.worker_id, one.terminal_id)))
    lines = [f"count {one.task_id}  {what}: {one.status}" + (f" by {who}" if who else "")]
    lines.append(f"    asked for {one.opened_at:%Y-%m-%d %H:%M} UTC because of {one.why} ({one.cause})")
    if one.not_by is not None:
        finds = ", ".join(
            f"{find.pieces} of {find.item_id}" + (f" lot {find.lot}" if find.lot else "") for find in one.first_finds
        )
        lines.append(f"    {one.not_by} found {finds or 'nothing'}, the record said otherwise: somebody else counts")
    return "\n".join(lines)


def _adjustment(one: Adjustment) -> str:
    lot = f" lot {one.lot}" if one.lot else ""
    return f"{one.at:%Y-%m-%d %H:%M} UTC  {one.location}  {one.item_id}{lot}: {one.pieces:+d}  {one.reason} by {one.by}"


@click.command("ask")
@click.argument("location")
@click.option("--item", "item_id", help="Only this item. Without: all that is there.")
@click.option("--by", required=True, callback=person, help="Who asks: it stands in the record.")
@pass_context
def count_ask(context: StoreContext, location: str, item_id: str | None, by: str) -> None:
    """Have a location counted, blind, by whoever is free for it."""
    of_item = None if item_id is None else ItemId(item_id)
    with context.database() as database:
        try:
            done = database.run(context.site_id, lambda work: ask(work, LocationCode(location), of_item, by))
        except CountRefused as refused:
            refuse(str(refused))
    context.answer(done, _count(done))

"""What pickers ask for at locations."""

from __future__ import annotations

import click

from sync.record.ids import LocationCode
from sync.store.commands.auditing import person_or_operator
from sync.store.commands.context import StoreContext, pass_context, refuse
from sync.store.leading.replenishing import NothingAsked, replenished, to_replenish


@click.command("replenish")
@click.option("--done", "location", help="All that is asked for at this location was brought.")
@click.option(
    "--by", help="Who says so: it stands in the record. Default: the machine's user.", callback=person_or_operator
)
@pass_context
def replenish_command(context: StoreContext, location: str | None, by: str) -> None:
    """What pickers ask for at locations, the longest wait first."""
    with context.database() as database:
        if location is None:
            with database.read() as conn:
                context.need_site(conn)
                found = to_replenish(conn, context.site_id)
            lines = [f"{one.location}  {one.item_id}  since {one.asked_at:%Y-%m-%d %H:%M} UTC" for one in found]
            context.answer(found, "\n".join(lines) or "Nothing is asked for.")
            return
        try:
            with database.write(context.site_id) as work:
                context.need_site(work.conn)
                items = replenished(work, LocationCode(location), by=by)
        except NothingAsked as error:
            refuse(str(error))
    context.answer({"location": location, "items": items}, f"{location}: {items} items were brought")

"""`floor store batch`: what became of the pieces of batches that are sorted at put walls."""

from __future__ import annotations

import click
import msgspec

from sync.store.commands.context import StoreContext, pass_context, refuse
from sync.store.leading.batches import BatchAccount, batch_accounts


@click.command("batch")
@click.argument("number", type=click.IntRange(min=1), required=False)
@pass_context
def batch_command(context: StoreContext, number: int | None) -> None:
    """Show one batch of bulk picking, or all: its lists and totes, and where its picked pieces are."""
    with context.database() as database, database.read() as conn:
        context.need_site(conn)
        found = batch_accounts(conn, context.site_id, None if number is None else [number])
    if number is not None and not found:
        refuse(f"There is no batch {number} at this site. floor store batch lists them.")
    answer = [{**msgspec.to_builtins(one), "difference": one.difference} for one in found]
    context.answer(answer, "\n".join(map(_text, found)) or "there are no batches yet")


def _text(one: BatchAccount) -> str:
    wall = "no wall yet" if one.wall is None else f"wall {one.wall}"
    where = f"put {one.put}, in totes {one.in_totes}, returned {one.returned}, reported {one.reported}"
    lists = f"{one.lists} lists ({one.lists_left} still picked), {one.totes} totes with pieces in them"
    open_pieces = f", unaccounted for {one.difference}" if one.difference else ""
    return f"batch {one.batch_id}: {one.status}, {wall}, {lists}\n  picked {one.picked} = {where}{open_pieces}"
